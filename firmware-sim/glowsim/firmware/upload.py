"""The upload of a program: pieces in any order, checked as a whole, or nothing."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from glowtool.errors import DecodeError
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.protocol.program import STEP_SIZE, StepRecord, decode_program, program_crc
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import layout

if TYPE_CHECKING:
    from glowsim.firmware.executor import Program
    from glowtool.protocol.control import ProgramBegin

#: Fields of a step that a ceiling bounds from above, in the field's unit; the rest of a bad step is out of range.
_CEILED: Final = {
    "duration_ms": ceiling(CeilingId.STEP_DURATION) * 1000,
    "amplitude_permille": ceiling(CeilingId.VIBRATION_AMPLITUDE),
    "peak_ua": ceiling(CeilingId.PEAK_CURRENT),
    "vibration_dhz": ceiling(CeilingId.VIBRATION_FREQUENCY_MAX),
    "current_dhz": ceiling(CeilingId.CURRENT_FREQUENCY_MAX),
}


class Upload:
    """One upload in progress."""

    def __init__(self, begin: ProgramBegin) -> None:
        self._begin = begin
        self._data = bytearray(begin.length)
        self._seen = bytearray(begin.length)

    @staticmethod
    def refusal(begin: ProgramBegin) -> Result | None:
        """Return why an announcement cannot be taken, or None."""
        return None if begin.length == begin.steps * STEP_SIZE else Result.BAD_LENGTH

    def put(self, offset: int, piece: bytes) -> Result:
        """Take one piece; a piece may come again."""
        end = offset + len(piece)
        if not piece:
            return Result.BAD_LENGTH
        if end > len(self._data):
            return Result.OUT_OF_RANGE
        self._data[offset:end] = piece
        self._seen[offset:end] = b"\1" * len(piece)
        return Result.SUCCESS

    def finish(self) -> Program | Result:
        """Return the program, or why what came is none."""
        if not all(self._seen):
            return Result.BAD_LENGTH
        data = bytes(self._data)
        if program_crc(data) != self._begin.crc32:
            return Result.BAD_CRC
        try:
            return decode_program(data)
        except DecodeError:
            return Result.OVER_CEILING if _over_ceiling(data) else Result.OUT_OF_RANGE


def _over_ceiling(data: bytes) -> bool:
    """Return whether any step, or all together, pass a ceiling; `data` is whole steps."""
    total_ms = 0
    fields = {item.name: item for item in layout(StepRecord)}
    for start in range(0, len(data), STEP_SIZE):
        for name, most in _CEILED.items():
            (value,) = struct.unpack_from("<" + fields[name].wire.code, data, start + fields[name].offset)
            total_ms += value if name == "duration_ms" else 0
            if value > most:
                return True
    return total_ms > ceiling(CeilingId.MASSAGE_DURATION) * 1000
