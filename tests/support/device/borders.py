"""Every command with every operand at and beyond its borders, as bytes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import STEP_SIZE
from glowtool.protocol.vocabulary import Setting
from glowtool.protocol.wire import FieldLayout, layout

if TYPE_CHECKING:
    from collections.abc import Iterator


def borders(item: FieldLayout) -> list[int]:
    """Return the values of a field at its borders, one beside them, and at those of its width."""
    wire = item.wire
    near = {edge + by for edge in (item.low, item.high) for by in (-1, 0, 1)}
    near |= {0, 1, wire.lowest, wire.highest, (item.low + item.high) // 2}
    if item.enumeration is not None:
        known = [int(member) for member in item.enumeration]
        near |= {min(known) - 1, min(known), max(known), max(known) + 1}
    return sorted(value for value in near if wire.lowest <= value <= wire.highest)


def requests_of(opcode: Opcode) -> Iterator[bytes]:
    """Yield requests in each of which one operand is at a border, the others being good; and some of other lengths."""
    fields = layout(opcode.command.operands)
    form = "<" + "".join(item.wire.code for item in fields)
    good = [max(item.low, 1) if item.enumeration is None else min(map(int, item.enumeration)) for item in fields]
    tail = bytes(24) if opcode.command.tail else b""
    bodies = {struct.pack(form, *good)}
    for place, item in enumerate(fields):
        for value in borders(item):
            bodies.add(struct.pack(form, *good[:place], value, *good[place + 1 :]))
    head = bytes((opcode, 7))
    yield from (head + body + tail for body in sorted(bodies))
    yield from (head[:1], head + bytes(250))


def good(opcode: Opcode) -> bytes:
    """Return operands that fail no check but those of what the roller holds: upload, record and the like."""
    fields = layout(opcode.command.operands)
    values = {
        Opcode.PROGRAM_BEGIN: (1, STEP_SIZE, 0),
        Opcode.SETTING_GET: (Setting.WATCHDOG_MS,),
        Opcode.SETTING_SET: (Setting.WATCHDOG_MS, 500),
        Opcode.TELEMETRY_START: (200, ALL_FAST),
    }.get(opcode) or tuple(max(item.low, min(map(int, item.enumeration)) if item.enumeration else 1) for item in fields)
    form = "<" + "".join(item.wire.code for item in fields)
    return struct.pack(form, *values) + (bytes(STEP_SIZE) if opcode.command.tail else b"")
