"""Measure what the watch over the cells and the running statistics cost, as shares of the whole pipeline, in one run.

python tests/measure/analysis/quality_cost.py [--seconds 600] [--times 5]

The input is a massage by the simulated hand, over and over, in blocks of 1, 10 and 100 notifications of 20 samples, and
in those of a replay. The watch is part of the pipeline; the statistics are not.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowtool.stream.block import Block, period_us
from glowtool.stream.pipeline import Pipeline, PipelineSettings
from glowtool.stream.registry import chain, quality_watch, running_statistics
from support.logs.bad_cells import recording
from support.logs.streams import FAST, RATE_HZ
from support.logs.watched import raw_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.stream.block import Reading

PERSONAS: Final = ("gentle", "hasty")
BLOCKS: Final = (20, 200, 2000, 65_536)


def seconds(works: list[Callable[[], object]], times: int) -> list[float]:
    """Return the shortest of several runs of each, in turns, in s of processor time."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for work, mine in zip(works, taken, strict=True):
            begun = time.process_time()
            work()
            mine.append(time.process_time() - begun)
    return [min(mine) for mine in taken]


def measured(blocks: list[Block], readings: list[Reading], times: int) -> list[float]:
    """Return the times of the pipeline, of the watch and of the statistics."""

    def pipeline() -> None:
        whole = Pipeline(PipelineSettings(FAST, RATE_HZ))
        for block in blocks:
            whole.take(block)

    def watch() -> None:
        alone = quality_watch(FAST, RATE_HZ)
        for reading in readings:
            alone.process(reading)

    def statistics() -> None:
        running = running_statistics(FAST)
        for reading in readings:
            running.process(reading)

    return seconds([pipeline, watch, statistics], times)


def main() -> None:
    """Print a line for each persona and size of a block."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    for persona in PERSONAS:
        once = raw_of(recording(persona, 101, 60))
        raw = np.tile(once, -(-given.seconds // 60))[: given.seconds * RATE_HZ]
        for size in BLOCKS:
            blocks = [
                Block(at, RATE_HZ, at * period_us(RATE_HZ), raw[at : at + size]) for at in range(0, len(raw), size)
            ]
            taken = chain(FAST, RATE_HZ)
            readings = [taken.process(block) for block in blocks]
            whole_s, watch_s, statistics_s = measured(blocks, readings, given.times)
            print(
                f"{persona}, blocks of {size}: watch {watch_s / whole_s:.3f} of the pipeline "
                f"({1e6 * watch_s * 20 / len(raw):.1f} µs for 20 samples), statistics {statistics_s / whole_s:.3f}"
            )


if __name__ == "__main__":
    main()
