"""The gate at the wire: it reads the requests that leave, and has the gate judge the program that their bytes hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Never, TypeVar

from glowtool.errors import DecodeError, SafetyError
from glowtool.model.ceilings import CeilingId
from glowtool.protocol.ceilings import WATCHDOG_MS_MIN, value_of
from glowtool.protocol.commands.command import Effect
from glowtool.protocol.commands.operands import Extend, ProgramBegin, ProgramData, SettingSet, Trim
from glowtool.protocol.program import STEP_SIZE, program_crc, unpack_program
from glowtool.protocol.vocabulary import Setting
from glowtool.protocol.wire import Message

if TYPE_CHECKING:
    from glowtool.model.program import Program
    from glowtool.protocol.commands.codec import Request
    from glowtool.protocol.commands.opcode import Opcode
    from glowtool.safety.gate import Gate

_O = TypeVar("_O", bound=Message)

#: The lowest value of a setting that makes sense, in steps of the wire, and the ceiling that it can lower.
_SETTINGS: Final[dict[Setting, tuple[int, CeilingId]]] = {
    Setting.WATCHDOG_MS: (WATCHDOG_MS_MIN, CeilingId.HOST_SILENCE),
    Setting.PEAK_UA_MAX: (0, CeilingId.PEAK_CURRENT),
    Setting.AMPLITUDE_PERMILLE_MAX: (0, CeilingId.VIBRATION_AMPLITUDE),
}


@dataclass(slots=True)
class _Upload:
    """The pieces of a program on their way, as the roller assembles them."""

    announced: ProgramBegin
    data: bytearray
    present: bytearray

    def put(self, offset: int, piece: bytes) -> None:
        self.data[offset : offset + len(piece)] = piece
        self.present[offset : offset + len(piece)] = b"\1" * len(piece)

    @property
    def complete(self) -> bool:
        return all(self.present) and program_crc(bytes(self.data)) == self.announced.crc32


class WireGate:
    """Asks the gate about each request right before it is written: what the roller makes of it, not what was meant.

    There is one for each connection, so that an upload ends with it. What is harmless passes, and
    a command whose effect the gate does not know does not.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._upload: _Upload | None = None

    async def prepare(self, opcode: Opcode) -> None:
        """Wait for what has to be done before a command is sent; raises `SafetyError` and `StoreError`."""
        if opcode.command.effect is Effect.STARTS:
            await self._gate.prepare_start()

    def check(self, request: Request, *, step: int | None = None) -> None:  # noqa: C901 - one case for each effect
        """Let a command pass, or raise `SafetyError` saying which limit it would break; call right before sending.

        `step` is the step in progress, from 0, if it is known.
        """
        effect = request.opcode.command.effect
        match effect:
            case Effect.HARMLESS:
                pass
            case Effect.BEGINS_UPLOAD:
                self._begin(_operands(request, ProgramBegin))
            case Effect.CARRIES_PIECE:
                self._data(_operands(request, ProgramData), request.tail)
            case Effect.ENDS_UPLOAD:
                # Judged again although the seam has judged it: what counts is the program that these bytes hold.
                self._gate.hold(self._assembled())
            case Effect.STARTS:
                self._gate.start()
            case Effect.RESUMES:
                self._gate.resume()
            case Effect.STORES:
                self._gate.store()
            case Effect.LENGTHENS:
                self._gate.extend(_operands(request, Extend).extra_ms, step)
            case Effect.CUTS:
                self._gate.cut(step)
            case Effect.SCALES:
                trim = _operands(request, Trim)
                self._gate.trim(trim.vibration_percent, trim.current_percent)
            case Effect.SETS:
                self._setting(_operands(request, SettingSet))
            case _:
                _unjudged(request, effect)

    def failed(self, request: Request, *, step: int | None = None, answered: bool = False) -> None:
        """Note that a command which passed did not succeed; `answered` when the roller itself refused it."""
        effect = request.opcode.command.effect
        if effect is Effect.ENDS_UPLOAD:
            self._gate.forget()
        elif effect is Effect.LENGTHENS and answered:
            self._gate.take_back(_operands(request, Extend).extra_ms, step)

    def _begin(self, announced: ProgramBegin) -> None:
        self._upload = None
        if announced.length != announced.steps * STEP_SIZE:
            raise SafetyError(
                f"upload: {announced.steps} records take {announced.steps * STEP_SIZE} bytes, not {announced.length}"
            )
        self._upload = _Upload(announced, bytearray(announced.length), bytearray(announced.length))

    def _data(self, piece: ProgramData, data: bytes) -> None:
        end = piece.offset + len(data)
        if self._upload is None:
            raise SafetyError("upload: a piece arrived before PROGRAM_BEGIN")
        if end > self._upload.announced.length:
            announced = self._upload.announced.length
            raise SafetyError(f"upload: a piece ends at byte {end}, but only {announced} were announced")
        self._upload.put(piece.offset, data)

    def _assembled(self) -> Program:
        """Return the program that the bytes hold which were sent."""
        upload, self._upload = self._upload, None
        if upload is None or not upload.complete:
            raise SafetyError(
                "upload: the program is not complete, or its CRC is not the one announced", advice="upload it again"
            )
        try:
            return unpack_program(bytes(upload.data))
        except DecodeError as error:
            raise SafetyError(f"upload: the program is not one that a roller may run: {error}") from error

    def _setting(self, operands: SettingSet) -> None:
        try:
            setting = Setting(operands.setting)
        except ValueError as error:
            known = ", ".join(f"{member.value} {member.name}" for member in Setting)
            raise SafetyError(
                f"setting {operands.setting} is not known, so not set; it must be one of {known}"
            ) from error
        least, which = _SETTINGS[setting]
        self._gate.lower(which, value_of(which, operands.value), value_of(which, least))


def _operands(request: Request, kind: type[_O]) -> _O:
    if not isinstance(request.operands, kind):
        raise SafetyError(f"{request.opcode.name} takes {kind.__name__}, not {type(request.operands).__name__}")
    return request.operands


def _unjudged(request: Request, effect: Never) -> Never:
    """Refuse what no case judges; mypy refuses a new effect without a case before that."""
    raise SafetyError(f"{request.opcode.name} was not sent: the gate cannot judge what it does ({effect!r})")
