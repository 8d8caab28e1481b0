"""The events of a session: what happened, when, beside the samples."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = Mapping[str, JsonValue]


class EventKind(enum.StrEnum):
    """What an event tells; `MEANING` says what its data holds."""

    STEP = "step"
    GAP = "gap"
    STROKE = "stroke"
    CLAMP = "clamp"
    INTERLOCK = "interlock"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    LINK = "link"
    RESET = "reset"
    TEMPERATURE = "temperature"
    NOTE = "note"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class Event:
    """One event at a device time (unwrapped µs), with a JSON object of details."""

    device_time_us: int
    kind: EventKind
    data: JsonObject
