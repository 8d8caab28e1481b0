"""The upload of a program: pieces in any order, accepted only as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.errors import DecodeError
from glowtool.model.program import MAX_STEPS
from glowtool.protocol.program import STEP_SIZE, decode_program, program_crc
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from glowsim.firmware.program.executor import Program
    from glowtool.protocol.commands.operands import ProgramBegin


class Upload:
    """One upload in progress."""

    def __init__(self, begin: ProgramBegin) -> None:
        self._begin = begin
        self._data = bytearray(begin.length)
        self._seen = bytearray(begin.length)

    def put(self, offset: int, piece: bytes) -> Result:
        """Take one piece; a piece may come again."""
        end = offset + len(piece)
        if end > len(self._data):
            return Result.OUT_OF_RANGE
        self._data[offset:end] = piece
        self._seen[offset:end] = b"\1" * len(piece)
        return Result.SUCCESS

    def finish(self) -> Program | Result:
        """Return the program, or why the upload is not one."""
        if not all(self._seen):
            return Result.BAD_CRC
        data = bytes(self._data)
        if program_crc(data) != self._begin.crc32:
            return Result.BAD_CRC
        try:
            return decode_program(data)
        except DecodeError:
            return Result.OVER_CEILING if _only_together(data) else Result.OUT_OF_RANGE


def _only_together(data: bytes) -> bool:
    """Return whether every step is valid by itself, so that the steps only last too long together."""
    try:
        for start in range(0, len(data), STEP_SIZE):
            decode_program(data[start : start + STEP_SIZE])
    except DecodeError:
        return False
    return len(data) <= MAX_STEPS * STEP_SIZE
