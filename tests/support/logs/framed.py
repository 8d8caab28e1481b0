"""Frames that pass through a reader and a pipeline, as between driver and session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.drivers.gr1.incoming.frames import FrameReader, FrameSettings
from glowtool.drivers.gr1.incoming.readings import streamed
from glowtool.protocol.channels import ALL_FAST, CHANNELS
from glowtool.store.journal.journal import Checkpoint
from glowtool.stream.pipeline import Pipeline, PipelineSettings, Portion
from support.logs.streams import RATE_HZ, START_US

if TYPE_CHECKING:
    from glowtool.stream.arrivals import Books

SETTINGS = FrameSettings(CHANNELS, RATE_HZ, ALL_FAST, START_US)


class FramedPipeline:
    """A pipeline that is fed with the bytes of frames, which need not be whole or in order."""

    def __init__(self, settings: FrameSettings = SETTINGS) -> None:
        self.reader = FrameReader(settings)
        self.pipeline = Pipeline(PipelineSettings(streamed(settings.channels, settings.mask), settings.rate_hz))

    def feed(self, data: bytes, heard_us: int) -> Portion:
        """Take one frame and return all that came out of it."""
        return merged([self.pipeline.take(arrival) for arrival in self.reader.read(data, heard_us)])

    def finish(self, sent: int | None = None) -> Portion:
        """Settle the books and return what the end settles."""
        self.reader.settle(sent)
        return self.pipeline.finish()

    @property
    def books(self) -> Books:
        """The books so far."""
        return self.reader.books

    @property
    def checkpoint(self) -> Checkpoint:
        """The books and the clock model so far."""
        return Checkpoint(self.reader.books, self.pipeline.clock)


def merged(outputs: list[Portion]) -> Portion:
    """Return several outputs as one; only a block among them brings samples and a meter."""
    return Portion(
        samples=next((output.samples for output in outputs if output.samples), {}),
        strokes=tuple(stroke for output in outputs for stroke in output.strokes),
        gaps=tuple(gap for output in outputs for gap in output.gaps),
        temperatures=tuple(item for output in outputs for item in output.temperatures),
        meter=next((output.meter for output in outputs if output.meter is not None), None),
        reset=any(output.reset for output in outputs),
    )
