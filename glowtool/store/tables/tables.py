"""The three tables of a log, made from its journal: samples with their step, strokes, events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glowtool.errors import LogDamagedError
from glowtool.model.event import EventKind
from glowtool.store.bounds import CHANNELS_MAX, STEPS_MAX
from glowtool.store.journal.content import read_content
from glowtool.store.journal.loss import Written, loss_of, restored_steps, within_time
from glowtool.store.journal.unknown_steps import known_spans, unknown_times
from glowtool.store.names import SAMPLES_NAME
from glowtool.store.tables.arrow import arrays_of, events_of, events_table, schema_of, schema_of_arrays, table_of
from glowtool.store.tables.checkpoints import clock_known_until_us, latest_checkpoint, model_of
from glowtool.store.tables.events import JOURNAL_ONLY, failed_cells, step_spans, stroke_of
from glowtool.stream.block import period_us
from glowtool.stream.clock.dating import dated_at_the_end
from glowtool.stream.columns import DEVICE_TIME, HOST_TIME, STEP, STROKES

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    import pyarrow as pa

    from glowtool.model.event import Event
    from glowtool.store.journal.content import Content
    from glowtool.store.tables.entries import CellEntry, ClockEntry, CountersEntry, DamageEntry, StepSpan
    from glowtool.store.tables.manifest import Manifest
    from glowtool.stream.block import Columns, IntArray, Stroke


@dataclass(frozen=True, slots=True)
class Tables:
    """A log's tables, and further facts from its journal."""

    samples: pa.Table
    strokes: pa.Table
    events: pa.Table
    steps: tuple[StepSpan, ...]
    counters: CountersEntry
    clock: ClockEntry | None
    end_us: int | None
    damage: DamageEntry | None = None
    cells: tuple[CellEntry, ...] = ()


def tables_of_journal(folder: Path, manifest: Manifest) -> Tables:
    """Return the tables of a journal (cut off, damaged or whole) and its losses; raises `StoreError`."""
    content = read_content(folder, manifest)
    samples = arrays_of(content.samples.table())
    if "device_time_us" not in samples or "sample" not in samples:
        raise LogDamagedError(f"{folder / SAMPLES_NAME} has no columns of samples")
    whole, unreadable = events_of(content.events.table())
    stream = Written(samples["sample"].astype(np.int64), samples["device_time_us"].astype(np.int64), manifest.rate_hz)
    if not content.sealed:
        whole, strange = within_time(whole, stream)
        unreadable += strange
    loss = loss_of(content, stream, whole, unreadable)
    events = whole if loss.damage is None else (*restored_steps(whole), *loss.gaps)
    end_us = _end_us(stream.times_us, events, manifest.rate_hz)
    counters, clock = latest_checkpoint(events)
    known_until_us = _steps_known_until_us(content, whole, loss.damage, end_us or 0)
    unknown = unknown_times(content.events, known_until_us)
    steps = known_spans(step_spans(events, known_until_us), unknown)[:STEPS_MAX]
    resets_us = [event.device_time_us for event in events if event.kind is EventKind.RESET]
    dated = (
        samples if clock is None else dated_at_the_end(samples, model_of(clock), clock_known_until_us(clock, resets_us))
    )
    return Tables(
        _samples_table(dated, steps),
        strokes_table([stroke_of(event) for event in events if event.kind is EventKind.STROKE], steps),
        events_table([event for event in events if event.kind not in JOURNAL_ONLY]),
        steps,
        counters,
        clock,
        end_us,
        loss.damage,
        failed_cells(events)[:CHANNELS_MAX],
    )


def steps_at(times_us: IntArray, steps: tuple[StepSpan, ...]) -> npt.NDArray[np.int16]:
    """Return the step at each device time, −1 outside any; shape as the times."""
    index = np.full(times_us.shape, -1, dtype=np.int16)
    order = np.argsort(times_us, kind="stable")
    ordered_us = times_us[order]
    for span in steps:
        first, last = np.searchsorted(ordered_us, (span.start_us, span.end_us))
        index[order[first:last]] = span.index
    return index


def strokes_table(strokes: list[Stroke], steps: tuple[StepSpan, ...]) -> pa.Table:
    """Return strokes in the order of their beginnings, with the step of each."""
    ordered = sorted(strokes, key=lambda stroke: (stroke.start_us, stroke.head))
    columns: Columns = {
        item.name: np.array(
            [getattr(stroke, item.name) for stroke in ordered],
            dtype=np.str_ if item.dtype == "string" else item.dtype,
        )
        for item in STROKES
        if item.name != STEP.name
    }
    columns[STEP.name] = steps_at(columns["start_us"].astype(np.int64), steps)
    return table_of(columns, schema_of(STROKES))


def _samples_table(samples: Columns, steps: tuple[StepSpan, ...]) -> pa.Table:
    """Put the step behind the index columns."""
    times_us = samples[DEVICE_TIME.name].astype(np.int64)
    columns: Columns = {}
    for name, values in samples.items():
        columns[name] = values
        if name == HOST_TIME.name:
            columns[STEP.name] = steps_at(times_us, steps)
    return table_of(columns, schema_of_arrays(columns))


def _steps_known_until_us(content: Content, events: tuple[Event, ...], damage: DamageEntry | None, end_us: int) -> int:
    """Return the time until which the running step is known; if the last events are lost, the last one left."""
    stream = content.events
    ends_whole = stream.sealed and not stream.torn and content.events_written <= stream.known_rows
    if damage is None or ends_whole:
        return end_us
    return min(end_us, max((event.device_time_us for event in events), default=0))


def _end_us(times_us: IntArray, events: tuple[Event, ...], rate_hz: int) -> int | None:
    ends = [int(times_us[-1]) + period_us(rate_hz)] if len(times_us) else []
    return max([*ends, *(event.device_time_us for event in events)], default=None)
