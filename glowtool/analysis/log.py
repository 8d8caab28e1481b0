"""From a session's log to its recording: the one place where the analysis knows how a session is kept."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.analysis.analyse import analyse
from glowtool.analysis.pauses import ran_until_us, said_pauses, silent_pauses
from glowtool.analysis.recording import Facts, Gap, Recording, Samples, StepInfo, Strokes, disjoint
from glowtool.errors import DecodeError, LogDamagedError
from glowtool.model.names import name_of
from glowtool.model.program import NO_STEP
from glowtool.protocol.channels import CHANNELS, Quantity
from glowtool.protocol.program import unpack_program
from glowtool.store.bounds import NUMBER_MAX
from glowtool.store.damage import damage_told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from glowtool.analysis.pauses import Span
    from glowtool.analysis.recording import Floats, Ints
    from glowtool.analysis.summary import SessionSummary
    from glowtool.model.program import Step
    from glowtool.store.log import SessionLog
    from glowtool.store.tables.manifest import Manifest
    from glowtool.stream.block import Columns

_NEEDED: Final = ("sample", "device_time_us", "step", "pressure_l_kpa", "pressure_r_kpa", "contact_l", "contact_r")
_STROKE_COLUMNS: Final = ("start_us", "end_us", "length_mm", "peak_kpa", "step")
_CELLS: Final = tuple(channel.name for channel in CHANNELS if channel.row.quantity is Quantity.PRESSURE)
_TRAVEL: Final = tuple(channel.name for channel in CHANNELS if channel.row.quantity is Quantity.TRAVEL)


def analyse_log(log: SessionLog) -> SessionSummary:
    """Return the summary of a session's log, finished or not; raises `StoreError` when it cannot be read."""
    return analyse(recording_of(log))


def recording_of(log: SessionLog) -> Recording:
    """Return a log's columns and facts as a recording; raises `StoreError` when it cannot be read."""
    manifest, samples, strokes = log.manifest, _samples(log), _strokes(log)
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
    )


def running(step: Ints, time_us: Ints, paused_us: Iterable[tuple[int, int]]) -> Ints:
    """Return the step of what is at these device times, outside any step in a pause: nobody massages then."""
    step = step.copy()
    for start, end in paused_us:
        step[(time_us >= start) & (time_us < end)] = NO_STEP
    return step


def program_of(manifest: Manifest) -> tuple[Step, ...]:
    """Return the steps of the uploaded program; raises `LogDamagedError`."""
    try:
        return unpack_program(bytes.fromhex(manifest.program_hex)).steps if manifest.program_hex else ()
    except (ValueError, DecodeError) as error:
        where = f"session {manifest.session_id}: the program in its manifest"
        raise LogDamagedError(f"{where} does not decode: {error}; restore the manifest from a backup") from error


def steps_of(
    manifest: Manifest,
    program: Sequence[Step],
    paused_us: Sequence[Span] = (),
    ran_us: Mapping[int, int] = MappingProxyType({}),
) -> tuple[StepInfo, ...]:
    """Return the steps of a program with the times at which they ran.

    A step that a loss of the connection ended ran until what `ran_us` says of that moment, heard or not.
    """
    ran = ((span.start_us, max(span.end_us, ran_us.get(span.end_us, 0)), span.index) for span in manifest.steps)
    spans = disjoint(ran, paused_us)
    return tuple(_step(manifest, index, step, spans.get(index, ())) for index, step in enumerate(program))


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
    """Return a step's title from the routine as run; None when the routine does not name it."""
    steps = manifest.routine.get("steps")
    step = steps[index] if isinstance(steps, list) and index < len(steps) else None
    title = step.get("title") if isinstance(step, dict) else None
    return title if isinstance(title, str) and title else None


def _facts(log: SessionLog) -> Facts:
    manifest = log.manifest
    name, title = (manifest.routine.get(key) for key in ("name", "title"))
    name = name if isinstance(name, str) else "unknown"
    return Facts(
        session_id=manifest.session_id,
        started_utc=manifest.started_utc.isoformat(),
        ending=manifest.ending.value if manifest.ending else manifest.state.value,
        routine_name=name,
        routine_title=title if isinstance(title, str) else name,
        device_name=manifest.device.name,
        counters=manifest.counters.model_dump(),
        damage=damage_told(manifest, log.unreadable_events),
    )


def _samples(log: SessionLog) -> Samples:
    present = log.sample_columns()
    absent = [name for name in _NEEDED if name not in present]
    if absent:
        raise LogDamagedError(f"{log.path} has no column {absent[0]!r} of samples; restore it from a backup")
    cells = tuple(name for name in _CELLS if f"{name}_kpa" in present)
    optional = tuple(name for name in ("amplitude", "peak_ua", "impedance_ohm") if name in present)
    travel = tuple(name for name in _TRAVEL if f"{name}_mm" in present)
    columns = log.samples(*_NEEDED, *optional, *(f"{name}_kpa" for name in cells), *(f"{name}_mm" for name in travel))
    _check(log, columns)
    return Samples(
        sample=columns["sample"].astype(np.int64),
        device_time_us=columns["device_time_us"].astype(np.int64),
        step=columns["step"].astype(np.int64),
        pressure_l_kpa=_real(columns["pressure_l_kpa"]),
        pressure_r_kpa=_real(columns["pressure_r_kpa"]),
        contact_l=columns["contact_l"].astype(np.bool_),
        contact_r=columns["contact_r"].astype(np.bool_),
        amplitude=_real(columns["amplitude"]) if "amplitude" in columns else None,
        peak_ua=_real(columns["peak_ua"]) if "peak_ua" in columns else None,
        cells_kpa={name: _real(columns[f"{name}_kpa"]) for name in cells},
        impedance_ohm=_real(columns["impedance_ohm"]) if "impedance_ohm" in columns else None,
        travel_mm={name: _real(columns[f"{name}_mm"]) for name in travel},
    )


def _check(log: SessionLog, columns: Columns) -> None:
    """Refuse columns that are no numbers, or no series: what counts on them would have no end."""
    texts = [name for name, values in columns.items() if values.dtype.kind not in "iufb"]
    if texts:
        raise LogDamagedError(f"{log.path}: the column {texts[0]!r} of its samples holds no numbers")
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
        columns["head"].astype(np.str_) == "l",
        columns["start_us"].astype(np.int64),
        columns["end_us"].astype(np.int64),
        _real(columns["length_mm"]),
        _real(columns["peak_kpa"]),
        columns["step"].astype(np.int64),
    )


def _real(column: npt.NDArray[np.generic]) -> Floats:
    return column.astype(np.float64)
