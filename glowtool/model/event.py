"""The events of a massage: what happened and when, besides the samples."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = Mapping[str, JsonValue]


class EventKind(enum.StrEnum):
    """The kind of an event; `MEANING` describes its data."""

    STEP = "step"
    GAP = "gap"
    INTERLOCK = "interlock"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    LINK = "link"
    RESET = "reset"
    TEMPERATURE = "temperature"
    CELL = "cell"
    NOTE = "note"
    STROKE = "stroke"
    CHECKPOINT = "checkpoint"


MEANING: Final[Mapping[EventKind, str]] = {
    EventKind.STEP: 'a step began: `{"index": 0}`; −1: no step runs any more',
    EventKind.GAP: 'samples are missing: `{"first_sample": 1200, "count": 10}`; the time is that of the first of them',
    EventKind.INTERLOCK: "the roller held outputs back, or released them: the interlocks in force, by name",
    EventKind.PAUSE: "the massage paused",
    EventKind.RESUME: "the massage went on",
    EventKind.STOP: "outputs were set to zero and the program ended: by whom",
    EventKind.LINK: 'the connection was lost: `{"change": "lost", "because": "…"}`, or restored: '
    '`{"change": "restored", "away_s": 4.2, "attempts": 1, "ran_until_us": 60000000}`, with the device time '
    "at which the roller paused by itself, if it reported that; samples missing in between are a gap",
    EventKind.RESET: "the roller restarted its frame numbers; from here on, times are continued, not measured",
    EventKind.TEMPERATURE: 'temperature in °C by channel: `{"temperature_l": 31.5, "temperature_r": 31.4}`',
    EventKind.CELL: 'a pressure cell is bad: `{"cell": "pressure_lf", "kind": "stuck", "since_us": 60000000}`; '
    "it is bad since that device time, and that was known at the time of the event",
    EventKind.NOTE: 'a remark; of cells that are off in the air: `{"zero_kpa": {"left front": 0.35}, "tared": false}`; '
    'of steering: `{"asked": "quieter", "by": "a key", "done": true, "vibration_percent": 90, "current_percent": 90}`; '
    'of a mark: `{"mark": "tingles", "by": "a key"}`',
    EventKind.STROKE: "a stroke, with its columns; only in the journal: in the end, strokes have their own file",
    EventKind.CHECKPOINT: "counters and clock model at a sync; only in the journal",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event at a device time (unwrapped µs), with a JSON object of details."""

    device_time_us: int
    kind: EventKind
    data: JsonObject

    def data_json(self) -> str:
        """Return the details as a JSON object; raises `ValueError` for NaN and infinities."""
        return json.dumps(self.data, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


class Topic(enum.Enum):
    """What a note is about: its value is the key that only the data of such a note have."""

    ZERO = "zero_kpa"
    """Pressure cells that are off in the air, and whether they were set to zero."""
    CLOCK = "clock_step_s"
    """The clock of this computer was set."""
    STANDSTILL = "lasted_s"
    """This computer stood still."""
    STEERING = "asked"
    """The massage was steered while it ran: what was asked for, and what became of it."""
    MARK = "mark"
    """The person marked this moment, with words of their own."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note for a person; `topic` is None for what this glowtool does not know."""

    topic: Topic | None
    words: str


def notes_in(events: Iterable[Event]) -> Iterator[Note]:
    """Return the notes among events, in their order."""
    for event in events:
        if event.kind is EventKind.NOTE:
            topic = next((topic for topic in Topic if topic.value in event.data), None)
            yield Note(topic, str(event.data.get("remark", "")))
