"""Massages in which all four cells lie and nothing else is wrong, with the hands and currents that suit them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

from chaos.faults import ALL_CELLS, Event, Fault, FaultyBody, Kind, draw_faults_of_all_cells
from chaos.host import Host, Manner
from chaos.judge.judge import Judge
from chaos.massage import Outcome, run_judged, run_massage
from glowsim.physics.body import BodyParameters
from glowsim.physics.contact.skin import SkinParameters
from glowsim.physics.hand.hand import HandParameters
from glowtool.protocol.program import encode_program
from support.device.firmware_bench import Bench, step

DURATION_S: Final = 25.0


def run_lying_massage(seed: int, number: int) -> Outcome:
    """Run the massage `number` of `seed`: by turns like any other but for its faults, and with a calm host."""
    return run_massage(seed, number, 60.0, draw_faults_of_all_cells) if number % 2 else _run_calm(seed, number)


def _run_calm(seed: int, number: int) -> Outcome:
    """Run a massage that is left alone: all of the current, lifts that are short, often a hand that is light."""
    chance = random.Random(f"cells/{seed}/{number}")  # noqa: S311 - reproducible, not secret
    hand = _hand(chance)
    fault = _fault(chance)
    parameters = BodyParameters(hand=hand, skin=SkinParameters(moisture=chance.random()))
    bench = Bench(FaultyBody(parameters, chance.randrange(2**32), (fault,), chance))
    host = Host(bench, Judge(), Manner(acts=0.0, silences=0.0), chance)
    # At 1 Hz the charge of a phase is the largest, and with it what is left of both.
    worst = replace(step(60_000, 0, 400), current_dhz=chance.choice((10, 10, 1000)))
    host.upload(encode_program((worst,)))
    return run_judged(number, bench, host, DURATION_S, {"hand: any, calm host"})


def _hand(chance: random.Random) -> HandParameters:
    return HandParameters(
        target_kpa=chance.choice((0.35, 0.5, 0.8, 1.2, 2.0, 3.5)),
        stroke_s=chance.uniform(0.4, 4.0),
        lift_every=chance.choice((1, 1, 2)),
        lift_s=chance.choice((0.02, 0.05, 0.1, 0.2, 0.3)),
        tremor_kpa=chance.choice((0.0, 0.1, 0.5)),
        wander_kpa=chance.choice((0.02, 0.2, 0.6)),
        symmetry=chance.choice((0.5, chance.uniform(0.2, 0.8))),
    )


def _fault(chance: random.Random) -> Fault:
    value = chance.choice((1999, 1500, 1200, 1050, 700, *(chance.randrange(20, 2000) for _ in range(5))))
    kind, after = chance.choice((Kind.CELL_STUCK, Kind.CELL_DRIFTING)), chance.choice((None, *Event))
    return Fault(kind, round(chance.uniform(0.0, 8e6)), 2**40, ALL_CELLS, value, after, chance.randrange(250_000))
