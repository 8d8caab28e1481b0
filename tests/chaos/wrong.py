"""Records that are wrong in one thing each, which a device or a host did and must not do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chaos.judge.violation import ViolationError
from chaos.trial import OFF, STEP, Trial, delivered_by
from glowsim.physics.types import TICK_US
from glowtool.model.output import Waveform
from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import ProgramBegin
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.status import Status
from glowtool.protocol.wire import encode
from support.device.firmware_bench import SKIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos.judge.truth import Truth
    from glowsim.physics.types import Sensed
    from glowtool.protocol.vocabulary import Setting


def drive(**changes: object) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        trial.tick(replace(trial.drive, **changes))  # type: ignore[arg-type]  # the fields' own types

    return wrong


def delivered(**changes: object) -> Callable[[Trial], None]:
    return lambda trial: trial.tick(delivered=delivered_by(trial.drive, **changes))


def sensed(**changes: object) -> Callable[[Trial], None]:
    return lambda trial: trial.tick(sensed=replace(trial.sensed, **changes))  # type: ignore[arg-type]


def then(*wrongs: Callable[[Trial], None]) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        for one in wrongs:
            one(trial)

    return wrong


def says(opcode: Opcode, body: bytes = b"", **answer: object) -> Callable[[Trial], None]:
    return lambda trial: trial.say(opcode, body, **answer)  # type: ignore[arg-type]  # the arguments' own types


def after(seconds: float, sensed: Sensed = SKIN) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        for number in range(round(seconds * 1e6 / TICK_US)):
            trial.tick(sensed=sensed)
            trial.sensed = sensed
            if number % 50 == 0:
                trial.say(Opcode.HEARTBEAT)

    return wrong


def said(opcode: Opcode, body: bytes = b"", **answer: object) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        trial.say(opcode, body, **answer)  # type: ignore[arg-type]
        trial.tick(trial.wanted())

    return wrong


def rise(**step_changes: object) -> Callable[[Trial], None]:
    """Go on into a step that asks for something else, with the level that there was."""

    def wrong(trial: Trial) -> None:
        trial.say(Opcode.SKIP)
        for _ in range(30):
            trial.tick(
                replace(trial.drive, cue=trial.wanted().cue, **step_changes),  # type: ignore[arg-type]
            )

    return wrong


def lost_power(trial: Trial) -> None:
    trial.judge.power_cycled(trial.now_us)
    trial.drive = OFF


def latched(*, wait_s: float, power: bool) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        trial.say(Opcode.EMERGENCY_STOP)
        trial.run(2.5 if power else wait_s)
        if power:
            lost_power(trial)
            trial.run(wait_s)
        trial.say(Opcode.REARM)

    return wrong


def forgets_the_latch(trial: Trial) -> None:
    trial.say(Opcode.EMERGENCY_STOP)
    trial.run(0.1)
    lost_power(trial)
    trial.tick(state=State.IDLE)


def other(opcode: Opcode, body: bytes = b"", *, paused: bool = False) -> Callable[[Trial], None]:
    """Let another bonded host come and be obeyed."""

    def wrong(trial: Trial) -> None:
        if paused:
            trial.say(Opcode.PAUSE)
        trial.judge.wire.met("another")
        trial.say(opcode, body)

    return wrong


def stranger(trial: Trial) -> None:
    trial.judge.wire.met(None)
    trial.say(Opcode.HEARTBEAT)


def button(trial: Trial) -> None:
    trial.say(Opcode.STOP)
    trial.run(0.1)
    trial.judge.wire.pressed(State.RUNNING)


def dies(drive: object) -> Callable[[Trial], None]:
    """Let the firmware hang while something of its drive goes on."""

    def wrong(trial: Trial) -> None:
        for _ in range(28):
            trial.now_us += TICK_US
            trial.judge.look_on(trial.now_us, delivered_by(drive), drive)  # type: ignore[arg-type]

    return wrong


def runs_down(trial: Trial) -> None:
    shaken = delivered_by(replace(trial.drive, peak_ua=0.0, waveform=Waveform.NONE))
    for _ in range(25):
        trial.tick(replace(OFF, cue=trial.drive.cue), delivered=shaken)


def silent(trial: Trial) -> None:
    trial.heard = False
    trial.run(1.1)


def dip(trial: Trial) -> None:
    """Press too hard for nearly long enough, and softly for a moment, again and again."""
    for _ in range(4):
        after(0.485, sensed=replace(SKIN, cells_raw=(1300, 350, 350, 350)))(trial)
        after(0.02)(trial)


def held(seconds: float, **step_changes: object) -> Callable[[Trial], None]:
    """Go on for a time, with something of the drive as no step says."""

    def wrong(trial: Trial) -> None:
        for number in range(round(seconds * 1e6 / TICK_US)):
            if number % 50 == 0:
                trial.say(Opcode.HEARTBEAT)
            trial.tick(replace(trial.wanted(), **step_changes))  # type: ignore[arg-type]

    return wrong


def creeps(trial: Trial) -> None:
    """Go on rising where the step's level is reached."""
    for _ in range(20):
        trial.tick(replace(trial.drive, amplitude=trial.drive.amplitude + 0.001))


def goes_on(seconds: float) -> Callable[[Trial], None]:
    """Let what was driven go on for a time, whatever the program says."""
    return after(seconds)


def tared(truth: Truth) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        trial.say(Opcode.STOP)
        contact_cm2 = 1.0 if truth.right_kpa else 0.0
        for _ in range(30):
            trial.tick(delivered=delivered_by(OFF, contact_area_cm2=contact_cm2), truth=truth)
        trial.say(Opcode.TARE)

    return wrong


def set_and_ignored(setting: Setting, value: int) -> Callable[[], Trial]:
    def make() -> Trial:
        trial = Trial()
        trial.load(STEP)
        trial.judge.wire.settings[setting] = value
        with pytest.raises(ViolationError, match="a program over the settings was started"):
            trial.say(Opcode.START)
        trial.judge.wire.settings[setting] = 1000
        trial.say(Opcode.START)
        trial.judge.wire.settings[setting] = value
        trial.run(1.0)
        return trial

    return make


def upload(*pieces: tuple[int, int]) -> Callable[[Trial], None]:
    """Commit a program of which these ranges came."""

    def wrong(trial: Trial) -> None:
        trial.say(Opcode.STOP)
        data = encode_program((STEP, STEP))
        trial.say(Opcode.PROGRAM_BEGIN, encode(ProgramBegin(2, len(data), program_crc(data))))
        for low, high in pieces:
            trial.say(Opcode.PROGRAM_DATA, low.to_bytes(2, "little") + data[low:high])
        trial.say(Opcode.PROGRAM_COMMIT)

    return wrong


def status(**changes: object) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        run, drive = trial.judge.wire.run, trial.drive
        assert run is not None
        outputs = round(drive.amplitude * 1000), round(drive.vibration_hz * 10), int(drive.peak_ua), 200
        times = run.step_us // 1000, run.massage_us // 1000
        right = Status(State.RUNNING, 0, 2, 80, Interlock(0), Fault(0), *outputs, *times, 100, 100, 1, 0)
        trial.judge.told(right)
        trial.tick(trial.wanted())
        trial.judge.told(replace(right, **changes))  # type: ignore[arg-type]
        trial.tick(trial.wanted())

    return wrong
