"""Every processor by name, each as a chain from raw block to its own output: what the house test cuts at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from glowtool.protocol.channels import Channel
from glowtool.stream.block import Block, Reading
from glowtool.stream.calibrate import Calibrate, CalibrateSettings
from glowtool.stream.contact import ContactDetector
from glowtool.stream.filters import LowPass, LowPassSettings
from glowtool.stream.meter import Meter, MeterReading
from glowtool.stream.processor import Processor
from glowtool.stream.statistics import Moments, RunningStatistics
from glowtool.stream.strokes import StrokeSegmenter

Result = Reading | tuple[MeterReading, ...] | tuple[Moments, ...]
Stage = Processor[Reading, Reading]
Make = Callable[[tuple[Channel, ...], int], Processor[Block, Result]]


@dataclass(frozen=True, slots=True)
class Chain:
    """Calibration, then stages that add to the reading."""

    calibrate: Calibrate
    stages: tuple[Stage, ...]

    def process(self, block: Block) -> Reading:
        """Take one block through all stages."""
        reading = self.calibrate.process(block)
        for stage in self.stages:
            reading = stage.process(reading)
        return reading

    def flush(self) -> Reading | None:
        """Return what the last stage that holds something back settles."""
        return next((rest for stage in reversed(self.stages) if (rest := stage.flush()) is not None), None)


@dataclass(frozen=True, slots=True)
class Ended:
    """A chain with a processor at its end that makes something else than readings."""

    chain: Chain
    last: Meter | RunningStatistics

    def process(self, block: Block) -> Result:
        """Take one block through all stages."""
        return self.last.process(self.chain.process(block))

    def flush(self) -> Result:
        """Return what the last processor settles."""
        return self.last.flush()


def chain(channels: tuple[Channel, ...], rate_hz: int, stages: int = 3) -> Chain:
    """Return the chain that live use and replay share, or its first stages: low-pass, contact, strokes."""
    everything: tuple[Stage, ...] = (
        LowPass(LowPassSettings(rate_hz)),
        ContactDetector(),
        StrokeSegmenter(),
    )
    return Chain(Calibrate(CalibrateSettings(channels)), everything[:stages])


PROCESSORS: Final[Mapping[str, Make]] = {
    "calibrate": lambda channels, rate_hz: chain(channels, rate_hz, 0),
    "low-pass": lambda channels, rate_hz: chain(channels, rate_hz, 1),
    "contact": lambda channels, rate_hz: chain(channels, rate_hz, 2),
    "strokes": chain,
    "statistics": lambda channels, rate_hz: Ended(chain(channels, rate_hz), RunningStatistics()),
    "meter": lambda channels, rate_hz: Ended(chain(channels, rate_hz), Meter()),
}
