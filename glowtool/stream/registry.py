"""The stages of a stream, in their order, for live use and for replay; the house test cuts their input at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.stream.block import Reading
from glowtool.stream.calibrate import Calibrate, CalibrateSettings
from glowtool.stream.contact import ContactDetector
from glowtool.stream.filters import LowPass, LowPassSettings
from glowtool.stream.processor import Processor
from glowtool.stream.quality.watch import QualitySettings, QualityWatch
from glowtool.stream.statistics.running import RunningStatistics, StatisticsSettings
from glowtool.stream.strokes.segmenter import StrokeSegmenter

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.model.channel import Channel
    from glowtool.stream.block import Block

Stage = Processor[Reading, Reading]

#: What makes each stage after the calibration, for a rate in Hz.
STAGES: Final[tuple[Callable[[int], Stage], ...]] = (
    lambda rate_hz: LowPass(LowPassSettings(rate_hz)),
    lambda _rate_hz: ContactDetector(),
    lambda _rate_hz: StrokeSegmenter(),
)


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


def chain(channels: tuple[Channel, ...], rate_hz: int) -> Chain:
    """Return the chain of a stream with these fast channels."""
    return Chain(Calibrate(CalibrateSettings(channels)), tuple(make(rate_hz) for make in STAGES))


def quality_watch(channels: tuple[Channel, ...], rate_hz: int) -> QualityWatch:
    """Return the watch over the cells of a stream, which takes what the chain gives."""
    return QualityWatch(QualitySettings(channels, rate_hz))


def running_statistics(channels: tuple[Channel, ...]) -> RunningStatistics:
    """Return the running statistics of a stream, which take what the chain gives."""
    return RunningStatistics(StatisticsSettings(channels))
