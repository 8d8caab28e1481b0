"""The host's gate: every command to the roller passes through it, no matter which part sends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.errors import DecodeError, SafetyError
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.dwell import Overrun, overruns, worked_place
from glowtool.model.state import Capability
from glowtool.protocol.ceilings import WATCHDOG_MS_MIN, counted, steps_of
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, ProgramBegin, ProgramData, SettingSet, Trim
from glowtool.protocol.program import STEP_SIZE, program_crc, unpack_program
from glowtool.protocol.vocabulary import Setting
from glowtool.protocol.wire import Message
from glowtool.safety.abilities import require_able
from glowtool.safety.limits import CeilingValues, PersonalMax, ceilings_in_force
from glowtool.safety.lint import name_of_place, require_clean
from glowtool.units import MILLISECONDS_PER_SECOND, spoken

if TYPE_CHECKING:
    from glowtool.model.program import Program
    from glowtool.protocol.commands.codec import Request
    from glowtool.protocol.status import Feature

_O = TypeVar("_O", bound=Message)

_FULL_PERCENT: Final = 100

#: The ceiling that a setting can lower, and the lowest value that makes sense.
_SETTINGS: Final[dict[Setting, tuple[int, CeilingId]]] = {
    Setting.WATCHDOG_MS: (WATCHDOG_MS_MIN, CeilingId.HOST_SILENCE),
    Setting.PEAK_UA_MAX: (0, CeilingId.PEAK_CURRENT),
    Setting.AMPLITUDE_PERMILLE_MAX: (0, CeilingId.VIBRATION_AMPLITUDE),
}


#: Nothing is known to be missing from a roller that has not been asked yet.
_EVERYTHING: Final = ~Capability(0)


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


@dataclass(slots=True)
class _Checked:
    """A program that passed the lint, and by how much its steps have been lengthened since it was started."""

    program: Program
    extra_ms: dict[int | None, int] = field(default_factory=dict)

    def step_ms(self, step: int | None, extra_ms: int) -> int:
        """Return how long the step lasts with the extra time; of an unknown step, the longest that it can be."""
        known = range(len(self.program)) if step is None else (step,)
        return max(self.program[n].duration_ms + self.extra_ms.get(n, 0) for n in known) + (
            self.extra_ms.get(None, 0) + extra_ms
        )

    def massage_ms(self, extra_ms: int) -> int:
        return sum(self.program.durations_ms) + sum(self.extra_ms.values()) + extra_ms

    def overrun(self, step: int | None, extra_ms: int, most_ms: int) -> Overrun | None:
        """Return the first step at which a place would be worked for too long; an unknown step is any of them."""
        known = range(len(self.program)) if step is None else (step,)
        anywhere_ms = self.extra_ms.get(None, 0)
        for each in known:
            added = {**self.extra_ms, each: self.extra_ms.get(each, 0) + anywhere_ms + extra_ms}
            longer = [(worked_place(item), item.duration_ms + added.get(n, 0)) for n, item in enumerate(self.program)]
            for over in overruns(longer, most_ms):
                return over
        return None


class Gate:
    """Holds commands against the ceilings in force; one gate for each roller, kept as long as the roller is.

    It remembers the upload under way, the last program that passed, and the time added to it. Stops, pauses and
    heartbeats always pass.
    """

    def __init__(self, feature: Feature | None = None, personal: PersonalMax | None = None) -> None:
        self._personal = personal
        self._ceilings = ceilings_in_force(feature, personal)
        self._capabilities = _EVERYTHING if feature is None else feature.capabilities
        self._upload: _Upload | None = None
        self._program: _Checked | None = None

    @property
    def ceilings(self) -> CeilingValues:
        """The ceilings in force, in the units of the table of ceilings."""
        return self._ceilings

    def learn(self, feature: Feature) -> None:
        """Take over the ceilings that a roller states, after every connection; a program must be uploaded anew."""
        self._ceilings = ceilings_in_force(feature, self._personal)
        self._capabilities = feature.capabilities
        self._upload = self._program = None

    def admit(self, program: Program) -> None:
        """Let a program pass before any byte of it is sent, or raise `SafetyError`: what it asks for is not given."""
        require_able(program, self._capabilities)
        require_clean(program, self._ceilings)

    def check(self, request: Request, *, step: int | None = None) -> None:
        """Let a command pass, or raise `SafetyError` saying which limit it would break; call right before sending.

        `step` is the step in progress, from 0, if it is known; EXTEND is held against the longest step otherwise.
        """
        match request.opcode:
            case Opcode.PROGRAM_BEGIN:
                self._begin(_operands(request, ProgramBegin))
            case Opcode.PROGRAM_DATA:
                self._data(_operands(request, ProgramData), request.tail)
            case Opcode.PROGRAM_COMMIT:
                self._commit()
            case Opcode.START:
                self._require_program(request.opcode).extra_ms.clear()
            case Opcode.RESUME | Opcode.PROGRAM_STORE:
                self._require_program(request.opcode)
            case Opcode.EXTEND:
                self._extend(_operands(request, Extend), step)
            case Opcode.TRIM:
                self._trim(_operands(request, Trim))
            case Opcode.SETTING_SET:
                self._setting(_operands(request, SettingSet))

    def failed(self, request: Request, *, step: int | None = None, answered: bool = False) -> None:
        """Note that a command which passed did not succeed; `answered` when the roller itself refused it.

        Time added by an EXTEND without an answer stays counted, since the roller may have added it.
        """
        if request.opcode is Opcode.PROGRAM_COMMIT:
            self._program = None  # the roller may hold another program, which nobody has checked
        elif request.opcode is Opcode.EXTEND and self._program is not None and answered:
            extra = self._program.extra_ms
            extra[step] = max(0, extra.get(step, 0) - _operands(request, Extend).extra_ms)

    def _begin(self, announced: ProgramBegin) -> None:
        self._upload = None
        if announced.length != announced.steps * STEP_SIZE:
            raise SafetyError(
                f"upload: {announced.steps} steps take {announced.steps * STEP_SIZE} bytes, not {announced.length}"
            )
        self._upload = _Upload(announced, bytearray(announced.length), bytearray(announced.length))

    def _data(self, piece: ProgramData, data: bytes) -> None:
        end = piece.offset + len(data)
        if self._upload is None:
            raise SafetyError("upload: a piece of a program without PROGRAM_BEGIN before it")
        if end > self._upload.announced.length:
            raise SafetyError(f"upload: a piece ends at byte {end}, announced were {self._upload.announced.length}")
        self._upload.put(piece.offset, data)

    def _commit(self) -> None:
        upload, self._upload = self._upload, None
        if upload is None or not upload.complete:
            raise SafetyError(
                "upload: the program is not complete, or its CRC is not the one announced; upload it again"
            )
        try:
            program = unpack_program(bytes(upload.data))
        except DecodeError as error:
            raise SafetyError(f"upload: the program is not one that a roller may run: {error}") from error
        self.admit(program)
        self._program = _Checked(program)

    def _require_program(self, opcode: Opcode) -> _Checked:
        if self._program is None:
            raise SafetyError(
                f"{opcode.name}: the program on the roller has not been checked by this host; upload it again"
            )
        return self._program

    def _extend(self, extend: Extend, step: int | None) -> None:
        extra_ms = extend.extra_ms
        program = self._require_program(Opcode.EXTEND)
        if step is not None and not 0 <= step < len(program.program):
            raise SafetyError(f"EXTEND: step {step} is not one of the {len(program.program)} steps of the program")
        for what, total_ms, which in (
            ("the step", program.step_ms(step, extra_ms), CeilingId.STEP_DURATION),
            ("the massage", program.massage_ms(extra_ms), CeilingId.MASSAGE_DURATION),
        ):
            if total_ms > round(self._ceilings[which] * MILLISECONDS_PER_SECOND):
                raise SafetyError(
                    f"EXTEND: with {_spoken_ms(extra_ms)} more {what} would last {_spoken_ms(total_ms)}, "
                    f"allowed are {spoken(self._ceilings[which], 's')} ({CEILINGS[which].reason})"
                )
        over = program.overrun(step, extra_ms, round(self._ceilings[CeilingId.PLACE_DWELL] * MILLISECONDS_PER_SECOND))
        if over is not None:
            raise SafetyError(
                f"EXTEND: with {_spoken_ms(extra_ms)} more {name_of_place(over.place)} would be worked for "
                f"{_spoken_ms(over.worked)} at step {over.index}, allowed are {_spoken_ms(over.most)} "
                f"({CEILINGS[CeilingId.PLACE_DWELL].reason}); leave this step as it is"
            )
        program.extra_ms[step] = program.extra_ms.get(step, 0) + extra_ms

    def _trim(self, trim: Trim) -> None:
        for what, percent in (("vibration", trim.vibration_percent), ("current", trim.current_percent)):
            if not 0 <= percent <= _FULL_PERCENT:
                raise SafetyError(
                    f"TRIM: {what} is {percent} %, allowed are 0 to {_FULL_PERCENT} %: a trim only lowers"
                )

    def _setting(self, operands: SettingSet) -> None:
        try:
            setting = Setting(operands.setting)
        except ValueError as error:
            known = ", ".join(f"{member.value} {member.name}" for member in Setting)
            raise SafetyError(f"setting {operands.setting} is not known, so not set; known are {known}") from error
        lowest, which = _SETTINGS[setting]
        most, unit = steps_of(which, self._ceilings[which]), counted(which).unit
        if not lowest <= operands.value <= most:
            raise SafetyError(
                f"setting {setting.name} would be {operands.value} {unit}, allowed are {lowest} to "
                f"{most} {unit}: a setting can lower a ceiling and never raise it"
            )


def _operands(request: Request, kind: type[_O]) -> _O:
    if not isinstance(request.operands, kind):
        raise SafetyError(f"{request.opcode.name} takes {kind.__name__}, not {type(request.operands).__name__}")
    return request.operands


def _spoken_ms(time_ms: int) -> str:
    return spoken(time_ms / MILLISECONDS_PER_SECOND, "s")
