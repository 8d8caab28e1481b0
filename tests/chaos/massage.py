"""One random massage from a seed and a number: it is drawn, run tick by tick, and judged."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chaos.acts import DAYS, FAST
from chaos.faults import FaultyBody, draw_faults
from chaos.host import Host, draw_manner
from chaos.judge.ceilings import DAY_CURRENT_US, DAY_VIBRATION_US
from chaos.judge.judge import Judge
from chaos.judge.violation import ViolationError
from chaos.programs import draw_program
from glowsim.firmware.flash.chip import PowerLostError
from glowsim.firmware.outage import ResetCause
from glowsim.physics.body import BodyParameters
from glowsim.physics.contact.skin import SkinParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.hand.personas import PERSONAS
from glowsim.physics.types import Drive
from glowtool.model.state import Interlock, State
from support.device.firmware_bench import Bench
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chaos.faults import Fault

    DrawFaults = Callable[[random.Random, float], tuple[Fault, ...]]

#: How long massages are, in seconds, and how often: most are short, a few go to the ceiling of a massage.
LENGTHS: Final = ((10.0, 30.0, 0.88), (60.0, 120.0, 0.115), (1100.0, 1400.0, 0.005))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one massage: `violation` is empty when no ceiling was passed."""

    number: int
    ending: str
    ticks: int
    commands: int
    seen: Interlock
    met: frozenset[str] = frozenset()
    figures: Mapping[str, float] = field(default_factory=dict)
    violation: str = ""


def run_massage(seed: int, number: int, longest_s: float = 1e9, draw: DrawFaults = draw_faults) -> Outcome:
    """Run the massage `number` of `seed`, with the faults that `draw` draws; the same ones give the same massage."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - reproducible, not secret
    duration_s = min(longest_s, _duration_s(chance))
    dose_us, memory = _memory(chance)
    persona, hand = draw_hand(chance)
    body = FaultyBody(_body(chance, hand), chance.randrange(2**32), draw(chance, duration_s), chance)
    bench = Bench(body, memory)
    judge = Judge(dose_us)
    manner = draw_manner(chance, duration_s)
    host = Host(bench, judge, manner, chance)
    if chance.random() < 0.1:
        host.plan(FAST, every_s=0.2, until_s=0.5)
    if any(dose_us):
        host.plan(DAYS, every_s=chance.uniform(1.0, 4.0), until_s=duration_s)
    host.upload(draw_program(chance, wrong=0.1, seconds=manner.step_s))
    met = {f"hand: {persona}"} | manner.impairments | ({"dose: nearly spent"} if any(dose_us) else set())
    return run_judged(number, bench, host, duration_s, met)


def run_judged(number: int, bench: Bench, host: Host, duration_s: float, met: set[str]) -> Outcome:
    """Run what a host has begun on a bench with a faulty body, under the host's judge; `met` is known before."""
    judge, violation = host.judge, ""
    try:
        ending = _run(bench, judge, host, round(duration_s * 1e6))
    except ViolationError as error:
        ending, violation = "violation", str(error)
    assert isinstance(bench.body, FaultyBody)
    met = met | bench.body.met | host.met
    return Outcome(number, ending, judge.ticks, host.answers, host.seen, frozenset(met), judge.figures(), violation)


def _run(bench: Bench, judge: Judge, host: Host, until_us: int) -> str:
    ended = False
    while bench.now_us < until_us:
        if bench.now_us >= host.next_us:
            host.pass_time(bench.now_us)
        before = bench.firmware.state
        judge_tick(bench, judge, host)
        ended = ended or (before is State.RUNNING and bench.firmware.state is State.READY)
    if judge.wire.starts == 0:
        return "never started"
    return "ran to an end" if ended else f"{bench.firmware.state.name.lower()} at the end"


def judge_tick(bench: Bench, judge: Judge, host: Host) -> None:
    """Let one tick pass, and judge it with the status that it may bring; the power may fail in it."""
    firmware, body = bench.firmware, bench.body
    assert isinstance(body, FaultyBody)
    try:
        drive = bench.tick(firmware.tick_us)
    except PowerLostError:
        assert bench.delivered is not None
        host.met.add("power: fails at a write of a tick")
        judge.look_on(bench.now_us, bench.delivered, Drive())
        host.lose_power(ResetCause.BROWN_OUT)
        return
    assert bench.delivered is not None
    judge.look(bench.now_us, firmware.state, bench.sensed, bench.delivered, drive, truth=body.truth_now)
    status = firmware.take_status(bench.now_us)
    if status is not None:
        judge.told(status)
    firmware.take_frames()


def _duration_s(chance: random.Random) -> float:
    low, high, _ = chance.choices(LENGTHS, [weight for *_, weight in LENGTHS])[0]
    return chance.uniform(low, high)


def _memory(chance: random.Random) -> tuple[tuple[int, int], VolatileMemory]:
    """In some cases little of the day's dose is left."""
    if chance.random() < 0.85:
        return (0, 0), VolatileMemory()
    current_us = DAY_CURRENT_US - round(chance.uniform(0, 8e6))
    vibration_us = DAY_VIBRATION_US - round(chance.uniform(0, 8e6))
    dose = {"on_us": vibration_us, "current_us": current_us, "vibration_us": vibration_us}
    return (current_us, vibration_us), VolatileMemory({"dose": dose})


def draw_hand(chance: random.Random) -> tuple[str, HandParameters]:
    """Draw one of the personas, or a hand like none of them, and its name."""
    persona = chance.choice(("any", *PERSONAS))
    if persona != "any":
        return persona, PERSONAS[persona]
    return persona, HandParameters(
        target_kpa=chance.choice((0.5, 2.0, 3.5, 3.5, 5.0, 5.0, 9.0, 12.0, chance.uniform(0.2, 18.0))),
        stroke_mm=chance.uniform(5.0, 150.0),
        stroke_s=chance.uniform(0.4, 4.0),
        symmetry=chance.choice((0.5, chance.uniform(0.04, 0.96))),
        tremor_kpa=chance.choice((0.1, chance.uniform(0.0, 3.0))),
        wander_kpa=chance.choice((0.2, chance.uniform(0.0, 3.0))),
        lift_s=chance.choice((0.02, 0.05, 0.3, 1.0)),
        lift_every=chance.choice((0, 0, 1, 3)),
        reaction_s=chance.uniform(0.0, 0.5),
    )


def _body(chance: random.Random, hand: HandParameters) -> BodyParameters:
    skin = SkinParameters(
        moisture=chance.uniform(0.0, 1.0), temperature_c=chance.choice((25.0, 33.0, 33.0, 36.0, 44.0))
    )
    return BodyParameters(
        hand=hand,
        skin=skin,
        battery_percent=chance.choice((4.0, 5.01, 9.0, 10.01, 10.05, *(80.0,) * 40)),
        ambient_c=chance.choice((20.0, 23.0, 23.0, 23.0, 42.7, 45.0)),
    )
