"""The upload of a program: pieces in any order, accepted only as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.errors import DecodeError
from glowtool.model.program import MAX_STEPS
from glowtool.protocol.program import decode_program, program_crc, step_pieces
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from glowsim.firmware.program.executor import Program
    from glowtool.protocol.commands.operands import ProgramBegin


class Upload:
    """One upload in progress; `keyframes` says whether the model knows the records of keyframes."""

    def __init__(self, begin: ProgramBegin, *, keyframes: bool = True) -> None:
        self._begin = begin
        self._keyframes = keyframes
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
            program = decode_program(data)
        except DecodeError:
            return Result.OVER_CEILING if _only_together(data) else Result.OUT_OF_RANGE
        if any(step.keyframes for step in program) and not self._keyframes:
            return Result.OUT_OF_RANGE
        return program


def _only_together(data: bytes) -> bool:
    """Return whether every step is valid by itself, so that the steps only last too long together."""
    try:
        pieces = step_pieces(data)
        for piece in pieces:
            decode_program(piece)
    except DecodeError:
        return False
    return len(pieces) <= MAX_STEPS
