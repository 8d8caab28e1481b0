"""The events of a session: what happened and when, besides the samples."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from glowtool.model.event import Event, EventKind, JsonValue
from glowtool.model.program import NO_STEP
from glowtool.store.bounds import EVENT_TEXT_MAX_BYTES, MISSING_SAMPLE_MAX, NUMBER_MAX
from glowtool.stream.arrivals import Gap
from glowtool.stream.block import Stroke
from glowtool.stream.heads import Head

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.store.tables.entries import CellEntry, StepSpan
    from glowtool.stream.pipeline import Temperature
    from glowtool.stream.quality.watch import FailedCell

#: The range of the step column of samples.
_STEP_MAX: Final = 0x7FFF

_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")

_KNOWN: Final = frozenset(kind.value for kind in EventKind)

#: Kinds that serve the journal and are not written to `events.parquet`.
JOURNAL_ONLY: Final = frozenset({EventKind.STROKE, EventKind.CHECKPOINT})


def event_of(device_time_us: object, kind: object, text: object) -> Event:
    """Return the event in a row of a table; a kind of a newer version becomes a note.

    Raises `ValueError`, `TypeError` or `KeyError` for any other row: it is damaged, or not from glowtool.
    """
    if not isinstance(device_time_us, int) or not -NUMBER_MAX <= device_time_us <= NUMBER_MAX:
        raise ValueError(f"{device_time_us!r} is not a device time")
    if not isinstance(kind, str) or not _KIND.match(kind) or not isinstance(text, str):
        raise ValueError(f"{kind!r} is not a kind of event")
    data = _object(text)
    if kind not in _KNOWN:
        kind, data = EventKind.NOTE.value, {"kind": kind, **data}
    event = Event(device_time_us, EventKind(kind), data)
    match event.kind:
        case EventKind.GAP:
            gap_of(event)
        case EventKind.STEP:
            if not NO_STEP <= _integer(data.get("index", NO_STEP)) <= _STEP_MAX:
                raise ValueError(f"{text} is not a step")
        case EventKind.STROKE:
            stroke_of(event)
    return event


def _object(text: str) -> dict[str, JsonValue]:
    """Return the JSON object in the text of an event's data: no deeper, longer or stranger than our own JSON."""
    if len(text) > EVENT_TEXT_MAX_BYTES:
        raise ValueError(f"{len(text)} characters of data")
    try:
        data = json.loads(text, parse_constant=_refuse)
        json.dumps(data, allow_nan=False)
    except RecursionError as error:
        raise ValueError("data without end") from error
    if not isinstance(data, dict):
        raise TypeError(f"{text!r} is not a JSON object")
    return data


def _refuse(text: str) -> JsonValue:
    raise ValueError(f"{text} is not JSON")


def gap_event(gap: Gap) -> Event:
    """Return the event for samples that are missing."""
    return Event(gap.device_time_us, EventKind.GAP, {"first_sample": gap.first_sample, "count": gap.count})


def gap_of(event: Event) -> Gap:
    """Return the gap that an event of that kind reports; raises an error of `event_of` if it is not one."""
    first, count = _integer(event.data["first_sample"]), _integer(event.data["count"])
    if first < 0 or count < 0 or first + count > MISSING_SAMPLE_MAX:
        raise ValueError(f"no gap: {count} samples from {first} on")
    return Gap(first, count, event.device_time_us)


def temperature_event(temperature: Temperature) -> Event:
    """Return the event for a slow sample."""
    return Event(temperature.device_time_us, EventKind.TEMPERATURE, dict(temperature.celsius))


def cell_event(failed: FailedCell) -> Event:
    """Return the event for a cell that was found to be bad."""
    data = {"cell": failed.cell, "kind": failed.kind.value, "since_us": failed.since_us}
    return Event(failed.known_us, EventKind.CELL, data)


def failed_cells(events: Iterable[Event]) -> tuple[CellEntry, ...]:
    """Return the cells that were found to be bad, each once; what is no such event is passed over."""
    from glowtool.store.tables.entries import CellEntry  # noqa: PLC0415 - brings pydantic, not needed to write events

    found: dict[str, CellEntry] = {}
    for event in events:
        if event.kind is EventKind.CELL:
            with suppress(ValueError):
                entry = CellEntry.model_validate({**event.data, "known_us": event.device_time_us})
                found.setdefault(entry.cell, entry)
    return tuple(found.values())


def stroke_event(stroke: Stroke) -> Event:
    """Return the journal's event for a stroke."""
    return Event(stroke.end_us, EventKind.STROKE, stroke._asdict())


def stroke_of(event: Event) -> Stroke:
    """Return the stroke that a journal's event reports."""
    data = event.data
    return Stroke(
        head=Head(str(data["head"])),
        start_sample=_integer(data["start_sample"]),
        end_sample=_integer(data["end_sample"]),
        start_us=_integer(data["start_us"]),
        end_us=_integer(data["end_us"]),
        length_mm=_real(data["length_mm"]),
        mean_kpa=_real(data["mean_kpa"]),
        peak_kpa=_real(data["peak_kpa"]),
        known_sample=_integer(data["known_sample"]),
    )


def step_spans(events: Iterable[Event], end_us: int) -> tuple[StepSpan, ...]:
    """Return the time span of each step: from its event to the next step, the stop, or `end_us`."""
    from glowtool.store.tables.entries import StepSpan  # noqa: PLC0415 - brings pydantic, not needed to write events

    spans: list[StepSpan] = []
    running: tuple[int, int] | None = None
    closing = Event(end_us, EventKind.STOP, {})
    for event in (*events, closing):
        if event.kind not in (EventKind.STEP, EventKind.STOP):
            continue
        index = _integer(event.data.get("index", NO_STEP)) if event.kind is EventKind.STEP else NO_STEP
        if running is not None and running[0] == index:
            continue
        if running is not None and event.device_time_us > running[1]:
            spans.append(StepSpan(index=running[0], start_us=running[1], end_us=event.device_time_us))
        running = (index, event.device_time_us) if index != NO_STEP else None
    return tuple(spans)


def _integer(value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    if abs(value) > NUMBER_MAX:
        raise ValueError(f"{value} is too large for a log")
    return value


def _real(value: JsonValue) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return float(value) if abs(value) < NUMBER_MAX else _refuse_number(value)


def _refuse_number(value: float) -> float:
    raise ValueError(f"{value} is too large for a log")
