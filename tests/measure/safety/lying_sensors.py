"""Let up to two kinds of sensors lie at once, and measure how near the electrode comes to its limits.

Cells, impedance and the source's own reading stick (at what they read, or at anything plausible), with noise like that
of a living one or more, drift, or die; many lies begin in a landing, a lift or the air, and stop again. Hands are often
light, lifts short, the moisture jumps now and then. Prints violations, the nearest values and the massages of both, and
with what share of what was asked for current flowed. With --kinds 1 one kind of sensor lies, with 0 none.

PYTHONPATH=tests python -m measure.safety.lying_sensors [--number 200] [--seed 1] [--kinds 2] [--only 17]
                                                        [--processes 1]
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from glowsim.faults.board import Board
from glowsim.faults.faulty_body import FaultyBody
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.contact.skin import SkinParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.roller.plant import RollerPlant
from glowtool.model.ceilings import CeilingId
from glowtool.model.output import Waveform
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.commands.opcode import Opcode
from support.device.firmware_bench import Bench, step

DURATION_S: Final = 25.0
DENSITY: Final = ceiling(CeilingId.CURRENT_DENSITY)
DIRECT: Final = ceiling(CeilingId.NET_DIRECT_CURRENT)

#: What is left of both phases flows as direct current; it is counted as if they came so often, which is the worst.
_WORST_HZ: Final = ceiling(CeilingId.CURRENT_FREQUENCY_MAX) / 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one massage came to: the highest of both, when, what lied then, and what flowed of what was asked for."""

    number: int
    density: float
    direct: float
    at_s: float
    lying: str
    share: float


def draw_hand(chance: random.Random) -> HandParameters:
    """Draw a hand, often a light one with short lifts."""
    return HandParameters(
        target_kpa=chance.choice((0.35, 0.5, 0.8, 1.2, 2.0, 3.5, 6.0)),
        stroke_s=chance.uniform(0.4, 4.0),
        lift_every=chance.choice((1, 1, 2, 4)),
        lift_s=chance.choice((0.02, 0.05, 0.1, 0.2, 0.3, 0.6)),
        tremor_kpa=chance.choice((0.0, 0.1, 0.5)),
        wander_kpa=chance.choice((0.02, 0.2, 0.6)),
        symmetry=chance.choice((0.5, chance.uniform(0.2, 0.8))),
    )


def draw_lie(kind: str, chance: random.Random) -> tuple[str, dict[str, object]]:
    """Draw in which way a kind of sensor lies: the name of the fault and its values."""
    noise = chance.choice((0.0, 0.002, 0.01, 0.05, 0.3))
    if kind == "cells":
        name = chance.choice(("cell-stuck", "cell-stuck-noisy", "cell-stuck-noisy", "cell-drifting", "cell-noisy"))
        of: dict[str, dict[str, object]] = {
            "cell-stuck": {},
            "cell-stuck-noisy": {
                "at_kpa": chance.choice((-1.0, chance.uniform(0.3, 13.0), 3.5, 8.0)),
                "noise_kpa": chance.choice((0.0, 0.015, 0.015, 0.1, 0.5)),
            },
            "cell-drifting": {"rate_kpa_per_min": chance.uniform(-60.0, 60.0)},
            "cell-noisy": {"noise_kpa": chance.choice((0.1, 1.0, 4.0))},
        }
        return name, {"cell": "all", **of[name]}
    if kind == "impedance":
        if chance.random() < 0.2:
            return "impedance-noisy", {"noise_share": chance.uniform(0.02, 1.0)}
        at_ohm = chance.choice((-1.0, -1.0, 10 ** chance.uniform(3.1, 5.4)))
        return "impedance-stuck", {"at_ohm": at_ohm, "noise_share": noise}
    name = chance.choice(("source-sense-stuck", "source-sense-noisy", "source-sense-dead"))
    return name, {} if name == "source-sense-dead" else {"noise_share": noise}


class Liars:
    """Switches the lies of one massage: each begins and ends by the clock, or at what the heads do."""

    def __init__(self, board: Board, body: Body, kinds: int, chance: random.Random) -> None:
        self._board, self._body, self._chance = board, body, chance
        self._kinds = chance.sample(("cells", "impedance", "source"), kinds)
        self._touched = False
        self._next_s: dict[str, float | None] = dict.fromkeys(self._kinds)
        self._on: dict[str, str] = {}
        self._together = chance.random() < 0.5
        self._wets = chance.random() < 0.2
        self._first_s = chance.uniform(0.0, 6.0)

    @property
    def lying(self) -> str:
        """What lies now."""
        return ", ".join(str(fault) for fault in self._board.active)

    def pass_time(self, now_s: float, *, touches: bool) -> None:
        """Begin and end what is due."""
        chance, happened = self._chance, touches is not self._touched
        self._touched = touches
        if self._wets and chance.random() < 0.0008:
            self._body.wet_skin(chance.random())
        if now_s < self._first_s:
            return
        for place, kind in enumerate(self._kinds):
            due_s = self._next_s[kind]
            if due_s is None:
                if (happened and chance.random() < 0.4) or chance.random() < 0.002:
                    late_s = chance.uniform(0.0, 0.25)
                    for other in self._kinds if self._together and place == 0 else [kind]:
                        self._next_s[other] = now_s + late_s
            elif now_s >= due_s:
                self._switch(kind, now_s)

    def _switch(self, kind: str, now_s: float) -> None:
        name = self._on.pop(kind, None)
        if name is None:
            name, values = draw_lie(kind, self._chance)
            self._board.start(name, for_s=None, **values)
            self._on[kind] = name
            self._next_s[kind] = now_s + self._chance.choice((0.1, 0.3, 1.0, 3.0, 20.0, 30.0))
        else:
            self._board.stop(name)
            self._next_s[kind] = None


def run(seed: int, kinds: int, number: int) -> Outcome:
    """Run one massage."""
    chance = random.Random(f"lies/{seed}/{number}")
    moisture = chance.choice((chance.random(), 0.6, 0.95, 0.2))
    skin = SkinParameters(moisture=moisture, bare_moisture=chance.choice((0.3, moisture)))
    body = Body(BodyParameters(hand=draw_hand(chance), skin=skin), chance.randrange(2**32))
    board = Board((), chance.randrange(2**32), RollerPlant(body))
    bench = Bench(FaultyBody(body, board))  # type: ignore[arg-type]  # it has the one method that is used
    bench.run(0.3)
    worst = replace(
        step(60_000, 0, chance.choice((400, 400, 200))),
        current_dhz=chance.choice((10, 10, 200, 1000)),
        waveform=chance.choice((Waveform.BIPHASIC_SQUARE, Waveform.BIPHASIC_SQUARE, Waveform.MODULATED)),
    )
    bench.start(worst)
    liars = Liars(board, body, kinds, chance)
    light_at_s = chance.choice((None, chance.uniform(3.0, 15.0)))
    density = direct = at_s = charge = touched = 0.0
    lying = ""
    for tick in range(round(DURATION_S * 200)):
        if tick % 50 == 0:
            bench.send(Opcode.HEARTBEAT)
        now_s = tick * 0.005
        if light_at_s is not None and now_s >= light_at_s:
            body.press(chance.choice((None, 0.06, 0.1, 0.2, 0.35, 0.6, 5.0)))
            light_at_s = chance.choice((None, now_s + chance.uniform(0.2, 4.0)))
        bench.tick()
        flows = bench.delivered
        assert flows is not None
        area = flows.contact_area_cm2
        liars.pass_time(now_s, touches=area > 0.0)
        if area == 0.0:
            continue
        touched += 1.0
        charge += flows.peak_ua
        left = abs(flows.phase_charge_uc[0] - flows.phase_charge_uc[1]) * _WORST_HZ / area
        if max(flows.density_rms_ua_cm2 / DENSITY, left / DIRECT) > max(density / DENSITY, direct / DIRECT):
            at_s, lying = now_s, liars.lying
        density, direct = max(density, flows.density_rms_ua_cm2), max(direct, left)
    share = charge / (touched * worst.peak_ua) if touched else 0.0
    return Outcome(number, density, direct, at_s, lying, share)


def main() -> int:
    """Run what the arguments ask for; 1 when a ceiling was passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", type=int, default=2, choices=(0, 1, 2, 3))
    parser.add_argument("--only", type=int)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    numbers = range(asked.number) if asked.only is None else [asked.only]
    with multiprocessing.Pool(asked.processes) as pool:
        outcomes = list(pool.imap(partial(run, asked.seed, asked.kinds), numbers, chunksize=4))
    broken = [outcome for outcome in outcomes if outcome.density > DENSITY or outcome.direct > DIRECT]
    for outcome in broken:
        print(
            f"massage {outcome.number}: {outcome.density:.0f} of {DENSITY} µA/cm², {outcome.direct:.0f} of {DIRECT} "
            f"direct, near {outcome.at_s:.2f} s with {outcome.lying}"
        )
    near = max(outcomes, key=lambda outcome: outcome.density), max(outcomes, key=lambda outcome: outcome.direct)
    print(
        f"seed {asked.seed}, {asked.kinds} kinds, {len(outcomes)} massages: {len(broken)} over a ceiling; highest "
        f"{near[0].density:.0f} of {DENSITY} µA/cm² r.m.s. (massage {near[0].number}), {near[1].direct:.0f} of "
        f"{DIRECT} µA/cm² direct (massage {near[1].number}); "
        f"{sum(one.share for one in outcomes) / len(outcomes):.1%} flowed"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
