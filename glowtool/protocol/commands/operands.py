"""The operands of control point requests, for each command that takes any.

Those of the commands about massage records and diagnostics stand in `glowtool.protocol.records`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from glowtool.model.ceilings import CeilingId
from glowtool.model.program import MAX_STEPS_AND_KEYFRAMES
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.program import PROGRAM_SIZE_MAX, STEP_SIZE
from glowtool.protocol.wire import I32, LATEST_UNIX_MS, U8, U16, U32, U64, Message


@dataclass(frozen=True, slots=True)
class NoOperands(Message):
    """For commands without operands."""


@dataclass(frozen=True, slots=True)
class ProgramBegin(Message):
    """Announce an upload. The present program stays valid until the commit."""

    steps: Annotated[int, U8("number of records, of steps and keyframes", low=1, high=MAX_STEPS_AND_KEYFRAMES)]
    length: Annotated[int, U16("length of all records together", unit="byte", low=STEP_SIZE, high=PROGRAM_SIZE_MAX)]
    crc32: Annotated[int, U32("CRC-32 (ISO-HDLC) over all records")]


@dataclass(frozen=True, slots=True)
class ProgramData(Message):
    """One piece of the upload; the bytes themselves follow the operands."""

    offset: Annotated[int, U16("where the piece begins", unit="byte", high=PROGRAM_SIZE_MAX - 1)]


@dataclass(frozen=True, slots=True)
class Extend(Message):
    """Lengthen the running step, within the ceilings of a step and of a massage."""

    extra_ms: Annotated[int, U32("time to add", unit="ms", low=1, high=ceiling(CeilingId.STEP_DURATION) * 1000)]


@dataclass(frozen=True, slots=True)
class Trim(Message):
    """Scale the outputs that the program asks for. A trim never raises them above the program."""

    vibration_percent: Annotated[int, U8("share of the program's amplitude", unit="%", high=100)]
    current_percent: Annotated[int, U8("share of the program's peak current", unit="%", high=100)]


@dataclass(frozen=True, slots=True)
class SetTime(Message):
    """Set the device's clock."""

    unix_ms: Annotated[int, U64("UTC since 1970-01-01, to the end of 2099", unit="ms", low=1, high=LATEST_UNIX_MS)]


@dataclass(frozen=True, slots=True)
class SettingGet(Message):
    """Ask for the value of a setting."""

    setting: Annotated[int, U8("number of the setting")]


@dataclass(frozen=True, slots=True)
class SettingSet(Message):
    """Change a setting. A setting can lower a ceiling, but never raise it."""

    setting: Annotated[int, U8("number of the setting")]
    value: Annotated[int, I32("new value, in the setting's unit")]


@dataclass(frozen=True, slots=True)
class TelemetryStart(Message):
    """Start telemetry. Subscribe to the telemetry characteristic first."""

    rate_hz: Annotated[int, U16("samples a second, one of the rates in the feature; else OUT_OF_RANGE", unit="Hz")]
    channel_mask: Annotated[int, U32("one bit for each fast channel; any other bit: OUT_OF_RANGE", low=1)]
