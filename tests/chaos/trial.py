"""A hand-written record for the judge: a device that does everything right, until a test says what it does wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chaos.judge.delivered.soft_start import CHARGE, RMS
from chaos.judge.judge import Judge
from chaos.judge.truth import Truth
from glowsim.physics.types import TICK_US, Cue, Delivered, Drive
from glowtool.model.face import Direction
from glowtool.model.output import Waveform
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.codec import RESPONSE_MARKER, Response, ResponseHead, encode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import ProgramBegin
from glowtool.protocol.commands.states import after
from glowtool.protocol.program import STEP_SIZE, StepRecord, encode_program, program_crc
from glowtool.protocol.status import WIRE_NO_STEP, Outputs
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import encode
from support.device.firmware_bench import SKIN
from support.device.firmware_bench import step as step_of

if TYPE_CHECKING:
    from glowsim.physics.types import Sensed
    from glowtool.protocol.wire import Message

OFF: Final = Drive()
TOLD: Final = Truth()
STEP: Final = step_of(60_000, 500, 300)
AREA_CM2: Final = 1.0


def delivered_by(drive: Drive, **changes: object) -> Delivered:
    """Return what a good body delivers under a drive."""
    charge_uc = drive.peak_ua * CHARGE[drive.waveform] / drive.current_hz if drive.peak_ua else 0.0
    density = drive.peak_ua * RMS[drive.waveform] / AREA_CM2
    shaking_ms2 = 31.0 * drive.amplitude * (drive.vibration_hz / 150.0) ** 2
    good = Delivered(
        drive.peak_ua,
        (charge_uc, charge_uc * 0.997),
        density,
        AREA_CM2,
        drive.amplitude,
        drive.vibration_hz,
        shaking_ms2,
    )
    return replace(good, **changes)  # type: ignore[arg-type]  # the fields' own types


class Trial:
    """One judge, and what it is shown: `drive` is what is asked for now, `sensed` what the sensors say."""

    def __init__(self, judge: Judge | None = None) -> None:
        self.judge = judge or Judge()
        self.now_us = 0
        self.drive = OFF
        self.sensed = SKIN
        self.heard = True

    @property
    def state(self) -> State:
        return self.judge.wire.state

    def say(
        self,
        opcode: int,
        body: bytes = b"",
        result: Result = Result.SUCCESS,
        payload: Message | None = None,
        **head: object,
    ) -> None:
        """Let a host send something, and the device answer as it should, but for what `head` says."""
        run = self.judge.wire.run
        state = after(self.state, Opcode(opcode)) if result is Result.SUCCESS else self.state
        step = WIRE_NO_STEP if run is None else run.index + (opcode == Opcode.SKIP)
        if state not in {State.RUNNING, State.PAUSED}:
            step = WIRE_NO_STEP
        elif opcode == Opcode.START:
            step = 0
        held = Interlock.PRESSURE_CAUTION if max(self.sensed.cells_raw) > 600 else Interlock(0)
        outputs = _outputs(self.drive if state is State.RUNNING else OFF)
        right = ResponseHead(
            RESPONSE_MARKER, opcode, 7, result, state, step, held,
            outputs.amplitude_permille, outputs.vibration_dhz, outputs.peak_ua, outputs.current_dhz,
        )  # fmt: skip
        said = replace(right, **head)  # type: ignore[arg-type]  # the fields' own types
        answer = encode_response(Response(said, payload))
        if state is not State.RUNNING:
            self.drive = OFF
        self.judge.answered(self.now_us, bytes((opcode, 7)) + body, answer)

    def load(self, *steps: StepRecord) -> None:
        data = encode_program(steps)
        self.say(Opcode.PROGRAM_BEGIN, encode(ProgramBegin(len(data) // STEP_SIZE, len(data), program_crc(data))))
        for at in range(0, len(data), 100):
            self.say(Opcode.PROGRAM_DATA, at.to_bytes(2, "little") + data[at : at + 100])
        self.say(Opcode.PROGRAM_COMMIT)

    def tick(
        self,
        drive: Drive | None = None,
        *,
        state: State | None = None,
        sensed: Sensed | None = None,
        delivered: Delivered | None = None,
        truth: Truth = TOLD,
    ) -> None:
        """Let one tick pass: what was asked for was delivered, and `drive` is asked for from now on."""
        self.now_us += TICK_US
        before, self.drive = self.drive, self.drive if drive is None else drive
        self.judge.look(
            self.now_us,
            self.state if state is None else state,
            sensed or self.sensed,
            delivered or delivered_by(before),
            self.drive,
            truth=truth,
        )

    def wanted(self) -> Drive:
        """Return what a good device drives in the next tick: on the way to what the step asks for, no faster."""
        run = self.judge.wire.run
        if run is None or self.state is not State.RUNNING:
            return OFF
        asked = run.step
        share = TICK_US * 1e-6 / asked.ramp_s
        self._level = min(self._level + share, 1.0) if self.drive.cue.step == run.index else share
        peak_ua = min(400.0 * self._level, asked.peak_ua * run.trim[1]) // 10 * 10
        return Drive(
            min(self._level, asked.amplitude * run.trim[0]), asked.vibration_hz, peak_ua,
            asked.current_hz if peak_ua else 0.0, asked.waveform if peak_ua else Waveform.NONE,
            Cue(run.index, Direction.UPWARD),
        )  # fmt: skip

    _level = 0.0

    def run(self, seconds: float) -> None:
        """Let time pass with everything as it should be, heartbeats too while the host is `heard`."""
        for number in range(round(seconds * 1e6 / TICK_US)):
            if self.heard and number % 50 == 0:
                self.say(Opcode.HEARTBEAT)
            self.tick(self.wanted())


def _outputs(drive: Drive) -> Outputs:
    return Outputs(
        round(drive.amplitude * 1000), round(drive.vibration_hz * 10), int(drive.peak_ua), round(drive.current_hz * 10)
    )


def started(*steps: StepRecord, seconds: float = 4.0, judge: Judge | None = None) -> Trial:
    """Return a trial with a massage that has been running well for some seconds."""
    trial = Trial(judge)
    trial.load(*(steps or (STEP, STEP)))
    trial.say(Opcode.START)
    trial.run(seconds)
    return trial
