"""Measure the simulated body: time of one update, and how far the stream's strokes are from the hand's true ones.

What may be missing of a stroke, and why, is said in support/stack/true_strokes.py; `--persona hasty --seeds 200`
searches for the worst.

python tests/measure/analysis/body.py [--seconds 60] [--seeds 2] [--persona NAME]
"""

from __future__ import annotations

import argparse
import sys
import time
import timeit
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.hand.personas import PERSONAS
from glowsim.physics.types import Cue, Drive
from glowtool.model.face import Direction
from glowtool.model.output import Waveform
from glowtool.stream.block import Block
from glowtool.stream.heads import Head
from glowtool.stream.registry import chain
from support.logs.streams import DTYPE, FAST
from support.stack.true_strokes import tolerance_mm

TICKS = 20_000
STEP_TICKS = 30 * 200
WORKING = Drive(0.4, 75.0, 100.0, 20.0, Waveform.BIPHASIC_SQUARE, Cue(0, Direction.UPWARD))


def update_us() -> float:
    """Return the best of five: µs of processor time for one update while the hand works."""

    def ticks() -> None:
        body = Body(BodyParameters(), 1)
        for tick in range(TICKS):
            body.update(tick * 5000, WORKING)

    return min(timeit.repeat(ticks, timer=time.process_time, number=1, repeat=5)) / TICKS * 1e6


def compare(hand: HandParameters, seed: int, seconds: int) -> tuple[int, int, float]:
    """Return how many true strokes there were, how many are off by more than is allowed, and the worst error in mm."""
    body, raw = Body(BodyParameters(hand=hand), seed), np.zeros(seconds * 200, DTYPE)
    for tick in range(len(raw)):
        step = tick // STEP_TICKS
        working = 200 <= tick < len(raw) - 200
        cue = Cue(step, (Direction.UPWARD, Direction.DOWNWARD)[step % 2]) if working else Cue()
        sensed, _ = body.update((tick + 1) * 5000, Drive(cue=cue))
        raw[tick] = (*sensed.cells_raw, *sensed.travel_raw, sensed.impedance_raw, 0, 0)
    found = chain(FAST, 200).process(Block(0, 200, 5000, raw)).strokes
    errors, off = [], 0
    for number, head in enumerate((Head.LEFT, Head.RIGHT)):
        mine = [stroke for stroke in found if stroke.head is head]
        for true in body.truth()[0]:
            if true.heads[number].peak_kpa > 0.0 and abs(true.length_mm) > 11.0:
                nearest = min(mine, key=lambda stroke: abs(stroke.start_us - true.start_us))
                errors.append(abs(nearest.length_mm - true.length_mm))
                off += errors[-1] > tolerance_mm(true.length_mm, (true.end_us - true.start_us) / 1e6)
    return len(errors), off, max(errors, default=0.0)


def main() -> int:
    """Print the figures; exit status 1 when a stroke is off by more than is allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--persona", choices=["nominal", *PERSONAS])
    asked = parser.parse_args()
    print(f"one update of the body: {update_us():.1f} µs")
    wrong = 0
    for name, hand in {"nominal": HandParameters(), **PERSONAS}.items():
        if asked.persona not in (None, name):
            continue
        strokes, off, worst = zip(*(compare(hand, seed, asked.seconds) for seed in range(asked.seeds)), strict=True)
        wrong += sum(off)
        print(f"{name}: {sum(strokes)} true strokes, {sum(off)} off by more than allowed, worst {max(worst):.2f} mm")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
