"""The reading of a session's log into a recording: only this module of the analysis knows the format of a log."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.analysis.analyse import analyse
from glowtool.analysis.recordings.delivered import Outputs, delivered
from glowtool.analysis.recordings.pauses import ran_until_us, said_pauses, silent_pauses
from glowtool.analysis.recordings.recording import (
    CAUTION_KPA,
    Facts,
    Gap,
    Recording,
    Samples,
    StepInfo,
    Strokes,
    disjoint,
)
from glowtool.errors import LogDamagedError
from glowtool.model.ceilings import CeilingId
from glowtool.model.names import key_of, name_of
from glowtool.model.program import NO_STEP
from glowtool.safety.dose import most_of_all
from glowtool.store.bounds import NUMBER_MAX
from glowtool.store.logs.cells import cells_told
from glowtool.store.logs.damage import damage_told
from glowtool.store.tables.program import program_of
from glowtool.stream.columns import distinct_channels
from glowtool.stream.layout import Layout, layout_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from glowtool.analysis.recordings.pauses import Span
    from glowtool.analysis.recordings.recording import Floats, Ints
    from glowtool.analysis.summary import SessionSummary
    from glowtool.model.program import Step
    from glowtool.safety.dose import Dose
    from glowtool.store.logs.log import SessionLog
    from glowtool.store.tables.manifest import Manifest
    from glowtool.stream.block import Columns

#: What stands for a routine in the facts of a free recording.
NO_ROUTINE: Final = "no routine"

_NEEDED: Final = ("sample", "device_time_us", "step")
_STROKE_COLUMNS: Final = ("start_us", "end_us", "length_mm", "peak_kpa", "step")


def analyse_log(log: SessionLog) -> SessionSummary:
    """Return the summary of a session's log, finished or not; raises `StoreError` when it cannot be read."""
    return analyse(recording_of(log))


def recording_of(log: SessionLog) -> Recording:
    """Return a log's columns and facts as a recording; raises `StoreError` when it cannot be read."""
    manifest, layout = log.manifest, layout_in(log)
    samples, strokes = _samples(log, layout), _strokes(log)
    program, events = program_of(manifest), sorted(log.events(), key=lambda event: event.device_time_us)
    said = ran_until_us(events)
    end_us = max((span.end_us for span in manifest.steps), default=0)
    paused_us = (
        *said_pauses(events, end_us),
        *silent_pauses(events, samples, program, said),
        *((until, lost) for lost, until in said.items() if until < lost),
    )
    return Recording(
        _facts(log),
        manifest.rate_hz,
        replace(samples, step=running(samples.step, samples.device_time_us, paused_us)),
        replace(strokes, step=running(strokes.step, strokes.start_us, paused_us)),
        tuple(Gap(gap.first_sample, gap.count) for gap in log.gaps()),
        steps_of(manifest, program, paused_us, said),
        layout,
        caution_in(manifest),
    )


def delivered_in(log: SessionLog, zero_us: int | None = None) -> Dose | None:
    """Return what a roller delivered by its log, finished or not; None when the log does not hold its outputs.

    Never less than it was. `zero_us` is the device time at which the roller told at the end that its outputs are zero.
    Raises `StoreError` when the log cannot be read.
    """
    layout, program = layout_in(log), program_of(log.manifest)
    asked = most_of_all(program)
    if (asked.amplitude > 0 and not layout.amplitudes) or (asked.peak_ua > 0 and not layout.peaks):
        return None
    samples = _samples(log, layout)
    nothing = np.zeros(len(samples))
    outputs = Outputs(
        samples.sample,
        samples.device_time_us,
        samples.step,
        nothing if samples.amplitude is None else samples.amplitude,
        nothing if samples.peak_ua is None else samples.peak_ua,
    )
    gaps = tuple(Gap(gap.first_sample, gap.count) for gap in log.gaps())
    lost_us = [each.device_time_us for each in log.events() if each.data.get("change") == "lost"]
    return delivered(outputs, gaps, log.manifest.rate_hz, program, lost_us=lost_us, zero_us=zero_us)


def caution_in(manifest: Manifest) -> float:
    """Return the caution pressure of a log's roller in kPa: the table's where it states none, or a higher one."""
    return min(CAUTION_KPA, manifest.ceilings.get(key_of(CeilingId.PRESSURE_CAUTION), CAUTION_KPA))


def layout_in(log: SessionLog) -> Layout:
    """Return the layout of the log's columns by its own channel table; no other roller's table counts."""
    present = set(log.sample_columns())
    whole = layout_of(distinct_channels(log.manifest.known_channels()))
    heads = (
        replace(
            each,
            cells=tuple(cell for cell in each.cells if cell.column in present),
            travel=each.travel if each.travel in present else None,
        )
        for each in whole.heads
        if {f"pressure_{each.head}_kpa", f"contact_{each.head}"} <= present
    )
    return Layout(
        tuple(heads),
        tuple(cell for cell in whole.cells if cell.column in present),
        whole.impedance if whole.impedance in present else None,
        tuple(name for name in whole.amplitudes if name in present),
        tuple(name for name in whole.peaks if name in present),
    )


def running(step: Ints, time_us: Ints, paused_us: Iterable[tuple[int, int]]) -> Ints:
    """Return the step at these device times; a pause is outside any step, since nobody massages then."""
    step = step.copy()
    for start, end in paused_us:
        step[(time_us >= start) & (time_us < end)] = NO_STEP
    return step


def steps_of(
    manifest: Manifest,
    program: Sequence[Step],
    paused_us: Sequence[Span] = (),
    ran_us: Mapping[int, int] = MappingProxyType({}),
) -> tuple[StepInfo, ...]:
    """Return the steps of a program with the times at which they ran; nothing is measured in a rest.

    A step that ended with a loss of the connection ran until the time in `ran_us`, heard or not.
    """
    ran = ((span.start_us, max(span.end_us, ran_us.get(span.end_us, 0)), span.index) for span in manifest.steps)
    spans = disjoint(ran, paused_us)
    return tuple(
        _step(manifest, index, step, spans.get(index, ())) for index, step in enumerate(program) if not step.is_rest
    )


def _step(manifest: Manifest, index: int, step: Step, spans_us: tuple[tuple[int, int], ...]) -> StepInfo:
    return StepInfo(
        index,
        _title(manifest, index) or name_of(step.zone),
        step.zone,
        step.direction,
        step.duration_s,
        step.band_low_kpa,
        step.band_high_kpa,
        spans_us,
    )


def _title(manifest: Manifest, index: int) -> str | None:
    """Return a step's title from the routine as run; None when the routine has no such step."""
    steps = manifest.routine.get("steps")
    step = steps[index] if isinstance(steps, list) and index < len(steps) else None
    title = step.get("title") if isinstance(step, dict) else None
    return title if isinstance(title, str) and title else None


def _facts(log: SessionLog) -> Facts:
    manifest = log.manifest
    name, title = (manifest.routine.get(key) for key in ("name", "title"))
    name = name if isinstance(name, str) else NO_ROUTINE if manifest.is_free else "unknown"
    return Facts(
        session_id=manifest.session_id,
        started_utc=manifest.started_utc.isoformat(),
        ending=manifest.ending.value if manifest.ending else manifest.state.value,
        routine_name=name,
        routine_title=title if isinstance(title, str) else name,
        device_name=manifest.device.name,
        counters=manifest.counters.model_dump(),
        damage=damage_told(manifest, log.unreadable_events),
        failed_cells=cells_told(manifest),
    )


def _samples(log: SessionLog, layout: Layout) -> Samples:
    present = log.sample_columns()
    absent = [name for name in _NEEDED if name not in present]
    if absent:
        raise LogDamagedError(f"{log.path} has no column {absent[0]!r} of samples", advice="restore it from a backup")
    travel = tuple(dict.fromkeys(each.travel for each in layout.heads if each.travel is not None))
    heads = (f"{what}_{head}{unit}" for head in layout.names for what, unit in (("pressure", "_kpa"), ("contact", "")))
    impedance = () if layout.impedance is None else (layout.impedance,)
    cells = (cell.column for cell in layout.cells)
    columns = log.samples(*_NEEDED, *heads, *cells, *travel, *impedance, *layout.amplitudes, *layout.peaks)
    _check(log, columns)
    return Samples(
        sample=columns["sample"].astype(np.int64),
        device_time_us=columns["device_time_us"].astype(np.int64),
        step=columns["step"].astype(np.int64),
        pressure_kpa={head: _real(columns[f"pressure_{head}_kpa"]) for head in layout.names},
        contact={head: columns[f"contact_{head}"].astype(np.bool_) for head in layout.names},
        # Of several motors people feel the strongest; several sources each add their own charge.
        amplitude=np.max([_real(columns[name]) for name in layout.amplitudes], axis=0) if layout.amplitudes else None,
        peak_ua=np.sum([_real(columns[name]) for name in layout.peaks], axis=0) if layout.peaks else None,
        cells_kpa={cell.channel: _real(columns[cell.column]) for cell in layout.cells},
        impedance_ohm=None if layout.impedance is None else _real(columns[layout.impedance]),
        travel_mm={name: _real(columns[name]) for name in travel},
    )


def _check(log: SessionLog, columns: Columns) -> None:
    """Refuse columns that are not numbers, or out of order: code that relies on the order might never end."""
    texts = [name for name, values in columns.items() if values.dtype.kind not in "iufb"]
    if texts:
        raise LogDamagedError(f"{log.path}: the column {texts[0]!r} of its samples does not hold numbers")
    for name in ("sample", "device_time_us"):
        values = columns[name].astype(np.int64)
        if len(values) and (np.any(np.diff(values) <= 0) or values[0] < -NUMBER_MAX or values[-1] > NUMBER_MAX):
            raise LogDamagedError(f"{log.path}: its samples are not in the order of {name!r}")


def _strokes(log: SessionLog) -> Strokes:
    columns = log.strokes()
    absent = [name for name in _STROKE_COLUMNS if name not in columns]
    if absent or any(columns[name].dtype.kind not in "iuf" for name in _STROKE_COLUMNS):
        raise LogDamagedError(f"{log.path} has no strokes with the columns {', '.join(_STROKE_COLUMNS)}")
    if "head" not in columns:
        raise LogDamagedError(f"{log.path} does not say which head its strokes are of")
    return Strokes(
        columns["head"].astype(np.str_),
        columns["start_us"].astype(np.int64),
        columns["end_us"].astype(np.int64),
        _real(columns["length_mm"]),
        _real(columns["peak_kpa"]),
        columns["step"].astype(np.int64),
    )


def _real(column: npt.NDArray[np.generic]) -> Floats:
    return column.astype(np.float64)
