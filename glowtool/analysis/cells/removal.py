"""A recording without its bad cells: a head's other cell stands for both, and a head without a good cell has no data.

The same stages as in the stream compute filtered pressure, contact and strokes again, from the calibrated cells.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from glowtool.analysis.cells.faults import paired_cells
from glowtool.analysis.recordings.recording import Strokes
from glowtool.stream.block import Reading
from glowtool.stream.columns import derived_columns
from glowtool.stream.contact import ContactDetector
from glowtool.stream.filters import LowPass, LowPassSettings
from glowtool.stream.strokes.segmenter import StrokeSegmenter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowtool.analysis.cells.faults import CellFault
    from glowtool.analysis.recordings.recording import Floats, Ints, Recording, Samples
    from glowtool.stream.block import Columns, Stroke
    from glowtool.stream.heads import Head
    from glowtool.stream.layout import Layout
    from glowtool.stream.registry import Stage


def without_cells(recording: Recording, faults: tuple[CellFault, ...]) -> Recording:
    """Return the recording without the readings of bad cells; the same recording when no cell is bad."""
    if not faults:
        return recording
    since = {fault.cell: fault.since for fault in faults}
    cells, silent = _spoken_for(recording, since)
    again = made_again(recording, cells)
    speaks = {head: np.arange(len(recording.samples)) < row for head, row in silent.items()}
    samples = replace(
        again.samples,
        cells_kpa=recording.samples.cells_kpa,
        pressure_kpa={
            head: np.where(speaks[head], values, np.nan) for head, values in again.samples.pressure_kpa.items()
        },
        contact={head: values & speaks[head] for head, values in again.samples.contact.items()},
    )
    strokes, spoken = again.strokes, np.ones(len(again.strokes), np.bool_)
    for head, row in silent.items():
        until_us = int(samples.device_time_us[min(row, len(samples) - 1)])
        spoken &= (strokes.head != head.value) | (strokes.end_us <= until_us)
    return replace(again, samples=samples, strokes=strokes.where(spoken))


def made_again(recording: Recording, cells: Mapping[str, Floats]) -> Recording:
    """Return the recording with these cells and the stream's results for them; with strokes only if there is travel."""
    columns, strokes = _columns_and_strokes(recording, cells)
    samples = replace(
        recording.samples,
        cells_kpa=cells,
        pressure_kpa={head: columns[f"pressure_{head}_kpa"] for head in recording.layout.names},
        contact={head: columns[f"contact_{head}"].astype(np.bool_) for head in recording.layout.names},
    )
    kept = _columns_of(samples, strokes) if samples.travel_mm else recording.strokes
    return replace(recording, samples=samples, strokes=kept)


def _spoken_for(recording: Recording, since: Mapping[str, int]) -> tuple[dict[str, Floats], dict[Head, int]]:
    """Return the cells with each bad one replaced by its neighbour, and the row from which each head has none left."""
    samples, pairs = recording.samples, paired_cells(recording.layout)
    cells = {name: values.copy() for name, values in samples.cells_kpa.items()}
    silent = {}
    for head, (one, other) in zip(recording.layout.names, pairs or (), strict=True):
        ends = {name: since.get(name, len(samples)) for name in (one, other)}
        for name, neighbour in ((one, other), (other, one)):
            cells[name][ends[name] :] = samples.cells_kpa[neighbour][ends[name] :]
        silent[head] = max(ends.values())
    return cells, silent


def _columns_and_strokes(
    recording: Recording, cells: Mapping[str, Floats]
) -> tuple[dict[str, Floats], tuple[Stroke, ...]]:
    segmenter = StrokeSegmenter()
    stages: tuple[Stage, ...] = (
        LowPass(LowPassSettings(recording.rate_hz)),
        ContactDetector(),
        segmenter,
    )
    names = tuple(column.name for column in derived_columns(recording.layout.names))
    made: dict[str, list[Floats]] = {}
    strokes: list[Stroke] = []
    for reading in _readings(recording, cells):
        done = reading
        for stage in stages:
            done = stage.process(done)
        strokes += done.strokes
        for name in names:
            made.setdefault(name, []).append(np.asarray(done.columns[name], np.float64))
    rest = segmenter.flush()
    strokes += rest.strokes
    return {name: np.concatenate(parts) for name, parts in made.items()}, tuple(strokes)


def _with_ways(recording: Recording) -> Layout:
    """Return the layout with the travel of only those heads whose travel the recording has."""
    known = recording.samples.travel_mm
    heads = (replace(each, travel=each.travel if each.travel in known else None) for each in recording.layout.heads)
    return replace(recording.layout, heads=tuple(heads))


def _readings(recording: Recording, cells: Mapping[str, Floats]) -> Iterator[Reading]:
    """Yield the samples between gaps as the stream had them."""
    samples, layout = recording.samples, _with_ways(recording)
    edges = np.concatenate(([0], np.flatnonzero(np.diff(samples.sample) != 1) + 1, [len(samples)]))
    for start, stop in pairwise(edges):
        columns: Columns = {cell.column: cells[cell.channel][start:stop] for cell in layout.cells}
        columns |= {name: values[start:stop] for name, values in samples.travel_mm.items()}
        columns |= {"sample": samples.sample[start:stop], "device_time_us": samples.device_time_us[start:stop]}
        first, time_us = int(samples.sample[start]), int(samples.device_time_us[start])
        yield Reading(first, recording.rate_hz, time_us, stop - start, columns, layout)


def _columns_of(samples: Samples, strokes: tuple[Stroke, ...]) -> Strokes:
    rows = np.clip(np.searchsorted(samples.sample, [each.start_sample for each in strokes]), 0, len(samples) - 1)
    return Strokes(
        np.array([each.head.value for each in strokes], np.str_),
        _whole([each.start_us for each in strokes]),
        _whole([each.end_us for each in strokes]),
        np.array([each.length_mm for each in strokes], np.float64),
        np.array([each.peak_kpa for each in strokes], np.float64),
        samples.step[rows.astype(np.int64)],
    )


def _whole(values: list[int]) -> Ints:
    return np.array(values, np.int64)
