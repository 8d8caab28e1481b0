"""The table of commands: each opcode is a row, and every table keyed by opcode is derived from it.

A new command is a new row here, its operands and payload if it has any, its handler in the firmware, and its verb at
the host.
"""

from __future__ import annotations

import enum
from typing import Final, Self

from glowtool.model.names import words_of
from glowtool.model.state import AT_REST, Capability, State
from glowtool.protocol import records
from glowtool.protocol.commands import operands, payloads, refusals, rules
from glowtool.protocol.commands.command import Command, Effect, Giver
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import V1_1, V1_2, V1_4

_ANYWHERE: Final = frozenset(State)
_UNLATCHED: Final = _ANYWHERE - {State.LATCHED}
_MASSAGE: Final = frozenset({State.RUNNING, State.PAUSED})
_NO_MASSAGE: Final = _ANYWHERE - _MASSAGE


@enum.unique
class Opcode(enum.IntEnum):
    """The commands of the control point. Each is its number on the wire, and has its row as `command`."""

    command: Command

    # A table reads best as rows.
    # fmt: off
    PROGRAM_BEGIN = Command(
        0x01, "announce the upload of a program", AT_REST, Effect.BEGINS_UPLOAD,
        operands=operands.ProgramBegin, rule=rules.UPLOAD_FITS, overtaken=True,
    )
    PROGRAM_DATA = Command(
        0x02, "upload a piece of the program", AT_REST, Effect.CARRIES_PIECE,
        operands=operands.ProgramData, tail=True, rule=rules.PIECE_FITS, overtaken=True,
        later=refusals.OF_A_PIECE,
    )
    PROGRAM_COMMIT = Command(
        0x03, "check length, CRC and every step, then make the upload the current program", AT_REST, Effect.ENDS_UPLOAD,
        after={State.IDLE: State.READY}, overtaken=True, later=refusals.OF_A_COMMIT,
    )
    PROGRAM_STORE = Command(
        0x04, "keep the current program for use with the button, over the loss of power", frozenset({State.READY}),
        Effect.STORES, giver=Giver.PROGRAM, since=V1_1, wants=Capability.RECORDS, later=refusals.OF_THE_FLASH,
    )
    PROGRAM_ERASE_STORED = Command(
        0x05, "forget the program for use with the button", AT_REST, Effect.HARMLESS,
        since=V1_1, wants=Capability.RECORDS, later=refusals.OF_THE_FLASH,
    )
    START = Command(
        0x10, "start the current program at its first step", frozenset({State.READY}), Effect.STARTS,
        after={State.READY: State.RUNNING}, giver=Giver.PROGRAM, overtaken=True, later=refusals.OF_A_START,
    )
    PAUSE = Command(
        0x11, "outputs to zero, keep the place in the program", frozenset({State.RUNNING}), Effect.HARMLESS,
        after={State.RUNNING: State.PAUSED}, stops=True, takes_over=True,
    )
    RESUME = Command(
        0x12, "go on from the place where it paused, with a soft start", frozenset({State.PAUSED}), Effect.RESUMES,
        after={State.PAUSED: State.RUNNING}, giver=Giver.MASSAGE, takes_over=True, overtaken=True,
    )
    SKIP = Command(
        0x13, "go to the next step, with a soft start", _MASSAGE, Effect.CUTS,
        giver=Giver.MASSAGE, takes_over=True, overtaken=True, later=refusals.OF_A_SKIP,
        refused={
            Result.OVER_CEILING: (
                "the next zone was worked long enough and needs a rest first",
                "let the step continue",
            )
        },
    )
    EXTEND = Command(
        0x14, "lengthen the running step", _MASSAGE, Effect.LENGTHENS,
        operands=operands.Extend, giver=Giver.MASSAGE, takes_over=True, overtaken=True, later=refusals.OF_AN_EXTENSION,
        refused={
            Result.OVER_CEILING: (
                "the step, its zone or the massage would last longer than allowed",
                "let the step end as it is",
            )
        },
    )
    TRIM = Command(
        0x15, "scale the outputs down from what the program asks for", _MASSAGE, Effect.SCALES,
        operands=operands.Trim, giver=Giver.MASSAGE, takes_over=True, overtaken=True,
    )
    STOP = Command(
        0x20, "outputs to zero at once, end the program", _UNLATCHED, Effect.HARMLESS,
        after=dict.fromkeys(_MASSAGE, State.READY), stops=True,
    )
    EMERGENCY_STOP = Command(
        0x21, "outputs to zero at once, refuse everything until re-armed", _ANYWHERE, Effect.HARMLESS,
        after=dict.fromkeys(_UNLATCHED, State.LATCHED), stops=True,
    )
    REARM = Command(
        0x22, "end the emergency stop, after its grace time", frozenset({State.LATCHED}), Effect.HARMLESS,
        after={State.LATCHED: State.IDLE}, later=refusals.OF_A_REARM,
    )
    HEARTBEAT = Command(0x23, "show that the host is alive", _ANYWHERE, Effect.HARMLESS)
    SET_TIME = Command(0x30, "set the clock", _UNLATCHED, Effect.HARMLESS, operands=operands.SetTime)
    TARE = Command(
        0x31, "take the reading of the unloaded pressure cells as zero: in the air, still for 1 s, at most 1 kPa off",
        AT_REST, Effect.HARMLESS, later=refusals.OF_A_TARE,
        refused={
            Result.OUT_OF_RANGE: (
                "its pressure cells do not read their zero",
                ("hold it still in the air for a second, and try again; a cell that reads more than 1 kPa there needs"
                 " repair"),
            )
        },
    )
    SELF_TEST = Command(
        0x32, "test sensors, motor drive and memory without moving anything", _NO_MASSAGE - {State.LATCHED},
        Effect.HARMLESS, payload=payloads.SelfTestReport,
    )
    IDENTIFY = Command(
        0x33, "buzz and blink, so that a person sees which roller this is", _NO_MASSAGE - {State.LATCHED},
        Effect.HARMLESS,
    )
    SETTING_GET = Command(
        0x34, "read a setting", _ANYWHERE, Effect.HARMLESS,
        operands=operands.SettingGet, payload=payloads.SettingValue, rule=rules.SETTING_KNOWN,
    )
    SETTING_SET = Command(
        0x35, "change a setting", AT_REST, Effect.SETS,
        operands=operands.SettingSet, payload=payloads.SettingValue, rule=rules.SETTING_ALLOWED,
    )
    DIAGNOSTICS = Command(
        0x36, "read one number of the roller's life", _ANYWHERE, Effect.HARMLESS,
        operands=records.DiagnosticGet, payload=records.DiagnosticValue, since=V1_1, wants=Capability.RECORDS,
    )
    #: Not while a program runs or is paused: the host that owns the massage must be able to come back to it.
    FORGET_HOST = Command(
        0x37, "drop the bond of the host that asks, when its connection ends", _NO_MASSAGE, Effect.HARMLESS, since=V1_2
    )
    SIGNAL = Command(
        0x38, "beep once, so that the person looks up: something is about to change", _MASSAGE, Effect.HARMLESS,
        since=V1_4, overtaken=True,
    )
    TELEMETRY_START = Command(
        0x40, "start sending telemetry", _ANYWHERE, Effect.HARMLESS,
        operands=operands.TelemetryStart, payload=payloads.TelemetryGranted, rule=rules.STREAM_OFFERED,
        later=refusals.OF_A_STREAM,
    )
    TELEMETRY_STOP = Command(
        0x41, "stop sending telemetry", _ANYWHERE, Effect.HARMLESS, payload=payloads.TelemetryEnded,
    )
    RECORD_COUNT = Command(
        0x50, "say how many massage records there are", _ANYWHERE, Effect.HARMLESS,
        payload=records.RecordCount, since=V1_1, wants=Capability.RECORDS,
    )
    RECORD_INFO = Command(
        0x51, "say which record is at a place of the list", _ANYWHERE, Effect.HARMLESS,
        operands=records.RecordAt, payload=records.RecordInfo, since=V1_1, wants=Capability.RECORDS,
        later=refusals.OF_A_RECORD,
    )
    RECORD_READ = Command(
        0x52, "read a record from any offset on", _ANYWHERE, Effect.HARMLESS,
        operands=records.RecordRead, payload=records.RecordPiece, since=V1_1, wants=Capability.RECORDS,
        later=refusals.OF_BYTES,
    )
    RECORD_HASH = Command(
        0x53, "say the hash of a record", _ANYWHERE, Effect.HARMLESS,
        operands=records.RecordHashGet, payload=records.RecordHash, since=V1_1, wants=Capability.RECORDS,
        later=refusals.OF_A_RECORD,
    )
    RECORD_DELETE = Command(
        0x54, "delete a record whose hash the host gives back", AT_REST, Effect.HARMLESS,
        operands=records.RecordDelete, since=V1_1, wants=Capability.RECORDS, later=refusals.OF_A_DELETION,
    )

    # fmt: on

    def __new__(cls, command: Command | int) -> Self:
        """Make a member from its row; `Opcode(number)` finds one and never comes here."""
        if isinstance(command, int):
            raise TypeError(f"opcode 0x{command:02X} has no row")
        member = int.__new__(cls, command.code)
        member._value_ = command.code
        member.command = command
        return member

    @property
    def spoken(self) -> str:
        """The name in words for people: `set time`."""
        return words_of(self)
