"""The events of a session: what happened, when, beside the samples."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from glowtool.store.bounds import EVENT_TEXT_MAX_BYTES, NUMBER_MAX
from glowtool.stream.arrivals import Gap
from glowtool.stream.block import Head, Stroke

if TYPE_CHECKING:
    from glowtool.store.tables.manifest import StepSpan
    from glowtool.stream.pipeline import Temperature

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = Mapping[str, JsonValue]

#: The index that a "step" event gives when no step runs any more.
NO_STEP: Final = -1


class EventKind(enum.StrEnum):
    """What an event tells; `MEANING` says what its data holds."""

    STEP = "step"
    GAP = "gap"
    CLAMP = "clamp"
    INTERLOCK = "interlock"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    LINK = "link"
    RESET = "reset"
    TEMPERATURE = "temperature"
    NOTE = "note"
    STROKE = "stroke"
    CHECKPOINT = "checkpoint"


MEANING: Final[Mapping[EventKind, str]] = {
    EventKind.STEP: 'a step began: `{"index": 0}`; −1: no step runs any more',
    EventKind.GAP: 'samples are missing: `{"first_sample": 1200, "count": 10}`; the time is that of the first of them',
    EventKind.CLAMP: "the host lowered an output: which, asked and given",
    EventKind.INTERLOCK: "the roller held outputs back, or let go of them: the interlocks in force, by name",
    EventKind.PAUSE: "the massage paused",
    EventKind.RESUME: "it went on",
    EventKind.STOP: "outputs were set to zero and the program ended: by whom",
    EventKind.LINK: 'the connection was lost: `{"change": "lost", "because": "…"}`, or is there again: '
    '`{"change": "restored", "away_s": 4.2, "attempts": 1, "ran_until_us": 60000000}`, with the device time '
    "at which the roller paused by itself, where it said so; what it did not say in between is a gap",
    EventKind.RESET: "the roller began to number its frames anew; from here on times are continued, not measured",
    EventKind.TEMPERATURE: 'temperature in °C by channel: `{"temperature_l": 31.5, "temperature_r": 31.4}`',
    EventKind.NOTE: 'a remark; of cells that are off in the air: `{"zero_kpa": {"left front": 0.35}, "tared": false}`',
    EventKind.STROKE: "a stroke, with its columns; in the journal only, at the end they have a file of their own",
    EventKind.CHECKPOINT: "counters and clock model at a sync; in the journal only",
}

#: What fits into the samples' column of steps.
_STEP_MAX: Final = 0x7FFF

_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")

_KNOWN: Final = frozenset(kind.value for kind in EventKind)

#: Kinds that serve the journal and do not get into `events.parquet`.
JOURNAL_ONLY: Final = frozenset({EventKind.STROKE, EventKind.CHECKPOINT})


@dataclass(frozen=True, slots=True)
class Event:
    """One event at a device time (unwrapped µs), with a JSON object of details."""

    device_time_us: int
    kind: EventKind
    data: JsonObject

    def data_json(self) -> str:
        """Return the details as a JSON object; raises `ValueError` for NaN and infinities."""
        return json.dumps(self.data, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def event_of(device_time_us: object, kind: object, text: object) -> Event:
    """Return the event that a row of a table says; a kind of a newer version becomes a note.

    Raises `ValueError`, `TypeError` or `KeyError` for a row that is none: it is damaged, or was made by no glowtool.
    """
    if not isinstance(device_time_us, int) or not -NUMBER_MAX <= device_time_us <= NUMBER_MAX:
        raise ValueError(f"{device_time_us!r} is no device time")
    if not isinstance(kind, str) or not _KIND.match(kind) or not isinstance(text, str):
        raise ValueError(f"{kind!r} is no kind of event")
    data = _object(text)
    if kind not in _KNOWN:
        kind, data = EventKind.NOTE.value, {"kind": kind, **data}
    event = Event(device_time_us, EventKind(kind), data)
    match event.kind:
        case EventKind.GAP:
            gap_of(event)
        case EventKind.STEP:
            if not NO_STEP <= _integer(data.get("index", NO_STEP)) <= _STEP_MAX:
                raise ValueError(f"{text} is no step")
        case EventKind.STROKE:
            stroke_of(event)
    return event


def _object(text: str) -> dict[str, JsonValue]:
    """Return the object in a text that an event's data could be: no deeper, longer or stranger than JSON of ours."""
    if len(text) > EVENT_TEXT_MAX_BYTES:
        raise ValueError(f"{len(text)} characters of data")
    try:
        data = json.loads(text, parse_constant=_refuse)
        json.dumps(data, allow_nan=False)
    except RecursionError as error:
        raise ValueError("data without end") from error
    if not isinstance(data, dict):
        raise TypeError(f"{text!r} is no JSON object")
    return data


def _refuse(text: str) -> JsonValue:
    raise ValueError(f"{text} is no JSON")


def gap_event(gap: Gap) -> Event:
    """Return the event for samples that are missing."""
    return Event(gap.device_time_us, EventKind.GAP, {"first_sample": gap.first_sample, "count": gap.count})


def gap_of(event: Event) -> Gap:
    """Return the gap that an event of that kind tells of; raises an error of `event_of` when it is not one."""
    first, count = _integer(event.data["first_sample"]), _integer(event.data["count"])
    if first < 0 or count < 0:
        raise ValueError(f"no gap: {count} samples from {first} on")
    return Gap(first, count, event.device_time_us)


def temperature_event(temperature: Temperature) -> Event:
    """Return the event for a slow sample."""
    return Event(temperature.device_time_us, EventKind.TEMPERATURE, dict(temperature.celsius))


def stroke_event(stroke: Stroke) -> Event:
    """Return the journal's event for a stroke."""
    return Event(stroke.end_us, EventKind.STROKE, asdict(stroke))


def stroke_of(event: Event) -> Stroke:
    """Return the stroke that a journal's event tells of."""
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
    """Return when each step ran: from its event to the next step, the stop, or `end_us`, whichever comes first."""
    from glowtool.store.tables.manifest import StepSpan  # noqa: PLC0415 - brings pydantic, which who only writes events spares

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
        running = (index, event.device_time_us) if index >= 0 else None
    return tuple(spans)


def _integer(value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    if abs(value) > NUMBER_MAX:
        raise ValueError(f"{value} is further from 0 than any number of a log")
    return value


def _real(value: JsonValue) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return float(value) if abs(value) < NUMBER_MAX else _refuse_number(value)


def _refuse_number(value: float) -> float:
    raise ValueError(f"{value} is further from 0 than any number of a log")
