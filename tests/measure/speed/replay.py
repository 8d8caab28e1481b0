"""Measure the replay of a long log from memory against scipy's `sosfilt` alone over the same channels, in one run.

python tests/measure/speed/replay.py [--rows 10000000] [--block 65536] [--times 3] [--memory]

The log has six channels: four cells and two encoders. Peak memory is that of the process, less the log itself.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import signal

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowtool.stream.arithmetic.compiled import COMPILED
from glowtool.stream.block import Block, period_us
from glowtool.stream.pipeline import Pipeline, PipelineSettings
from measure.speed.hand import RATE_HZ, channels, stroking

if TYPE_CHECKING:
    from collections.abc import Callable

    from measure.speed.hand import Raw

SIX: Final = ("pressure_lf", "pressure_lr", "pressure_rf", "pressure_rr", "travel_l", "travel_r")


def replayed(raw: Raw, rows: int, block: int) -> int:
    """Take `rows` samples, the log over and over, through a pipeline; return how many strokes it found."""
    pipeline = Pipeline(PipelineSettings(channels(*SIX), RATE_HZ))
    strokes = 0
    for first in range(0, rows, block):
        at = first % (len(raw) - block + 1) if len(raw) < rows else first
        piece = raw[at : at + min(block, rows - first)]
        strokes += len(pipeline.take(Block(first, RATE_HZ, first * period_us(RATE_HZ), piece)).strokes)
    return strokes + len(pipeline.finish().strokes)


def filtered(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    """Filter every channel of shape (rows, channels), as scipy alone does."""
    signal.sosfilt(signal.butter(2, 10, fs=RATE_HZ, output="sos"), values, axis=0)


def seconds(work: Callable[[], object], times: int) -> float:
    """Return the shortest of several runs in seconds of processor time."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def peak_mb() -> float:
    """Return the most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the time of each, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--block", type=int, default=65_536)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="only replay a log of 1 million rows over and over")
    asked = parser.parse_args()
    if asked.memory:
        strokes = replayed(stroking(1_000_000, channels(*SIX)), asked.rows, asked.block)
        print(f"{asked.rows} rows: {strokes} strokes, peak {peak_mb():.0f} MB")
        return
    raw = stroking(asked.rows, channels(*SIX))
    values = np.stack([raw[name].astype(np.float64) for name in SIX], axis=1)
    alone_s = seconds(partial(filtered, values), asked.times)
    copied_s = seconds(values.copy, asked.times)
    del values
    COMPILED.load()  # as the replay of a log of this length does
    whole_s = seconds(lambda: replayed(raw, asked.rows, asked.block), asked.times)
    print(
        f"{asked.rows} rows, blocks of {asked.block}: sosfilt {alone_s:.2f} s, copy {copied_s:.2f} s, "
        f"pipeline {whole_s:.2f} s = {whole_s / alone_s:.1f} × sosfilt; "
        f"{replayed(raw, asked.rows, asked.block)} strokes; peak {peak_mb():.0f} MB, log {raw.nbytes / 2**20:.0f} MB"
    )


if __name__ == "__main__":
    main()
