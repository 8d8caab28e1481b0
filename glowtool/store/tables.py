"""The three tables of a log, made from its journal: samples with their step, strokes, events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.errors import LogDamagedError
from glowtool.store.arrow import (
    EVENTS_SCHEMA,
    arrays_of,
    events_of,
    events_table,
    read_stream,
    schema_of,
    schema_of_arrays,
    table_of,
)
from glowtool.store.events import JOURNAL_ONLY, EventKind, step_spans, stroke_of
from glowtool.store.journal import EVENTS_NAME, SAMPLES_NAME
from glowtool.store.manifest import ClockEntry, CountersEntry, StepSpan
from glowtool.stream.block import period_us
from glowtool.stream.clock import ClockModel
from glowtool.stream.columns import STEP, STROKES, fast_channels, sample_columns

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    import pyarrow as pa

    from glowtool.store.events import Event
    from glowtool.store.manifest import Manifest
    from glowtool.stream.block import Columns, IntArray, Stroke

_EVERY_CHANNEL: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Tables:
    """A log's tables, and what its journal says beside them."""

    samples: pa.Table
    strokes: pa.Table
    events: pa.Table
    steps: tuple[StepSpan, ...]
    counters: CountersEntry
    clock: ClockEntry | None
    end_us: int | None


def tables_of_journal(folder: Path, manifest: Manifest) -> Tables:
    """Return the tables of a journal, cut off or whole; raises `LogDamagedError` when they cannot be made."""
    path = folder / EVENTS_NAME
    events = events_of(read_stream(path, EVENTS_SCHEMA), path)
    samples = arrays_of(read_stream(folder / SAMPLES_NAME, _samples_schema(manifest)))
    times_us = samples["device_time_us"].astype(np.int64)
    end_us = _end_us(times_us, events, manifest.rate_hz)
    try:
        steps = step_spans(events, end_us or 0)
        strokes = [stroke_of(event) for event in events if event.kind is EventKind.STROKE]
        counters, clock = _latest_checkpoint(events)
    except (KeyError, TypeError, ValueError) as error:
        raise LogDamagedError(f"{path}: an event does not hold what its kind asks for: {error}") from error
    # One line cannot hold for two runs of the device's clock: then each sample keeps the time that it was given.
    reset = any(event.kind is EventKind.RESET for event in events)
    return Tables(
        _samples_table(samples, steps, None if reset else clock),
        strokes_table(strokes, steps),
        events_table([event for event in events if event.kind not in JOURNAL_ONLY]),
        steps,
        counters,
        clock,
        end_us,
    )


def steps_at(times_us: IntArray, steps: tuple[StepSpan, ...]) -> npt.NDArray[np.int16]:
    """Return the step at each device time, −1 outside any; shape as the times."""
    index = np.full(times_us.shape, -1, dtype=np.int16)
    for span in steps:
        index[(times_us >= span.start_us) & (times_us < span.end_us)] = span.index
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


def _samples_schema(manifest: Manifest) -> pa.Schema:
    """Return what the samples of a session without any would look like."""
    channels = fast_channels(tuple(entry.channel() for entry in manifest.channels), _EVERY_CHANNEL)
    return schema_of(sample_columns(channels))


def _samples_table(samples: Columns, steps: tuple[StepSpan, ...], clock: ClockEntry | None) -> pa.Table:
    """Put the step behind the index columns, and the last clock model's time in place of each moment's guess."""
    times_us = samples["device_time_us"].astype(np.int64)
    columns: Columns = {}
    for name, values in samples.items():
        columns[name] = values
        if name == "host_time_us":
            if clock is not None:
                model = ClockModel(clock.device_origin_us, clock.host_origin_us, clock.drift_ppm)
                columns[name] = model.host_times_us(times_us)
            columns[STEP.name] = steps_at(times_us, steps)
    return table_of(columns, schema_of_arrays(columns))


def _end_us(times_us: IntArray, events: tuple[Event, ...], rate_hz: int) -> int | None:
    ends = [int(times_us[-1]) + period_us(rate_hz)] if len(times_us) else []
    return max([*ends, *(event.device_time_us for event in events)], default=None)


def _latest_checkpoint(events: tuple[Event, ...]) -> tuple[CountersEntry, ClockEntry | None]:
    for event in reversed(events):
        if event.kind is EventKind.CHECKPOINT:
            clock = event.data["clock"]
            return (
                CountersEntry.model_validate(event.data["counters"]),
                None if clock is None else ClockEntry.model_validate(clock),
            )
    return CountersEntry(), None
