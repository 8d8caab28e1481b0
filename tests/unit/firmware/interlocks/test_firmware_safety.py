"""No program, hand, skin or host makes electrode or motor exceed a ceiling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glowsim.firmware.interlocks.contact import ContactGate, DensityLimit
from glowsim.firmware.interlocks.heat import HeadTemperature
from glowsim.firmware.interlocks.impedance import ImpedanceLimit
from glowsim.firmware.interlocks.pressure import PressureHalf, PressureZero
from glowsim.firmware.interlocks.supply import BatteryWeak
from glowsim.firmware.interlocks.table import RULES, Interlocks
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.cells import CellParameters
from glowsim.physics.contact.skin import SkinParameters
from glowsim.physics.hand.hand import HandParameters
from glowtool.model.output import Pattern
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, SettingSet, Trim
from glowtool.protocol.vocabulary import Result, Setting
from support.device.delivered_judge import Judge
from support.device.firmware_bench import Bench, step
from support.device.programs import valid_steps

if TYPE_CHECKING:
    from glowtool.protocol.program import StepRecord
    from glowtool.protocol.wire import Message


@dataclass(frozen=True, slots=True)
class Act:
    """Something that the host, the person or the link does after a time; `opcode` None is a press of the button."""

    after_s: float
    opcode: Opcode | None
    operands: Message | None = None
    silent: bool = False


HANDS = st.builds(
    HandParameters,
    target_kpa=st.floats(0.2, 18.0),
    stroke_mm=st.floats(5.0, 150.0),
    stroke_s=st.floats(0.4, 3.0),
    symmetry=st.floats(0.1, 0.9),
    tremor_kpa=st.floats(0.0, 3.0),
    wander_kpa=st.floats(0.0, 3.0),
    lift_s=st.floats(0.02, 1.0),
    lift_every=st.integers(0, 3),
    reaction_s=st.floats(0.0, 0.5),
)
BODIES = st.builds(
    BodyParameters,
    hand=HANDS,
    skin=st.builds(SkinParameters, moisture=st.floats(0.0, 1.0), temperature_c=st.floats(25.0, 36.0)),
    battery_percent=st.sampled_from((4.0, 9.0, 10.0, 11.0, 80.0)),
    ambient_c=st.sampled_from((20.0, 45.0)),
)
COMMANDS = st.one_of(
    st.tuples(
        st.sampled_from((Opcode.PAUSE, Opcode.RESUME, Opcode.SKIP, Opcode.STOP, Opcode.START, Opcode.REARM)),
        st.none(),
    ),
    st.tuples(st.just(Opcode.EMERGENCY_STOP), st.none()),
    st.tuples(st.just(Opcode.TRIM), st.builds(Trim, st.integers(0, 100), st.integers(0, 100))),
    st.tuples(st.just(Opcode.EXTEND), st.builds(Extend, st.integers(1, 20_000))),
    st.tuples(
        st.just(Opcode.SETTING_SET),
        st.builds(SettingSet, st.sampled_from(Setting), st.integers(0, 1000)),
    ),
    st.tuples(st.none(), st.none()),
)
ACTS = st.lists(
    st.builds(
        lambda after_s, command, silent: Act(after_s, command[0], command[1], silent),
        st.floats(0.1, 4.0),
        COMMANDS,
        st.sampled_from((False, False, False, True)),
    ),
    max_size=6,
)


class Session:
    """A bench under judgement."""

    def __init__(self, body: Body, steps: list[StepRecord]) -> None:
        self.bench = Bench(body)
        self.judge = Judge(
            max(item.amplitude_permille for item in steps) / 1000, float(max(item.peak_ua for item in steps))
        )
        self.bench.load(*steps)
        self._send(Opcode.START)

    def _send(self, opcode: Opcode, operands: Message | None = None) -> None:
        if self.bench.result(opcode, operands) is Result.SUCCESS:
            self.judge.heard_us = self.bench.now_us

    def act(self, act: Act) -> None:
        self.run(act.after_s, silent=act.silent)
        if act.opcode is None:
            self.bench.firmware.press_button(self.bench.now_us, 0.2)
        else:
            self._send(act.opcode, act.operands)

    def run(self, duration_s: float, *, silent: bool = False) -> None:
        for number in range(round(duration_s * 200)):
            if number % 50 == 0 and not silent:
                self._send(Opcode.HEARTBEAT)
            self.bench.tick()
            self.judge.look(self.bench)


@given(
    body=BODIES,
    seed=st.integers(0, 1000),
    steps=st.lists(valid_steps(max_duration_ms=8000), min_size=1, max_size=3),
    acts=ACTS,
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_ceiling_is_broken_whatever_program_hand_and_host_do(
    body: BodyParameters, seed: int, steps: list[StepRecord], acts: list[Act]
) -> None:
    session = Session(Body(body, seed), steps)
    for act in acts:
        session.act(act)
    session.run(4.0)


@pytest.mark.parametrize("pattern", Pattern, ids=lambda pattern: pattern.name)
def test_a_full_massage_at_the_ceilings_reaches_them_and_breaks_none(pattern: Pattern) -> None:
    hand = HandParameters(target_kpa=5.0, lift_every=0)
    full = step(12_000, 1000, 400, pattern=pattern, pattern_period_ms=2000)
    session = Session(Body(BodyParameters(hand=hand), 7), [full])
    session.run(13.0)
    assert session.bench.state is State.READY
    assert session.judge.most_ua == 400.0
    assert session.judge.most_amplitude > 0.9


HARD_CASES = {
    "feather": BodyParameters(hand=HandParameters(target_kpa=0.5, tremor_kpa=0.1, wander_kpa=0.15)),
    "trembling": BodyParameters(hand=HandParameters(target_kpa=1.0, tremor_kpa=0.8, wander_kpa=0.1)),
    "one-sided": BodyParameters(hand=HandParameters(target_kpa=2.0, symmetry=0.9)),
    "lifting": BodyParameters(
        hand=HandParameters(target_kpa=6.0, stroke_s=4.0, lift_every=1, lift_s=0.02),
        cells=CellParameters(offset_kpa=0.1),
    ),
    "hard": BodyParameters(hand=HandParameters(target_kpa=10.5, tremor_kpa=0.1, wander_kpa=0.1)),
    "brutal": BodyParameters(hand=HandParameters(target_kpa=12.5, wander_kpa=1.0)),
    "dry": BodyParameters(skin=SkinParameters(moisture=0.0)),
    "weak battery": BodyParameters(battery_percent=10.02),
    "hot": BodyParameters(ambient_c=42.5, skin=SkinParameters(temperature_c=44.0)),
}


@pytest.mark.parametrize("name", HARD_CASES)
def test_a_full_massage_breaks_no_ceiling_in_a_hard_case(name: str) -> None:
    for seed in range(3):
        session = Session(Body(HARD_CASES[name], seed), [step(14_000, 1000, 400)])
        session.run(15.0)
        assert session.judge.most_amplitude > 0.0


def test_a_silent_host_means_motor_and_electrode_at_rest_within_a_second() -> None:
    session = Session(Body(BodyParameters(), 3), [step(20_000, 1000, 400)])
    session.run(6.0)
    assert session.bench.drive.amplitude == 1.0
    session.run(1.0, silent=True)
    assert session.bench.delivered is not None
    assert session.bench.delivered.quiet
    assert session.bench.state is State.PAUSED


@pytest.mark.parametrize(
    ("rules", "case"),
    [
        ((ContactGate,), "lifting"),
        ((DensityLimit, ImpedanceLimit), "feather"),
        ((PressureHalf,), "hard"),
        ((PressureZero,), "brutal"),
        ((HeadTemperature,), "hot"),
        ((BatteryWeak,), "weak battery"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0].__name__,
)
def test_a_firmware_without_an_interlock_is_found_out(rules: tuple[type, ...], case: str) -> None:
    """A judge that never finds anything proves nothing. Interlocks overlap, so not every seed needs each of them."""

    def broken(seed: int) -> bool:
        session = Session(Body(HARD_CASES[case], seed), [step(14_000, 1000, 400)])
        session.bench.firmware._interlocks = Interlocks(tuple(made for made in RULES if made not in rules))
        try:
            session.run(15.0)
        except AssertionError:
            return True
        return False

    assert any(broken(seed) for seed in (2, 1, 0, 3))


def test_an_output_that_jumps_is_found_out() -> None:
    session = Session(Body(BodyParameters(), 3), [step(amplitude_permille=1000)])
    session.run(1.0)
    session.bench.firmware._core.level = replace(session.bench.drive, amplitude=0.9)
    with pytest.raises(AssertionError, match="soft start"):
        session.run(1.0)
