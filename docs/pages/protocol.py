"""The protocol page, `docs/reference/protocol.md`, rendered from the declarations."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.channel import ChannelFlag, Format, Place, Quantity, Stream, Unit
from glowtool.model.ending import MassageEnd
from glowtool.model.face import Direction, Zone
from glowtool.model.names import words_in
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import MAX_STEPS, MAX_STEPS_AND_KEYFRAMES
from glowtool.model.state import Capability, Fault, Interlock, State
from glowtool.protocol import (
    advertising,
    ceilings,
    channels,
    gatt,
    program,
    records,
    status,
    telemetry,
    wire,
)
from glowtool.protocol.commands import codec, states
from glowtool.protocol.commands.checks import CHECKS
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import NoOperands
from glowtool.protocol.meanings import meaning_of
from glowtool.protocol.vocabulary import Result, Setting
from pages import protocol_prose as prose

if TYPE_CHECKING:
    import enum
    from collections.abc import Iterable

    from glowtool.protocol.commands.command import Command


def _table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _allowed(item: wire.FieldLayout) -> str:
    if item.enumeration is not None:
        return f"[{item.enumeration.__name__}](#{item.enumeration.__name__.lower()})"
    if item.wire.low is None and item.wire.high is None:
        return ""
    ends = dict.fromkeys((item.wire.minimum, item.wire.maximum))
    also = "" if item.wire.also is None else f", {item.wire.also}"
    return "–".join(map(str, ends)) + also


def _type_word(item: wire.FieldLayout) -> str:
    return type(item.wire).__name__.lower()


def _message(kind: type[wire.Message], title: str) -> str:
    rows = [
        (item.offset, item.name, _type_word(item), item.wire.unit, _allowed(item), item.wire.doc, item.wire.since)
        for item in wire.layout(kind)
    ]
    head = ("byte", "field", "type", "unit", "allowed", "meaning", "since")
    return f"### {title}\n\n{inspect.getdoc(kind)} {wire.size_of(kind)} {'byte' if wire.size_of(kind) == 1 else 'bytes'}.\n\n{_table(head, rows)}"


def _properties(value: gatt.Property) -> str:
    return ", ".join(words_in(value))


def _services() -> str:
    parts = ["## Services and characteristics\n"]
    for service in gatt.SERVICES:
        rows = [
            (
                item.name,
                f"`{item.uuid}`",
                _properties(item.properties),
                "bond" if item.access is gatt.Access.AUTHENTICATED else "open",
                item.doc,
                item.since,
            )
            for item in service.characteristics
        ]
        parts.append(f"**{service.name}** `{service.uuid}`: {service.doc}.\n")
        parts.append(_table(("characteristic", "UUID", "properties", "access", "carries", "since"), rows))
    parts.append(prose.GENERIC)
    return "\n".join(parts)


def _rows() -> list[tuple[Opcode, Command]]:
    return [(opcode, opcode.command) for opcode in Opcode]


def _commands() -> str:
    rows = [
        (
            f"0x{opcode:02X}",
            opcode.name,
            ", ".join(f"{item.name} {_type_word(item)}" for item in wire.layout(row.operands))
            + (", bytes" if row.tail else ""),
            (row.payload.__name__ if row.payload is not None else "")
            + (", bytes" if row.payload is records.RecordPiece else ""),
            row.means,
            row.giver,
            row.since,
            ", ".join(f"`{flag.name}`" for flag in row.wants),
        )
        for opcode, row in _rows()
    ]
    return _table(
        ("opcode", "name", "operands", "payload of the answer", "what it does", "from", "since", "needs"), rows
    )


def _checks() -> str:
    order = [
        (number, check.name, check.meaning, ", ".join(f"`{result.name}`" for result in check.results))
        for number, check in enumerate(CHECKS, 1)
    ]
    rules = [(f"`{opcode.name}`", row.rule.wants) for opcode, row in _rows() if row.rule is not None]
    later = [
        (f"`{opcode.name}`", f"`{refusal.result.name}`", refusal.when)
        for opcode, row in _rows()
        for refusal in row.later
    ]
    return (
        "### Order of checks\n\n"
        "Every request goes through these checks. The first that fails is the answer, and nothing is changed (except that a failed commit ends its upload).\n\n"
        + _table(("", "check", "what must hold", "else"), order)
        + "\nSome requests must meet more than the ranges of their fields:\n\n"
        + _table(("command", "what must hold"), rules)
        + "\nThe last check refuses a command with these results, in this order; it does not refuse a command that is not named here:\n\n"
        + _table(("command", "result", "when"), later)
    )


def _legality() -> str:
    head = ("command", *(state.name for state in State))
    rows = []
    for opcode in Opcode:
        cells = []
        for state in State:
            if state not in opcode.command.legal:
                cells.append("")
                continue
            target = states.after(state, opcode)
            cells.append("✓" if target is state else f"→ {target.name}")
        rows.append((opcode.name, *cells))
    return (
        "## What is legal in which state\n\n"
        "✓: legal, the state stays; → X: legal, and leads to X; empty: answered `WRONG_STATE` (in `LOCKED`: `LOCKED`). "
        "Outputs are other than zero only in `RUNNING`. `STOP` succeeds when nothing runs, and changes nothing.\n\n"
        + _table(head, rows)
        + "\n"
        + prose.STATES
        + "\nThese events change the state without a command; a change to IDLE, LATCHED, LOCKED or FAULT drops the program:\n\n"
        + _table(("when", *(state.name for state in State)), _events())
    )


def _events() -> list[tuple[str, ...]]:
    return [
        (
            event.value,
            *(
                f"→ {target.name}" if (target := states.after_event(state, event)) is not state else ""
                for state in State
            ),
        )
        for event in states.Event
    ]


def _enumeration(kind: type[enum.IntEnum | enum.IntFlag]) -> str:
    digits = max(2, 2 * -(-max(member.value for member in kind).bit_length() // 8))
    head: tuple[str, ...] = ("value", "name")
    rows: list[tuple[object, ...]] = [(f"0x{member.value:0{digits}X}", member.name) for member in kind]
    if any(map(meaning_of, kind)):
        head = (*head, "meaning")
        rows = [(*row, meaning_of(member)) for row, member in zip(rows, kind, strict=True)]
    return f"### {kind.__name__}\n\n{inspect.getdoc(kind)}\n\n{_table(head, rows)}"


def _ceilings() -> str:
    rows = [
        (
            int(row.id),
            row.id.name,
            f"{row.sense} {ceilings.ceiling(row.id)}",
            ceilings.counted(row.id).unit,
            row.reason,
            row.source,
        )
        for row in CEILINGS.values()
    ]
    return (
        "## Ceilings\n\nThe roller enforces the ceilings, whatever the host says. The feature characteristic carries their numbers and values.\n\n"
        + _table(("id", "name", "value", "unit", "why", "source"), rows)
        + f"\nRe-arming is refused with `GRACE` for {ceilings.REARM_GRACE_MS} ms after an emergency stop. "
        f"The watchdog can be set from {ceilings.WATCHDOG_MS_MIN} ms up to the ceiling of host silence.\n\n"
        + prose.CEILINGS
    )


def _channels() -> str:
    rows = [
        (
            item.row.number,
            item.name,
            item.row.stream.name,
            item.row.place.name,
            item.row.format.name,
            f"{item.row.multiplier} × 10^{item.row.exponent} {item.row.unit.name}",
            f"{item.row.raw_minimum}–{item.row.raw_maximum}",
            " ".join(flag.name or "" for flag in item.row.flags),
        )
        for item in channels.CHANNELS
    ]
    return (
        "## Channel table\n\n`format (u8, 1), number of rows (u8), size of a row (u8)`, then the rows. A row is the record below followed "
        f"by the channel's name in ASCII, padded with NUL to {channels.NAME_SIZE} bytes; the name is always at the *end* of the row. "
        "The value in the unit is `(raw + offset) × multiplier × 10^exponent`. "
        "Travel counts up when the head rolls in the direction of an upward or an outward stroke. The table is longer than an MTU: read it with long reads.\n\n"
        "A host does not ask for a fast channel whose format it does not know. Slow channels are always sent; among them it steps over the bytes of "
        "such a channel, if it knows how many they are from the SIG's list of formats, and otherwise reads no telemetry.\n\n"
        + _message(channels.ChannelRow, "Channel row")
        + "\n### The channels of GR-1\n\n"
        + _table(("number", "name", "stream", "place", "format", "one step", "raw range", "flags"), rows)
    )


def _feature() -> str:
    return (
        "## Feature\n\nThe head, then `rates` sampling rates (u16, Hz) beginning at byte `head_size`, then `ceilings` rows of `row_size` bytes.\n\n"
        + _message(status.FeatureHead, "Feature head")
        + "\n"
        + _message(status.CeilingRow, "Ceiling row")
    )


def _control() -> str:
    parts = [prose.CONTROL, "### Commands\n", _commands(), _checks(), _message(codec.ResponseHead, "Answer")]
    operands = dict.fromkeys(row.operands for _, row in _rows() if row.operands is not NoOperands)
    payloads = dict.fromkeys(row.payload for _, row in _rows() if row.payload is not None)
    parts += [_message(kind, f"Operands: {kind.__name__}") for kind in operands]
    parts += [_message(kind, f"Payload: {kind.__name__}") for kind in payloads]
    return "\n".join(parts)


def _program() -> str:
    return (
        f"## Program\n\nRecords of {program.STEP_SIZE} bytes, one after the other: 1 to {MAX_STEPS} steps, each followed by its "
        f"keyframes if it has any, {MAX_STEPS_AND_KEYFRAMES} records at most. "
        "The CRC is CRC-32/ISO-HDLC: polynomial 0x04C11DB7, used reflected as 0xEDB88320, initial value and final XOR 0xFFFFFFFF; "
        "the check value of `123456789` is 0xCBF43926. "
        "A commit also requires: `band_low` ≤ `band_high`; `waveform` `NONE` exactly when `peak_ua` is 0 in the step and in all its keyframes; "
        f"all steps together within {ceilings.ceiling(CeilingId.MASSAGE_DURATION)} s.\n\n"
        + prose.PROGRAM
        + "\n"
        + _message(program.StepRecord, "Step record")
        + "\n"
        + _message(program.KeyframeRecord, "Keyframe record")
    )


def _records() -> str:
    return (
        prose.RECORDS
        + "\n"
        + _message(records.MassageHead, "Massage head")
        + "\n"
        + _message(records.MassageStep, "Massage step")
    )


def render() -> str:
    """Return the whole protocol page as Markdown."""
    kinds: tuple[type[enum.IntEnum | enum.IntFlag], ...] = (
        State, Result, Interlock, Fault, Capability, Setting, Zone,
        Direction, Pattern, Waveform, records.Diagnostic, MassageEnd, advertising.AdvertisingFlag, Stream,
        Quantity, Unit, Format, Place, ChannelFlag,
    )  # fmt: skip
    advertisement = (
        "## Advertising\n\nFlags, the 128-bit UUID of the Roller service, and manufacturer data: company identifier "
        f"0x{advertising.COMPANY_ID:04X}, then the record below. The scan response carries the name: `{advertising.NAME_PREFIX}`, a "
        "space, and `serial_tail` as four upper-case hexadecimal digits.\n\n"
        + _message(advertising.Advertisement, "Manufacturer data")
    )
    parts = [
        prose.INTRODUCTION,
        _services(),
        advertisement,
        _feature(),
        _control(),
        _legality(),
        _program(),
        "## Status\n\nThe status can be read, and is notified: at once when state, step, number of steps, interlocks or faults change; at most five times a second "
        "when outputs change; and otherwise once a second, in every state. The trim is 100 % until a massage gets another one, which lasts until its end, "
        "over steps, pauses and a lost link. Without a massage, times are 0 and trims 100 %. If the MTU cuts off a notification and a host "
        "needs more than the complete fields, it reads the characteristic; bytes 0 to 19 fit the smallest MTU.\n\n"
        + _message(status.Status, "Status record"),
        _channels(),
        _records(),
        prose.TELEMETRY + "\n" + _message(telemetry.FrameHeader, "Frame header"),
        _ceilings(),
        "## Enumerations\n\n" + "\n".join(map(_enumeration, kinds)),
    ]
    return "\n".join(part.rstrip() + "\n" for part in parts)
