"""The losses of a journal, as the rest of it shows them: by seals, indices, and the times of checkpoints."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.model.event import Event, EventKind
from glowtool.store.bounds import NUMBER_MAX
from glowtool.store.tables.entries import DamageEntry
from glowtool.store.tables.events import event_of, gap_of
from glowtool.stream.block import period_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from glowtool.model.event import JsonValue
    from glowtool.store.journal.content import Content
    from glowtool.stream.arrivals import Gap
    from glowtool.stream.block import IntArray

#: Without checksums, an event this long before the first sample, or after the last, counts as damaged.
_BEFORE_US: Final = 10 * 10**6
_AFTER_US: Final = 3600 * 10**6

#: The cause of a gap that comes from damage, not from the radio.
DAMAGE: Final = "damage"


@dataclass(frozen=True, slots=True)
class Written:
    """Index and device time of the whole samples."""

    indices: IntArray
    times_us: IntArray
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss: the gaps that it leaves among the samples, and the entry for the manifest (None: nothing is lost)."""

    gaps: tuple[Event, ...] = ()
    damage: DamageEntry | None = None


def loss_of(content: Content, stream: Written, events: tuple[Event, ...], unreadable: int) -> Loss:
    """Return the losses of a journal; `unreadable` counts events in whole batches that do not decode."""
    missing = tuple(_missing(stream, events))
    if content.sealed:
        samples = max(0, content.samples_written - content.samples.rows)
        lost_events = max(0, content.events_written - content.events.rows) + unreadable
    else:
        samples = sum(run.count for run in missing)
        lost_events = unreadable
    blank = not content.events.sealed and content.events.rows == 0
    if not (samples or lost_events or content.bad_bytes or blank):
        return Loss()
    entry = DamageEntry(
        samples=min(samples, NUMBER_MAX),
        events=lost_events,
        bytes=content.bad_bytes,
        unknown=not content.sealed or content.samples.torn or content.events.torn or blank,
        cut=content.is_beginning and not unreadable and all(run.first > _last(stream) for run in missing),
    )
    return Loss(tuple(run.event(stream) for run in missing), entry)


def within_time(events: tuple[Event, ...], stream: Written) -> tuple[tuple[Event, ...], int]:
    """Return the events that lie about the time of the samples, and how many do not."""
    if len(stream.times_us) == 0:
        return events, 0
    first_us, last_us = int(stream.times_us[0]) - _BEFORE_US, int(stream.times_us[-1]) + _AFTER_US
    inside = tuple(event for event in events if first_us <= event.device_time_us <= last_us)
    return inside, len(events) - len(inside)


def restored_steps(events: Iterable[Event]) -> Iterator[Event]:
    """Yield events; before a checkpoint, also the beginning or end of a step that it knows and that is missing."""
    known: set[tuple[int, str, str]] = set()
    for event in events:
        if event.kind is EventKind.CHECKPOINT:
            step = step_of(event)
            if step is not None and _identity(step) not in known:
                known.add(_identity(step))
                yield step
        elif event.kind in (EventKind.STEP, EventKind.STOP):
            known.add(_identity(event))
        yield event


def step_of(checkpoint: Event) -> Event | None:
    """Return the latest event before a checkpoint that began or ended a step; None if the checkpoint names none."""
    step = checkpoint.data.get("step")
    if not isinstance(step, dict):
        return None
    try:
        return event_of(step["device_time_us"], step["kind"], json.dumps(step["data"]))
    except (KeyError, TypeError, ValueError):
        return None


def _last(stream: Written) -> int:
    """Return the index of the last sample present; −1 without any."""
    return int(stream.indices[-1]) if len(stream.indices) else -1


def _identity(event: Event) -> tuple[int, str, str]:
    return event.device_time_us, event.kind, event.data_json()


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of missing samples."""

    first: int
    count: int

    def event(self, stream: Written) -> Event:
        """Return the gap that the run leaves; its time is counted from the nearest sample present."""
        time_us = 0
        if len(stream.indices):
            at = max(0, int(np.searchsorted(stream.indices, self.first)) - 1)
            away = self.first - int(stream.indices[at])
            time_us = int(stream.times_us[at]) + away * period_us(stream.rate_hz)
        data: dict[str, JsonValue] = {"first_sample": self.first, "count": self.count, "because": DAMAGE}
        return Event(max(0, time_us), EventKind.GAP, data)


def _missing(stream: Written, events: tuple[Event, ...]) -> Iterator[_Run]:
    """Yield the runs of samples that are missing and that no event reported as a gap."""
    told = _merged((gap.first_sample, gap.first_sample + gap.count) for gap in _gaps(events))
    ends = [high for _, high in told]
    for start, stop in _holes(stream, events):
        at = start
        for low, high in told[bisect_right(ends, start) :]:
            if low >= stop:
                break
            if low > at:
                yield _Run(at, low - at)
            at = max(at, high)
        if at < stop:
            yield _Run(at, stop - at)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return [start, stop) spans in order, with touching ones merged."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], stop)
        else:
            merged.append((start, stop))
    return merged


def _holes(stream: Written, events: tuple[Event, ...]) -> Iterator[tuple[int, int]]:
    """Yield [start, stop) of the missing indices, up to the last one that a checkpoint knows."""
    indices = stream.indices
    latest_us = max((event.device_time_us for event in events if event.kind is EventKind.CHECKPOINT), default=0)
    if len(indices) == 0:
        return
    if indices[0] > 0:
        yield 0, int(indices[0])
    for at in np.flatnonzero(np.diff(indices) > 1):
        yield int(indices[at]) + 1, int(indices[at + 1])
    behind = (latest_us - int(stream.times_us[-1])) // period_us(stream.rate_hz)
    if behind > 0:
        yield int(indices[-1]) + 1, int(indices[-1]) + 1 + behind


def _gaps(events: tuple[Event, ...]) -> Iterator[Gap]:
    return (gap_of(event) for event in events if event.kind is EventKind.GAP)
