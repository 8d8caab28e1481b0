"""Every processor by name, each as a chain from raw block to its own output; the house test cuts these at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from glowtool.model.channel import Channel
from glowtool.stream.block import Block, Reading
from glowtool.stream.calibrate import Calibrate, CalibrateSettings
from glowtool.stream.contact import ContactDetector
from glowtool.stream.filters import LowPass, LowPassSettings
from glowtool.stream.live.meter import Meter, MeterReading
from glowtool.stream.processor import Processor
from glowtool.stream.statistics import Moments, RunningStatistics
from glowtool.stream.strokes.segmenter import StrokeSegmenter

Result = Reading | tuple[MeterReading, ...] | tuple[Moments, ...]
Stage = Processor[Reading, Reading]
Make = Callable[[tuple[Channel, ...], int], Processor[Block, Result]]


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain: calibration, then stages that add to the reading."""

    calibrate: Calibrate
    stages: tuple[Stage, ...]

    def process(self, block: Block) -> Reading:
        """Take one block through all stages."""
        reading = self.calibrate.process(block)
        for stage in self.stages:
            reading = stage.process(reading)
        return reading

    def flush(self) -> Reading | None:
        """Return the output that the last stage settles at the end."""
        return next((rest for stage in reversed(self.stages) if (rest := stage.flush()) is not None), None)


@dataclass(frozen=True, slots=True)
class Ended:
    """A chain that ends with a processor whose output is not a reading."""

    chain: Chain
    last: Meter | RunningStatistics

    def process(self, block: Block) -> Result:
        """Take one block through all stages."""
        return self.last.process(self.chain.process(block))

    def flush(self) -> Result:
        """Return the output that the last processor settles at the end."""
        return self.last.flush()


@dataclass(frozen=True, slots=True)
class NamedStage:
    """A stage by its name, and the function that makes one for a rate."""

    name: str
    make: Callable[[int], Stage]


CALIBRATE: Final = "calibrate"

#: The stages after the calibration, in this order, for live use and for replay.
STAGES: Final = (
    NamedStage("low-pass", lambda rate_hz: LowPass(LowPassSettings(rate_hz))),
    NamedStage("contact", lambda _rate_hz: ContactDetector()),
    NamedStage("strokes", lambda _rate_hz: StrokeSegmenter()),
)


def chain(channels: tuple[Channel, ...], rate_hz: int, last: str = STAGES[-1].name) -> Chain:
    """Return the chain of a stream with these fast channels, whole or up to the stage that is called `last`."""
    names = [CALIBRATE, *(stage.name for stage in STAGES)]
    made = tuple(stage.make(rate_hz) for stage in STAGES[: names.index(last)])
    return Chain(Calibrate(CalibrateSettings(channels)), made)


PROCESSORS: Final[Mapping[str, Make]] = {
    **{name: partial(chain, last=name) for name in (CALIBRATE, *(stage.name for stage in STAGES))},
    "statistics": lambda channels, rate_hz: Ended(chain(channels, rate_hz), RunningStatistics()),
    "meter": lambda channels, rate_hz: Ended(chain(channels, rate_hz), Meter()),
}
