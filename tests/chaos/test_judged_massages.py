"""The judge passes massages with a bit of everything in them, played to the firmware."""

from __future__ import annotations

import random
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from chaos.faults import Event, Fault, FaultyBody, Kind
from chaos.host import ONE, OTHER, Host, Manner
from chaos.judge import margins
from chaos.judge.ceilings import DAY_CURRENT_US, DAY_VIBRATION_US
from chaos.judge.delivered.soft_start import SoftStart
from chaos.judge.judge import Judge
from chaos.massage import judge_tick
from glowsim.physics.body import BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowtool.model.face import Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import STEP_SIZE, encode_program, program_crc
from glowtool.protocol.records import Diagnostic
from glowtool.protocol.vocabulary import Result, Setting
from support.device.firmware_bench import Bench, step
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from glowtool.protocol.program import StepRecord

EVEN: Final = HandParameters(target_kpa=5.0, wander_kpa=0.05, tremor_kpa=0.05, lift_s=0.1)
PRESSING: Final = HandParameters(target_kpa=10.5, wander_kpa=0.05, tremor_kpa=0.05)
CAUTIOUS: Final = HandParameters(target_kpa=7.5, wander_kpa=0.05, tremor_kpa=0.05)

#: Steps that differ in all that a step can differ in.
VARIED: Final = (
    step(5000, 600, 200, ramp_ms=4000),
    replace(step(6000, 1000, 120, pattern=Pattern.RAMP, pattern_period_ms=2000), waveform=Waveform.BIPHASIC_PULSE),
    replace(step(5000, 500, 300, ramp_ms=20_000), vibration_dhz=1400, current_dhz=900, zone=Zone.CHIN),
    replace(step(4000, 900, 100, pattern=Pattern.WAVE, pattern_period_ms=1000), vibration_dhz=450, current_dhz=20),
)


class Play:
    """One roller, its host, and the judge of both."""

    def __init__(
        self,
        hand: HandParameters = EVEN,
        *faults: Fault,
        memory: VolatileMemory | None = None,
        judge: Judge | None = None,
    ) -> None:
        chance = random.Random(1)  # noqa: S311 - reproducible, not secret
        self.bench = Bench(FaultyBody(BodyParameters(hand=hand), 3, faults, chance), memory)
        self.judge = judge or Judge()
        self.host = Host(self.bench, self.judge, Manner(wake_s=1e9, acts=0.0, silences=0.0), chance)
        self.run(0.3)

    def is_in(self, state: State) -> bool:
        return self.bench.firmware.state is state

    def do(self, opcode: Opcode, body: bytes = b"") -> Result:
        answered = self.host.command(opcode, body)
        assert answered is not None
        return answered

    def run(self, seconds: float) -> None:
        until_us, heard_us = self.bench.now_us + round(seconds * 1e6), 0
        while self.bench.now_us < until_us:
            self.host.pass_time(self.bench.now_us)
            if self.host.linked and self.bench.now_us - heard_us > 200_000:
                heard_us = self.bench.now_us
                self.do(Opcode.HEARTBEAT)
            judge_tick(self.bench, self.judge, self.host)

    def load(self, *steps: StepRecord) -> None:
        data = encode_program(steps)
        self.do(Opcode.PROGRAM_BEGIN, struct.pack("<BHI", len(data) // STEP_SIZE, len(data), program_crc(data)))
        for at in reversed(range(0, len(data), STEP_SIZE - 1)):
            self.do(Opcode.PROGRAM_DATA, struct.pack("<H", at) + data[at : at + STEP_SIZE - 1])
        assert self.do(Opcode.PROGRAM_COMMIT) is Result.SUCCESS

    def start(self, *steps: StepRecord) -> None:
        self.load(*steps)
        assert self.do(Opcode.START) is Result.SUCCESS

    def come(self, host: str) -> None:
        """Let a bonded host come in place of the one that is there."""
        bench = self.bench
        bench.firmware.on_link(bench.now_us, up=False, authenticated=False)
        self.judge.wire.met(None)
        self.judge.wire.claimed(self.bench.firmware.state)
        self.run(0.2)
        bench.firmware.on_link(bench.now_us, up=True, authenticated=True, host=host)
        self.judge.wire.met(host)
        self.judge.wire.claimed(self.bench.firmware.state)


def test_a_massage_of_all_sorts_of_steps_runs_as_it_was_sent() -> None:
    play = Play()
    play.start(*VARIED)
    play.run(21.0)
    assert play.is_in(State.READY)
    assert play.judge.figures()[margins.PEAK] >= 100.0
    assert play.judge.wire.starts == 1


def test_a_massage_that_is_steered_goes_as_it_is_steered() -> None:
    play = Play()
    play.start(*VARIED)
    play.run(2.0)
    play.do(Opcode.PAUSE)
    play.run(1.0)
    play.do(Opcode.RESUME)
    play.run(2.0)
    play.do(Opcode.EXTEND, struct.pack("<I", 2000))
    play.do(Opcode.TRIM, bytes((70, 40)))
    play.run(4.0)
    assert play.judge.wire.run is not None
    assert play.judge.wire.run.index == 1
    play.run(2.0)
    play.do(Opcode.SKIP)
    play.run(5.5)
    play.do(Opcode.SKIP)
    assert play.is_in(State.READY)
    play.start(*VARIED)
    play.run(1.0)
    play.do(Opcode.STOP)
    play.run(0.5)
    play.do(Opcode.START)
    play.run(1.0)
    play.do(Opcode.EMERGENCY_STOP)
    play.run(0.5)
    assert play.is_in(State.LATCHED)


def test_time_goes_by_the_clock_whatever_the_rate_of_telemetry() -> None:
    play = Play()
    play.do(Opcode.TELEMETRY_START, struct.pack("<HI", 400, 1))
    play.start(VARIED[0], VARIED[2])
    play.run(11.0)
    assert play.is_in(State.READY)


def test_an_emergency_stop_and_a_setting_hold_over_the_power() -> None:
    play = Play()
    play.do(Opcode.SETTING_SET, struct.pack("<Bi", Setting.PEAK_UA_MAX, 250))
    play.do(Opcode.EMERGENCY_STOP)
    play.run(2.5)
    play.host.lose_power()
    play.come(ONE)
    assert play.do(Opcode.REARM) is Result.GRACE
    play.run(1.5)
    assert play.do(Opcode.REARM) is Result.GRACE
    play.run(1.0)
    assert play.do(Opcode.REARM) is Result.SUCCESS
    data = encode_program((VARIED[2],))
    play.do(Opcode.PROGRAM_BEGIN, struct.pack("<BHI", 1, len(data), program_crc(data)))
    play.do(Opcode.PROGRAM_DATA, struct.pack("<H", 0) + data)
    play.do(Opcode.PROGRAM_COMMIT)
    play.do(Opcode.START)
    play.run(1.0)


def test_the_button_starts_what_was_stored_and_nothing_that_was_erased() -> None:
    play = Play()
    play.load(VARIED[2])
    assert play.do(Opcode.PROGRAM_STORE) is Result.SUCCESS
    play.start(VARIED[0])
    play.run(1.0)
    play.do(Opcode.STOP)
    play.come(OTHER)
    play.host.press(0.2)
    play.run(3.0)
    assert play.is_in(State.RUNNING)
    play.host.press(0.2)
    play.do(Opcode.DIAGNOSTICS, bytes((Diagnostic.STORED_PROGRAM_CRC,)))
    play.run(0.5)
    assert play.do(Opcode.PROGRAM_ERASE_STORED) is Result.SUCCESS
    play.host.press(0.2)
    play.do(Opcode.DIAGNOSTICS, bytes((Diagnostic.STORED_PROGRAM_CRC,)))
    play.run(0.5)
    assert play.is_in(State.READY)
    play.start(VARIED[1])
    play.run(2.0)


def test_two_hosts_in_turn_steer_only_what_is_their_own() -> None:
    play = Play()
    play.start(*VARIED)
    play.run(1.0)
    play.come(OTHER)
    play.run(1.0)
    for opcode, body in ((Opcode.RESUME, b""), (Opcode.SKIP, b""), (Opcode.TRIM, bytes((50, 50)))):
        assert play.do(opcode, body) is Result.NOT_FROM_THIS_HOST
    play.come(ONE)
    assert play.is_in(State.PAUSED)
    assert play.do(Opcode.RESUME) is Result.SUCCESS
    play.run(1.0)
    play.come(OTHER)
    assert play.do(Opcode.STOP) is Result.SUCCESS
    play.run(0.3)


def test_garbage_is_refused_and_a_silent_host_stops_all_in_its_own_time() -> None:
    play = Play()
    play.do(Opcode.SETTING_SET, struct.pack("<Bi", Setting.WATCHDOG_MS, 300))
    assert play.host.arrive(b"") is Result.BAD_LENGTH
    assert play.host.arrive(bytes((0x7E, 1))) is Result.UNKNOWN_OPCODE
    play.start(*VARIED)
    play.run(1.0)
    for _ in range(200):
        judge_tick(play.bench, play.judge, play.host)
    assert play.is_in(State.PAUSED)
    play.run(1.0)
    assert play.is_in(State.PAUSED)


@pytest.mark.parametrize("hand", [PRESSING, CAUTIOUS], ids=["over 9.3 kPa", "over 6 kPa"])
def test_what_is_pressed_too_hard_is_halved_and_told(hand: HandParameters) -> None:
    play = Play(hand)
    play.start(step(8000, 800, 200))
    play.run(7.0)
    assert play.judge.figures()[margins.PRESSURE] > 6.0


@pytest.mark.parametrize("days", [0, 1, 3])
def test_neither_a_clock_nor_a_loss_of_power_gives_a_new_dose(days: int) -> None:
    spent_us = DAY_CURRENT_US - 9_000_000, DAY_VIBRATION_US - 9_000_000
    kept = {"on_us": spent_us[1], "current_us": spent_us[0], "vibration_us": spent_us[1]}
    play = Play(EVEN, memory=VolatileMemory({"dose": kept}), judge=Judge(spent_us))
    today_ms = 1_790_000_000_000
    for number in range(8):
        play.do(Opcode.SET_TIME, struct.pack("<Q", today_ms + days * number * 86_400_000))
        play.load(VARIED[0])
        play.do(Opcode.START)
        play.run(3.0)
        play.do(Opcode.SET_TIME, struct.pack("<Q", today_ms + days * (number + 1) * 86_400_000))
        play.run(0.5)
        play.host.lose_power()
        play.come(ONE)


def test_the_motor_and_the_source_are_judged_by_what_they_do() -> None:
    assert len(SoftStart()._all) == 10


LIARS: Final = (
    Fault(Kind.CELL_STUCK, 1_000_000, 2**40, 4, 0, Event.LANDING, 150_000),
    Fault(Kind.CELL_STUCK_NOISY, 1_000_000, 2**40, 4, 700, Event.LANDING, 150_000),
    Fault(Kind.IMPEDANCE_NOISY, 1_000_000, 2**40, 0, 0),
    Fault(Kind.SOURCE_DEAD, 1_000_000, 2**40, 0, 0),
)


@pytest.mark.parametrize("fault", LIARS, ids=lambda fault: str(fault.kind))
def test_a_sensor_that_lies_raises_no_density(fault: Fault) -> None:
    play = Play(HandParameters(target_kpa=1.0, stroke_s=1.0, lift_every=1), fault)
    play.start(step(9000, 0, 400))
    play.run(9.0)
