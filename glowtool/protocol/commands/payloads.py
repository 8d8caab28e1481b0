"""The payloads of control point answers, for each command that has one.

Those of the commands about massage records and diagnostics stand in `glowtool.protocol.records`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from glowtool.model.state import Fault
from glowtool.protocol.wire import I32, U8, U16, U32, Message


@dataclass(frozen=True, slots=True)
class SettingValue(Message):
    """Payload of the answers to setting commands."""

    value: Annotated[int, I32("the value in force, in the setting's unit")]


@dataclass(frozen=True, slots=True)
class TelemetryGranted(Message):
    """Payload of the answer to telemetry start: the size of the stream."""

    samples_per_frame: Annotated[int, U8("samples in a fast frame", low=1)]
    bytes_per_second: Annotated[int, U16("payload of all frames together", unit="byte/s", low=1)]


@dataclass(frozen=True, slots=True)
class TelemetryEnded(Message):
    """Payload of the answer to telemetry stop."""

    frames_sent: Annotated[int, U32("frames sent since telemetry start, of all kinds")]


@dataclass(frozen=True, slots=True)
class SelfTestReport(Message):
    """Payload of the answer to self-test."""

    failed: Annotated[Fault, U16("parts that failed; 0: all passed")]
