"""A recording without its bad cells: a head's other cell speaks for both, and a head that has none is silent.

The columns that the stream made, filtered pressure, contact and strokes, are made again by the same stages, from the
calibrated cells.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from glowtool.analysis.cell_faults import HEADS
from glowtool.analysis.recording import Strokes
from glowtool.protocol.channels import CHANNELS
from glowtool.stream.block import Head, Reading
from glowtool.stream.columns import fast_channels
from glowtool.stream.contact import ContactDetector
from glowtool.stream.filters import LowPass, LowPassSettings
from glowtool.stream.strokes import StrokeSegmenter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowtool.analysis.cell_faults import CellFault
    from glowtool.analysis.recording import Bools, Floats, Ints, Recording, Samples
    from glowtool.stream.block import Columns, Stroke
    from glowtool.stream.registry import Stage


def without_cells(recording: Recording, faults: tuple[CellFault, ...]) -> Recording:
    """Return the recording as it is without what bad cells said; the same one when there are none."""
    if not faults:
        return recording
    since = {fault.cell: fault.since for fault in faults}
    cells, silent = _spoken_for(recording.samples, since)
    again = made_again(recording, cells)
    left, right = (np.arange(len(recording.samples)) < row for row in silent)
    samples = replace(
        again.samples,
        cells_kpa=recording.samples.cells_kpa,
        pressure_l_kpa=np.where(left, again.samples.pressure_l_kpa, np.nan),
        pressure_r_kpa=np.where(right, again.samples.pressure_r_kpa, np.nan),
        contact_l=again.samples.contact_l & left,
        contact_r=again.samples.contact_r & right,
    )
    until_us = [int(samples.device_time_us[min(row, len(samples) - 1)]) for row in silent]
    strokes = again.strokes
    spoken = strokes.end_us <= np.where(strokes.is_left, *until_us)
    return replace(again, samples=samples, strokes=strokes.where(spoken))


def made_again(recording: Recording, cells: Mapping[str, Floats]) -> Recording:
    """Return the recording with these cells and what the stream makes of them; strokes only where travel is there."""
    columns, strokes = _columns_and_strokes(recording, cells)
    samples = replace(
        recording.samples,
        cells_kpa=cells,
        pressure_l_kpa=columns["pressure_l_kpa"],
        pressure_r_kpa=columns["pressure_r_kpa"],
        contact_l=columns["contact_l"].astype(np.bool_),
        contact_r=columns["contact_r"].astype(np.bool_),
    )
    kept = _columns_of(samples, strokes) if samples.travel_mm else recording.strokes
    return replace(recording, samples=samples, strokes=kept)


def _spoken_for(samples: Samples, since: Mapping[str, int]) -> tuple[dict[str, Floats], tuple[int, int]]:
    """Return the cells with each bad one replaced by its neighbour, and from which row on each head has none left."""
    cells = {name: values.copy() for name, values in samples.cells_kpa.items()}
    silent = []
    for one, other in HEADS:
        ends = {name: since.get(name, len(samples)) for name in (one, other)}
        for name, neighbour in ((one, other), (other, one)):
            cells[name][ends[name] :] = samples.cells_kpa[neighbour][ends[name] :]
        silent.append(max(ends.values()))
    return cells, (silent[0], silent[1])


def _columns_and_strokes(
    recording: Recording, cells: Mapping[str, Floats]
) -> tuple[dict[str, Floats], tuple[Stroke, ...]]:
    segmenter = StrokeSegmenter()
    stages: tuple[Stage, ...] = (
        LowPass(LowPassSettings(fast_channels(CHANNELS), recording.rate_hz)),
        ContactDetector(),
        segmenter,
    )
    made: dict[str, list[Floats]] = {}
    strokes: list[Stroke] = []
    for reading in _readings(recording, cells):
        done = reading
        for stage in stages:
            done = stage.process(done)
        strokes += done.strokes
        for name in (f"{what}_{head}{unit}" for what, unit in (("pressure", "_kpa"), ("contact", "")) for head in Head):
            made.setdefault(name, []).append(np.asarray(done.columns[name], np.float64))
    rest = segmenter.flush()
    strokes += rest.strokes
    return {name: np.concatenate(parts) for name, parts in made.items()}, tuple(strokes)


def _readings(recording: Recording, cells: Mapping[str, Floats]) -> Iterator[Reading]:
    """Yield the samples between gaps as the stream had them."""
    samples = recording.samples
    edges = np.concatenate(([0], np.flatnonzero(np.diff(samples.sample) != 1) + 1, [len(samples)]))
    for start, stop in pairwise(edges):
        columns: Columns = {f"{name}_kpa": values[start:stop] for name, values in cells.items()}
        columns |= {f"{name}_mm": values[start:stop] for name, values in samples.travel_mm.items()}
        columns |= {"sample": samples.sample[start:stop], "device_time_us": samples.device_time_us[start:stop]}
        yield Reading(
            int(samples.sample[start]), recording.rate_hz, int(samples.device_time_us[start]), stop - start, columns
        )


def _columns_of(samples: Samples, strokes: tuple[Stroke, ...]) -> Strokes:
    rows = np.clip(np.searchsorted(samples.sample, [each.start_sample for each in strokes]), 0, len(samples) - 1)
    return Strokes(
        _flags([each.head is Head.LEFT for each in strokes]),
        _whole([each.start_us for each in strokes]),
        _whole([each.end_us for each in strokes]),
        np.array([each.length_mm for each in strokes], np.float64),
        np.array([each.peak_kpa for each in strokes], np.float64),
        samples.step[rows.astype(np.int64)],
    )


def _flags(values: list[bool]) -> Bools:
    return np.array(values, np.bool_)


def _whole(values: list[int]) -> Ints:
    return np.array(values, np.int64)
