"""The way from a recording to its summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glowtool.analysis.cells.faults import find_cell_faults
from glowtool.analysis.cells.removal import without_cells
from glowtool.analysis.measuring.metrics import DOSE_METRICS, HEAD_METRICS, SYMMETRY_METRICS, Values, compute_all
from glowtool.analysis.measuring.movements import bridged
from glowtool.analysis.measuring.parts import HeadPart, Parts, ScopePart
from glowtool.analysis.recordings.recording import gaps_in_steps, interrupted_s
from glowtool.analysis.summary import BadCell, Quality, Scope, SessionSummary, StepSummary, Verdict, ZoneSummary
from glowtool.analysis.verdicts import shares_of, verdict
from glowtool.model.face import Zone
from glowtool.stream.heads import Head
from glowtool.stream.quality.kinds import MEANINGS
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Collection

    from glowtool.analysis.cells.faults import CellFault
    from glowtool.analysis.recordings.recording import Floats, Recording, StepInfo
    from glowtool.stream.layout import Cell


def analyse(recording: Recording) -> SessionSummary:
    """Return the summary of a recording; values that were not measured are None.

    Readings of bad cells are in no measure; the quality names these cells.
    """
    faults = find_cell_faults(recording)
    parts = Parts(without_cells(recording, faults))
    whole = _scope(parts.cut(None))
    return SessionSummary(
        recording.facts,
        whole,
        _sides(parts),
        tuple(_step(parts, step) for step in recording.steps),
        tuple(_zone(parts, zone) for zone in sorted({step.zone for step in recording.steps})),
        _quality(recording, faults, whole),
        recording.caution_kpa,
    )


def _scope(part: ScopePart) -> Scope:
    return Scope(
        part.observed_s,
        part.lost_s,
        _measured(part.heads.get(Head.LEFT)),
        _measured(part.heads.get(Head.RIGHT)),
        _measured(part.both),
        _symmetry(part.heads.get(Head.LEFT), part.heads.get(Head.RIGHT)),
        compute_all(DOSE_METRICS, part.dose),
    )


def _measured(part: HeadPart | None) -> Values:
    """Return the measures of a head; for a head that is absent, or has no data, every value is None."""
    return dict.fromkeys(metric.key for metric in HEAD_METRICS) if part is None else compute_all(HEAD_METRICS, part)


def _symmetry(left: HeadPart | None, right: HeadPart | None) -> Values:
    if left is None or right is None:
        return dict.fromkeys(metric.key for metric in SYMMETRY_METRICS)
    return compute_all(SYMMETRY_METRICS, (left, right))


def _step(parts: Parts, step: StepInfo) -> StepSummary:
    return StepSummary(
        step.index,
        step.title,
        step.zone,
        step.direction,
        step.planned_s,
        step.band_low_kpa,
        step.band_high_kpa,
        _scope(parts.cut({step.index})),
    )


def _zone(parts: Parts, zone: Zone) -> ZoneSummary:
    steps = [step for step in parts.recording.steps if step.zone is zone]
    both = parts.cut({step.index for step in steps}).both
    values = _measured(both)
    return ZoneSummary(
        zone,
        None if both is None else both.contact_s,
        values["mean_pressure_kpa"],
        values["time_in_band_share"],
        tuple(dict.fromkeys((step.band_low_kpa, step.band_high_kpa) for step in steps)),
        Verdict.UNKNOWN if both is None else verdict(shares_of(both, values)),
    )


def _sides(parts: Parts) -> Values:
    """Return the symmetry of the two sides of the face, from the zones that the routine treats on both sides."""
    worked = {step.zone for step in parts.recording.steps}
    pairs = [(zone, twin) for zone in worked if (twin := right_twin(zone)) in worked]
    left, right = (_zones_part(parts, {pair[side] for pair in pairs}) for side in (0, 1))
    return _symmetry(left, right)


def right_twin(zone: Zone) -> Zone | None:
    """Return the zone on the right that mirrors one on the left; None for any other zone."""
    return Zone[zone.name.replace("_LEFT", "_RIGHT")] if zone.name.endswith("_LEFT") else None


def _zones_part(parts: Parts, zones: Collection[Zone]) -> HeadPart | None:
    return parts.cut({step.index for step in parts.recording.steps if step.zone in zones}).both


def _quality(recording: Recording, faults: tuple[CellFault, ...], whole: Scope) -> Quality:
    samples, over_gaps, layout = recording.samples, bridged(recording), recording.layout
    cells = {cell.channel: cell for cell in layout.cells if cell.channel in samples.cells_kpa}
    return Quality(
        recording.rate_hz,
        len(samples),
        round(whole.observed_s * recording.rate_hz),
        round(whole.lost_s * recording.rate_hz),
        gaps_in_steps(recording),
        dict(recording.facts.counters),
        {name: _saturated_share(samples.cells_kpa[name], cell) for name, cell in cells.items()},
        tuple(_bad_cell(recording, fault) for fault in faults),
        (*recording.facts.damage, *_only_live(recording, faults)),
        over_gaps.movements,
        over_gaps.gap_s,
        interrupted_s(recording),
        layout,
    )


def _only_live(recording: Recording, faults: tuple[CellFault, ...]) -> tuple[str, ...]:
    """Return the sentences on cells that only the stream found to be bad: the whole massage does not show it."""
    left_out = {fault.cell for fault in faults}
    told = recording.facts.failed_cells
    return tuple(f"{told[cell]} That was told live; it is in the measures." for cell in told if cell not in left_out)


def _saturated_share(values: Floats, cell: Cell) -> float:
    # Half a raw step below the maximum, so that rounding in the calibration does not hide it.
    return float(np.mean(values >= cell.full_kpa - cell.step_kpa / 2)) if len(values) else 0.0


def _bad_cell(recording: Recording, fault: CellFault) -> BadCell:
    times_us = recording.samples.device_time_us
    from_s = (int(times_us[fault.since]) - int(times_us[0])) / MICROSECONDS_PER_SECOND
    return BadCell(fault.cell, fault.kind, MEANINGS[fault.kind], from_s)
