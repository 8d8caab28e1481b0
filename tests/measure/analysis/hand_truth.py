"""Measure how far each measure of the analysis is from what the simulated hand truly did.

Each persona massages once for each seed, up and down in steps of 30 s. The hand alone, with the same seed, says what it
pressed at each sample and how it stroked; the analysis sees what the roller's sensors made of it. A line gives the mean
of the truth and of what was found over both heads and all seeds, the mean error, and the largest one.

python tests/measure/analysis/hand_truth.py [--first 101] [--seeds 3] [--seconds 90] [--persona NAME]
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.physics.hand.hand import Hand
from glowsim.physics.hand.personas import PERSONAS
from glowsim.physics.noise import noise_for
from glowsim.physics.types import Cue
from glowtool.analysis.analyse import analyse
from glowtool.analysis.recordings.recording import CAUTION_KPA
from glowtool.model.face import SIGN_OF_DIRECTION, Direction
from glowtool.stream.strokes.rule import StrokeSettings
from support.logs.bad_cells import recording
from support.logs.streams import RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowsim.physics.hand.diary import Stroke
    from glowtool.analysis.recordings.recording import Floats

STEP_TICKS = 30 * RATE_HZ
TICK_US = 1_000_000 // RATE_HZ
BAND_KPA = (2.0, 5.0)
LIFT_US = 2 * TICK_US


def hand_alone(persona: str, seed: int, seconds: int) -> tuple[tuple[Floats, Floats], tuple[Stroke, ...]]:
    """Return the pressure of both heads at each sample of `recording`, and the strokes."""
    hand, pressed = Hand(PERSONAS[persona], noise_for(seed, 0)), np.zeros((2, seconds * RATE_HZ))
    for tick in range(seconds * RATE_HZ):
        step = tick // STEP_TICKS
        working = RATE_HZ <= tick < seconds * RATE_HZ - RATE_HZ
        cue = Cue(step, (Direction.UPWARD, Direction.DOWNWARD)[step % 2]) if working else Cue()
        hand.update((tick + 1) * TICK_US, TICK_US * 1e-6 if tick else 0.0, cue)
        pressed[:, tick] = hand.left_kpa, hand.right_kpa
    return (pressed[0], pressed[1]), hand.truth()[0]


def true_pressures(pressed: Floats) -> dict[str, float]:
    """Return the measures of one head's pressure."""
    touched = pressed[pressed > 0]
    below, above = touched < BAND_KPA[0], touched > BAND_KPA[1]
    return {
        "contact_time_s": len(touched) / RATE_HZ,
        "mean_pressure_kpa": float(np.mean(touched)),
        "p5_pressure_kpa": float(np.percentile(touched, 5)),
        "median_pressure_kpa": float(np.median(touched)),
        "p95_pressure_kpa": float(np.percentile(touched, 95)),
        "peak_pressure_kpa": float(np.max(touched)),
        "pressure_time_kpa_s": float(np.sum(touched)) / RATE_HZ,
        "time_over_caution_s": int((touched > CAUTION_KPA).sum()) / RATE_HZ,
        "time_below_band_share": float(np.mean(below)),
        "time_in_band_share": float(np.mean(~below & ~above)),
        "time_above_band_share": float(np.mean(above)),
    }


def true_strokes(strokes: tuple[Stroke, ...], head: int, seconds: int) -> dict[str, float]:
    """Return the measures of one head's strokes."""
    long = [stroke for stroke in strokes if abs(stroke.length_mm) > StrokeSettings().shortest_mm]
    counted = [stroke for stroke in long if _as_asked(stroke)]
    lengths = np.array([abs(stroke.length_mm) for stroke in counted])
    durations_s = np.array([(stroke.end_us - stroke.start_us) / 1e6 for stroke in counted])
    return {
        "stroke_count": len(counted),
        "stroke_rate_per_min": len(counted) * 60 / seconds,
        "stroke_length_mm": float(np.mean(lengths)),
        "stroke_speed_mm_per_s": float(np.mean(lengths / durations_s)),
        "strokes_in_direction_share": float(np.mean([_as_asked(stroke) for stroke in outward(strokes)])),
        "stroke_interval_cv": _variation(
            [(b.start_us - a.start_us) / 1e6 for a, b in pairwise(counted) if a.step == b.step]
        ),
        "stroke_peak_cv": _variation([stroke.heads[head].peak_kpa for stroke in counted]),
    }


def outward(strokes: tuple[Stroke, ...]) -> Iterator[Stroke]:
    """Yield the strokes with which the hand went out: the first after it set the roller down, then every other."""
    before: Stroke | None = None
    went_out = False
    for stroke in strokes:
        set_down = before is None or stroke.start_us - before.end_us > LIFT_US
        went_out, before = set_down or not went_out, stroke
        if went_out and abs(stroke.length_mm) > StrokeSettings().shortest_mm:
            yield stroke


def _as_asked(stroke: Stroke) -> bool:
    return SIGN_OF_DIRECTION[stroke.asked] * stroke.length_mm > 0


def _variation(values: list[float]) -> float:
    return float(np.std(values, ddof=1) / np.mean(values))


def compare(persona: str, seeds: range, seconds: int) -> dict[str, list[tuple[float, float]]]:
    """Return (true, found) by measure, for each seed and head."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for seed in seeds:
        session = analyse(recording(persona, seed, seconds)).session
        pressed, strokes = hand_alone(persona, seed, seconds)
        for head, found in enumerate((session.left, session.right)):
            for key, true in {**true_pressures(pressed[head]), **true_strokes(strokes, head, seconds)}.items():
                value = found[key]
                pairs.setdefault(key, []).append((true, float("nan") if value is None else float(value)))
    return pairs


def main() -> None:
    """Print a line for each persona and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=90)
    parser.add_argument("--persona", choices=list(PERSONAS))
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    print(f"seeds {seeds[0]} to {seeds[-1]}, {asked.seconds} s each, both heads")
    print(f"{'persona':15} {'measure':27} {'true':>9} {'found':>9} {'error':>8} {'largest':>8}")
    for persona in PERSONAS:
        if asked.persona in (None, persona):
            for key, pairs in compare(persona, seeds, asked.seconds).items():
                true, found = np.array(pairs).T
                error = found - true
                largest = error[np.argmax(np.abs(error))]
                figures = f"{np.mean(true):9.3f} {np.mean(found):9.3f} {np.mean(error):+8.3f} {largest:+8.3f}"
                print(f"{persona:15} {key:27} {figures}", flush=True)


if __name__ == "__main__":
    main()
