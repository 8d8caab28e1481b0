"""The talk between host and roller: program, run, trim, settings, tare, and the owner of the massage.

Nothing here is taken from the device but its answers and the state that it claims; both are judged as they come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.judge.ceilings import PEAK_UA, TICKS_US
from chaos.judge.commands.latch import Latch
from chaos.judge.commands.legal import leads_to, may
from chaos.judge.commands.owner import STOPS, Owner
from chaos.judge.commands.program import Program, Upload
from chaos.judge.commands.run import Run
from chaos.judge.commands.tare import Tare
from chaos.judge.violation import ViolationError
from glowtool.model.state import State
from glowtool.protocol.commands.codec import RequestError, decode_request, decode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.payloads import SettingValue
from glowtool.protocol.records import Diagnostic, DiagnosticValue
from glowtool.protocol.status import WIRE_NO_STEP
from glowtool.protocol.vocabulary import Result, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.protocol.commands.codec import Response

#: States in which nothing runs that no command can bring about.
_STILL: Final = frozenset({State.LOCKED, State.FAULT})


class Wire:
    """What the device has agreed to. `alone`: the massage is the button's own, and no host has to be heard for it."""

    def __init__(self) -> None:
        self.heard_us = 0
        self.starts = 0
        self.state = State.IDLE
        self.run: Run | None = None
        self.owner = Owner()
        self.latch = Latch()
        self.tare = Tare()
        self.settings = {Setting.PEAK_UA_MAX: PEAK_UA, Setting.AMPLITUDE_PERMILLE_MAX: 1000.0, Setting.WATCHDOG_MS: 1e3}
        self._stored: Program | None = None
        self._may_be_stored: tuple[Program | None, ...] = ()
        self._committed: Program | None = None
        self._upload: Upload | None = None

    @property
    def linked(self) -> bool:
        """Whether a host with keys is there."""
        return self.owner.host is not None

    @property
    def alone(self) -> bool:
        """Whether the massage belongs to the button alone."""
        return self.run is not None and self.owner.massage_of is None

    def met(self, host: str | None) -> None:
        """Take note that a host with keys is there, or none any more."""
        if host != self.owner.host:
            self._upload = None
        self.owner.host, self.owner.bond_gone = host, False

    def forgotten(self, host: str) -> None:
        """Take note that the bond of a host has gone: what is its own ends, and if it is there it may only stop."""
        self.owner.bond_gone = self.owner.bond_gone or host == self.owner.host
        if self.state in {State.READY, State.RUNNING, State.PAUSED} and host in {
            self.owner.massage_of, self.owner.program_of,
        }:  # fmt: skip
            self._go(State.IDLE)

    @property
    def in_doubt(self) -> bool:
        """Whether only the device can say which program it has stored, since its power failed over it."""
        return bool(self._may_be_stored)

    def unanswered(self, request: bytes) -> None:
        """Take note of a request over which the power failed: it was carried out, or it was not."""
        opcode, body = _opcode(request), request[2:]
        if opcode is None or not may(self.state, opcode):
            return
        if opcode is Opcode.SETTING_SET and body[0] in set(Setting):
            setting = Setting(body[0])
            self.settings[setting] = max(self.settings[setting], float(_value(body)))
        elif opcode in {Opcode.PROGRAM_STORE, Opcode.PROGRAM_ERASE_STORED}:
            self._may_be_stored = self._stored, self._committed if opcode is Opcode.PROGRAM_STORE else None
        self.latch.unanswered(opcode)
        self.tare.unanswered(opcode)

    def power_cycled(self, now_us: int) -> None:
        """Forget what a loss of power makes the device forget: not the latch, nor settings, tare, stored program."""
        self.heard_us = now_us
        self.latch.power_cycled(now_us)
        self._go(State.LATCHED if self.latch.on else State.IDLE)

    def pass_time(self, dt_us: int) -> None:
        """Let the time of a tick pass for what runs at its end."""
        run = self.run
        if run is None or self.state is not State.RUNNING:
            return
        run.advance(dt_us)
        if run.over and run.late_us > TICKS_US:
            raise ViolationError(f"the massage goes on {run.late_us} µs after its end")

    def claimed(self, state: State) -> None:
        """Take note of the state that the device shows after a tick, which no command has changed since."""
        if state is not self.state:
            self._changed(state)

    def pressed(self, state: State) -> None:
        """Take note of a press of the button that led to a state."""
        if state is State.RUNNING and self.state is not State.RUNNING:
            if self.latch.on:
                raise ViolationError("the button started something under an emergency stop")
            self._begin(self._stored)
            self.owner.massage_of = self.owner.program_of = None
            self.state = state
        elif self.state in {State.RUNNING, State.PAUSED} and state in {State.RUNNING, State.PAUSED}:
            raise ViolationError("the button did not stop what ran")
        else:
            self.claimed(state)

    def answered(self, now_us: int, request: bytes, answer: bytes) -> Response:
        """Take note of a request and its answer; return the latter."""
        response = decode_response(answer)
        head, before = response.head, self.state
        self._echoed(request, response)
        opcode = _opcode(request)
        if head.result is not Result.SUCCESS:
            if head.state is not before:
                raise ViolationError(f"{head.result.name} led from {before.name} to {head.state.name}")
            if opcode in STOPS and self.linked and before is State.RUNNING:
                raise ViolationError(f"{opcode.name} was refused with {head.result.name} while the massage ran")
            return response
        if opcode is None:
            raise ViolationError(f"a request that is none was obeyed: {request.hex()}")
        self._obeyed(now_us, opcode, request[2:], response)
        return response

    def _echoed(self, request: bytes, response: Response) -> None:
        said = response.head.opcode, response.head.sequence
        sent = request[0] if request else 0, request[1] if len(request) > 1 else 0
        if said != sent:
            raise ViolationError(f"the answer to {sent} is one to {said}")

    def _obeyed(self, now_us: int, opcode: Opcode, body: bytes, response: Response) -> None:
        before, state = self.state, response.head.state
        if not may(before, opcode):
            raise ViolationError(f"{opcode.name} was obeyed in {before.name}")
        self.owner.obeyed(opcode, runs=self.run is not None)
        if self.owner.there:
            self.heard_us = now_us
        if opcode is Opcode.SETTING_SET:
            self._set(body, response)
        if opcode is Opcode.DIAGNOSTICS and body[0] == Diagnostic.STORED_PROGRAM_CRC:
            self._named(response)
        self.latch.obeyed(now_us, opcode)
        self.tare.obeyed(now_us, opcode)
        note = _NOTES.get(opcode)
        if note is not None:
            note(self, body)
        wanted = leads_to(before, opcode)
        if opcode is Opcode.SKIP and self.run is not None and self.run.over:
            wanted = State.READY
        if opcode is Opcode.REARM and state in _STILL:
            wanted = state  # the emergency stop is left, and the charger or a broken part holds the roller at once
        if state is not wanted:
            raise ViolationError(f"{opcode.name} in {before.name} led to {state.name}, not {wanted.name}")
        if state is not before:
            self._go(state)
        self._placed(response)

    def _placed(self, response: Response) -> None:
        """Judge the step that an answer names."""
        step, run = response.head.step, self.run
        if step not in ((WIRE_NO_STEP,) if run is None else run.indices()):
            raise ViolationError(f"an answer claims step {step}")

    def _changed(self, state: State) -> None:
        """Take note of a state that no command has brought about."""
        if self.latch.found(state):
            self._go(state)
            return
        if self.latch.on:
            raise ViolationError(f"{state.name} under an emergency stop")
        if state is State.RUNNING:
            raise ViolationError(f"outputs may be on again after {self.state.name} without a command")
        if state is State.PAUSED and self.state is not State.RUNNING:
            raise ViolationError(f"{self.state.name} became {state.name} without a command")
        self._go(state)

    def _go(self, state: State) -> None:
        self.state = state
        if state not in {State.RUNNING, State.PAUSED}:
            self.run = self.owner.massage_of = None
        if state in {State.IDLE, State.LATCHED, State.LOCKED, State.FAULT}:
            self._committed, self._upload, self.owner.program_of = None, None, None

    def _set(self, body: bytes, response: Response) -> None:
        value = _value(body)
        if not isinstance(response.payload, SettingValue) or response.payload.value != value:
            raise ViolationError(f"a setting of {value} was answered with {response.payload}")
        self.settings[Setting(body[0])] = float(value)

    def _begin(self, program: Program | None) -> None:
        if program is None:
            raise ViolationError("a massage began without a program")
        for step in program.steps:
            over_peak = step.highest.peak_ua > self.settings[Setting.PEAK_UA_MAX]
            if over_peak or step.highest.amplitude * 1000 > self.settings[Setting.AMPLITUDE_PERMILLE_MAX] + 1e-6:
                raise ViolationError(f"a program over the settings was started: {step}")
        self.run = Run(program.steps)
        self._committed = program
        self.starts += 1

    def _named(self, response: Response) -> None:
        """Take note of the CRC of the program that the device says it has stored."""
        said = response.payload.value if isinstance(response.payload, DiagnosticValue) else None
        for program in self._may_be_stored or (self._stored,):
            if said == (0 if program is None else program.crc32):
                self._stored, self._may_be_stored = program, ()
                return
        raise ViolationError(f"the stored program is said to have the CRC {said}; kept was {self._stored}")

    # What each command that was obeyed means.

    def _begun(self, body: bytes) -> None:
        self._upload = Upload(body)

    def _loaded(self, body: bytes) -> None:
        if self._upload is None:
            raise ViolationError("a piece of a program was accepted without an upload")
        self._upload.put(body)

    def _commit(self, _body: bytes) -> None:
        if self._upload is None:
            raise ViolationError("a commit was accepted without an upload")
        self._committed, self._upload = self._upload.program(), None

    def _started(self, _body: bytes) -> None:
        self._begin(self._committed)
        self._upload = None

    def _kept(self, _body: bytes) -> None:
        self._stored, self._may_be_stored = self._committed, ()

    def _erased(self, _body: bytes) -> None:
        self._stored, self._may_be_stored = None, ()

    def _skipped(self, _body: bytes) -> None:
        if self.run is not None:
            self.run.skip()

    def _extended(self, body: bytes) -> None:
        if self.run is not None:
            self.run.extend(int.from_bytes(body, "little"))

    def _trimmed(self, body: bytes) -> None:
        if max(body) > 100:
            raise ViolationError(f"a trim of {tuple(body)} % was accepted")
        if self.run is not None:
            self.run.trim = body[0] / 100, body[1] / 100


def _value(body: bytes) -> int:
    return int.from_bytes(body[1:5], "little", signed=True)


def _opcode(request: bytes) -> Opcode | None:
    try:
        return decode_request(request).opcode
    except RequestError:
        return None


_NOTES: Final[dict[Opcode, Callable[[Wire, bytes], None]]] = {
    Opcode.PROGRAM_BEGIN: Wire._begun,
    Opcode.PROGRAM_DATA: Wire._loaded,
    Opcode.PROGRAM_COMMIT: Wire._commit,
    Opcode.START: Wire._started,
    Opcode.PROGRAM_STORE: Wire._kept,
    Opcode.PROGRAM_ERASE_STORED: Wire._erased,
    Opcode.SKIP: Wire._skipped,
    Opcode.EXTEND: Wire._extended,
    Opcode.TRIM: Wire._trimmed,
}
