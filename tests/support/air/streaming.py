"""Telemetry that a console asks for and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.telemetry import FrameHeader
from glowtool.protocol.wire import decode

if TYPE_CHECKING:
    from support.air.rollers import Console


def sequences_of(frames: list[bytes]) -> list[int]:
    return [decode(FrameHeader, frame).sequence for frame in frames]


async def stream(console: Console, rate_hz: int = 200) -> None:
    await console.ask(Opcode.TELEMETRY_START, TelemetryStart(rate_hz, ALL_FAST))
