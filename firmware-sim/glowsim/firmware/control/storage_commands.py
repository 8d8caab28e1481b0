"""The commands for stored data, which protocol 1.1 added: stored program, massage records, diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.control.call import DONE, Answer, Call
from glowsim.firmware.flash import program_slot
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import FlashBrokenError, FlashFullError
from glowsim.firmware.retained.counters import ANSWERS, CAUSE_NUMBER, US_PER_MINUTE
from glowtool.protocol.commands.codec import ResponseHead
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.records import (
    Diagnostic,
    DiagnosticGet,
    DiagnosticValue,
    RecordAt,
    RecordCount,
    RecordDelete,
    RecordHash,
    RecordHashGet,
    RecordInfo,
    RecordPiece,
    RecordRead,
    record_crc,
)
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import size_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.core import Core

_U16_MOST: Final = 0xFFFF
_U32_MOST: Final = 0xFFFF_FFFF
_PIECE_MOST: Final = 0xFF
_US_PER_S: Final = 1_000_000

#: An indication begins with its opcode and handle; a piece follows the head of the answer and its own size.
_BEFORE_PIECE: Final = 3 + size_of(ResponseHead) + size_of(RecordPiece)

_NO_RECORD: Final = Answer(Result.NO_RECORD)


def _program_store(call: Call) -> Answer:
    if call.core.program is None:
        return Answer(Result.NO_PROGRAM)
    try:
        program_slot.store(call.core.memory.records, encode_program(call.core.program))
    except (FlashFullError, FlashBrokenError):
        return Answer(Result.FLASH_FULL)
    return DONE


def _program_erase_stored(call: Call) -> Answer:
    try:
        program_slot.erase(call.core.memory.records)
    except (FlashFullError, FlashBrokenError):
        return Answer(Result.FLASH_FULL)
    return DONE


def _diagnostics(call: Call) -> Answer:
    value = _number(call.core, call.operands(DiagnosticGet).item)
    return Answer(payload=DiagnosticValue(min(_U32_MOST, value)))


def _number(core: Core, item: Diagnostic) -> int:
    records, counters = core.memory.records, core.retained.counters
    match item:
        case Diagnostic.RESET_CAUSE:
            return CAUSE_NUMBER[core.reset_cause]
        case Diagnostic.RUNTIME_MINUTES:
            return counters.runtime_us // US_PER_MINUTE
        case Diagnostic.FLASH_ERASES:
            return records.erases
        case Diagnostic.FLASH_ERASES_MOST:
            return records.erases_most
        case Diagnostic.FLASH_RECORDS_DAMAGED:
            return records.damaged
        case Diagnostic.FLASH_BYTES_LEFT:
            return records.room()
        case Diagnostic.LAST_STREAM_FRAMES:
            return core.stream_frames if core.sampler is None else core.sampler.frames_sent
        case Diagnostic.STORED_PROGRAM_CRC:
            stored = program_slot.stored(records)
            return 0 if stored is None else program_crc(stored)
        case _ if item in _DOSES:
            return _DOSES[item](core)
        case _:
            counted: int = getattr(counters, ANSWERS[item])
            return counted


def _program_rest_s(core: Core) -> int:
    over = None if core.program is None else core.retained.dwell.overrun(core.program)
    return 0 if over is None else _up(over.rest, _US_PER_S)


def _up(us: int, unit_us: int) -> int:
    """Return a time in whole units, rounded up, so that a dose reported as left is really left."""
    return -(-us // unit_us)


_DOSES: Final[dict[Diagnostic, Callable[[Core], int]]] = {
    Diagnostic.DAY_CURRENT_S: lambda core: _up(core.retained.dose.current_us, _US_PER_S),
    Diagnostic.DAY_VIBRATION_S: lambda core: _up(core.retained.dose.vibration_us, _US_PER_S),
    Diagnostic.DAY_RETURNS_MINUTES: lambda core: _up(core.retained.dose.returns_in_us, US_PER_MINUTE),
    Diagnostic.PROGRAM_REST_S: _program_rest_s,
}


def _record_count(call: Call) -> Answer:
    count = len(call.core.memory.records.keys(Kind.MASSAGE))
    return Answer(payload=RecordCount(count, min(_U16_MOST, call.core.retained.counters.records_lost)))


def _record_info(call: Call) -> Answer:
    numbers = call.core.memory.records.keys(Kind.MASSAGE)
    index = call.operands(RecordAt).index
    if index >= len(numbers):
        return _NO_RECORD
    data = call.core.memory.records.get(Kind.MASSAGE, numbers[index]) or b""
    return Answer(payload=RecordInfo(numbers[index], len(data)))


def _record_read(call: Call) -> Answer:
    asked = call.operands(RecordRead)
    data = call.core.memory.records.get(Kind.MASSAGE, asked.record)
    if data is None:
        return _NO_RECORD
    if asked.offset > len(data):
        return Answer(Result.OUT_OF_RANGE)
    piece = data[asked.offset :][: min(_PIECE_MOST, max(0, call.mtu - _BEFORE_PIECE))]
    return Answer(payload=RecordPiece(len(piece)), tail=piece)


def _record_hash(call: Call) -> Answer:
    data = call.core.memory.records.get(Kind.MASSAGE, call.operands(RecordHashGet).record)
    return _NO_RECORD if data is None else Answer(payload=RecordHash(record_crc(data)))


def _record_delete(call: Call) -> Answer:
    asked = call.operands(RecordDelete)
    data = call.core.memory.records.get(Kind.MASSAGE, asked.record)
    if data is None:
        return _NO_RECORD
    if record_crc(data) != asked.crc32:
        return Answer(Result.BAD_CRC)
    try:
        call.core.memory.records.delete(Kind.MASSAGE, asked.record)
    except (FlashFullError, FlashBrokenError):
        return Answer(Result.FLASH_FULL)
    return DONE


HANDLERS: Final[dict[Opcode, Callable[[Call], Answer]]] = {
    Opcode.PROGRAM_STORE: _program_store,
    Opcode.PROGRAM_ERASE_STORED: _program_erase_stored,
    Opcode.DIAGNOSTICS: _diagnostics,
    Opcode.RECORD_COUNT: _record_count,
    Opcode.RECORD_INFO: _record_info,
    Opcode.RECORD_READ: _record_read,
    Opcode.RECORD_HASH: _record_hash,
    Opcode.RECORD_DELETE: _record_delete,
}
