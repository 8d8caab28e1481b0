"""Measure what a notification costs through the whole chain, against the loop that anyone would write, in one run.

python tests/measure/speed/live.py [--notifications 2000] [--times 5]

A notification holds 20 samples of 9 channels. The plain loop unpacks each sample with `struct` and appends its values
to lists: it calibrates nothing, filters nothing, accounts for nothing. The chain decodes, accounts for frames, relates
the clocks, calibrates, filters, finds contact and strokes, and reads the meter.
"""

from __future__ import annotations

import argparse
import struct
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowtool.drivers.gr1.incoming.frames import FrameReader, FrameSettings
from glowtool.drivers.gr1.incoming.telemetry import TimedFrame
from glowtool.protocol.channels import ALL_FAST, CHANNELS
from glowtool.protocol.telemetry import HEADER_SIZE
from glowtool.stream.block import Block
from glowtool.stream.live.meter import Meter
from glowtool.stream.pipeline import Pipeline, PipelineSettings
from glowtool.stream.registry import chain, quality_watch
from measure.speed.hand import RATE_HZ, channels, stroking
from support.logs.streams import HOST_US, START_US, fast_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Item = TypeVar("Item")
Result = TypeVar("Result")

SAMPLES: Final = 20
BATCHES: Final = (1, 10, 100)

#: One sample of the nine fast channels.
_SAMPLE: Final = struct.Struct("<HHHHhhHBB")


def plain(frames: list[bytes]) -> list[list[int]]:
    """Unpack every sample of every frame, and append each value to the list of its channel."""
    columns: list[list[int]] = [[] for _ in range(9)]
    for data in frames:
        for offset in range(HEADER_SIZE, len(data), _SAMPLE.size):
            for column, value in zip(columns, _SAMPLE.unpack_from(data, offset), strict=True):
                column.append(value)
    return columns


def whole(frames: list[TimedFrame], batch: int) -> int:
    """Take the frames through the whole chain, `batch` of them at a time; return how many strokes it found."""
    reader = FrameReader(FrameSettings(CHANNELS, RATE_HZ, ALL_FAST, START_US))
    pipeline, strokes = Pipeline(PipelineSettings(channels(), RATE_HZ)), 0
    for at in range(0, len(frames), batch):
        for arrival in reader.read_many(frames[at : at + batch]):
            strokes += len(pipeline.take(arrival).strokes)
    return strokes


def us_each(work: Callable[[], object], count: int, times: int) -> float:
    """Return the shortest of several runs, in µs of processor time for one of `count`."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return 1e6 * min(taken) / count


def by_stage(frames: list[TimedFrame], batch: int) -> dict[str, float]:
    """Return the time of each stage in µs of processor time a notification, each over all that the one before gave."""
    settings, taken = PipelineSettings(channels(), RATE_HZ), dict[str, float]()

    def timed(name: str, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        begun = time.process_time()
        results = [work(item) for item in items]
        taken[name] = 1e6 * (time.process_time() - begun) / len(frames)
        return results

    reader = FrameReader(FrameSettings(CHANNELS, RATE_HZ, ALL_FAST, START_US))
    batches = [frames[at : at + batch] for at in range(0, len(frames), batch)]
    arrivals = timed("decode and account", reader.read_many, batches)
    blocks = [block for several in arrivals for block in several if isinstance(block, Block)]
    stages = chain(settings.channels, RATE_HZ)
    readings = timed("Calibrate", stages.calibrate.process, blocks)
    for stage in stages.stages:
        readings = timed(type(stage).__name__, stage.process, readings)
    timed("Meter", Meter().latest, readings)
    timed("QualityWatch", quality_watch(settings.channels, RATE_HZ).process, readings)
    return taken


def main() -> None:
    """Print a line for each size of a batch."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notifications", type=int, default=2000)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    bare = fast_frames(stroking(SAMPLES * asked.notifications, channels()), per_frame=SAMPLES)
    timed = [TimedFrame(data, HOST_US + 100_000 * number) for number, data in enumerate(bare)]
    loop_us = us_each(partial(plain, bare), len(bare), asked.times)
    print(f"plain loop: {loop_us:.1f} µs a notification of {SAMPLES} samples × 9 channels")
    for batch in BATCHES:
        chain_us = us_each(partial(whole, timed, batch), len(timed), asked.times)
        print(
            f"chain, {batch:3} a batch: {chain_us:6.1f} µs a notification = {chain_us / loop_us:.2f} × the plain loop"
        )
        stages = by_stage(timed, batch)
        rest = f"clock, dates and the rest {chain_us - sum(stages.values()):.1f} µs"
        print("  " + ", ".join([*(f"{name} {us:.1f}" for name, us in stages.items()), rest]))


if __name__ == "__main__":
    main()
