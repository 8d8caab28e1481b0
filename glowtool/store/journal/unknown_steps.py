"""The times of a damaged journal whose step is unknown, because the event that named it may be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from glowtool.model.event import EventKind
from glowtool.store.journal.loss import step_of
from glowtool.store.tables.arrow import events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from glowtool.model.event import Event
    from glowtool.store.journal.salvage import Salvage
    from glowtool.store.tables.entries import StepSpan


def unknown_times(events: Salvage, end_us: int) -> tuple[tuple[int, int], ...]:
    """Return [start, end) in device time: from the last event before lost ones to the first after them with a step."""
    return tuple(_unknown(events, hole, end_us) for hole in events.holes)


def known_spans(spans: Iterable[StepSpan], unknown: Sequence[tuple[int, int]]) -> tuple[StepSpan, ...]:
    """Return the spans of steps without the times for which no step is known."""
    return tuple(part for span in spans for part in _less(span, unknown))


def _unknown(events: Salvage, hole: int, end_us: int) -> tuple[int, int]:
    before, after = (_read(events, part) for part in (events.batches[:hole], events.batches[hole:]))
    since_us = max((event.device_time_us for event in before), default=0)
    return since_us, next(filter(None, map(_told_from_us, after)), end_us)


def _read(events: Salvage, batches: Sequence[pa.RecordBatch]) -> tuple[Event, ...]:
    return events_of(pa.Table.from_batches(list(batches), schema=events.schema))[0]


def _told_from_us(event: Event) -> int | None:
    """Return the time from which an event tells the running step, or None for an event that does not."""
    if event.kind is EventKind.CHECKPOINT:
        step = step_of(event)
        return event.device_time_us if step is None else step.device_time_us
    return event.device_time_us if event.kind in (EventKind.STEP, EventKind.STOP) else None


def _less(span: StepSpan, unknown: Sequence[tuple[int, int]]) -> Iterator[StepSpan]:
    at_us = span.start_us
    for start_us, end_us in unknown:
        if end_us <= max(at_us, start_us) or start_us >= span.end_us:
            continue
        if start_us > at_us:
            yield span.model_copy(update={"start_us": at_us, "end_us": start_us})
        at_us = end_us
    if at_us < span.end_us:
        yield span.model_copy(update={"start_us": at_us})
