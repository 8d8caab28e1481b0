"""Measure how long the analysis of ten minutes in forty steps takes, whole and with a tenth of the frames lost.

The machine's speed is taken out by a reference in the same run: three percentiles of one head's pressure.

python tests/measure/times/analysis_speed.py [--seconds 15] [--steps 40]
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowtool.analysis.analyse import analyse
from glowtool.analysis.measuring.movements import merge_heads
from glowtool.analysis.recordings.recording import Gap, Recording
from glowtool.model.face import Zone
from glowtool.stream.heads import Head
from support.logs.recordings import Plan, massage, picked

if TYPE_CHECKING:
    from collections.abc import Callable

PER_FRAME = 10


def lossy(whole: Recording, share: float) -> Recording:
    """Return the recording with this share of its frames lost."""
    samples, frames = whole.samples, -(-len(whole.samples) // PER_FRAME)
    lost = np.repeat(np.random.default_rng(1).random(frames) < share, PER_FRAME)[: len(samples)]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], lost, [False])).astype(np.int8)))
    gaps = tuple(Gap(int(first), int(stop - first)) for first, stop in zip(edges[::2], edges[1::2], strict=True))
    return replace(whole, samples=picked(samples, ~lost), gaps=gaps)


def best_ms(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of several runs, in ms of processor time."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return 1000 * min(taken)


def main() -> None:
    """Print a line for each recording."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--steps", type=int, default=40)
    asked = parser.parse_args()
    zones = [Zone(1 + index % 10) for index in range(asked.steps)]
    whole = massage(tuple(Plan(zone, 3.0, 3.2, duration_s=asked.seconds) for zone in zones))
    for recording in (whole, lossy(whole, 0.1)):
        pressure = recording.samples.pressure_kpa[Head.LEFT]
        reference = best_ms(partial(np.percentile, pressure, [5, 50, 95]))
        spent = best_ms(partial(analyse, recording))
        merging = best_ms(partial(merge_heads, recording.strokes))
        print(
            f"{len(recording.samples)} samples, {len(recording.steps)} steps, {len(recording.strokes)} strokes, "
            f"{len(recording.gaps)} gaps: analyse {spent:.1f} ms, {spent / reference:.0f} times the reference of "
            f"{reference:.2f} ms; of it merge_heads {merging:.2f} ms"
        )


if __name__ == "__main__":
    main()
