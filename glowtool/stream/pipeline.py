"""The way from arrivals to readings: the stages in their order, for live use and for replay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glowtool.model.channel import Quantity, Stream, Unit
from glowtool.stream.arrivals import Gap, Restart, Slow
from glowtool.stream.block import Block, period_us
from glowtool.stream.clock.dating import dated
from glowtool.stream.clock.estimator import ClockEstimator
from glowtool.stream.live.meter import Meter
from glowtool.stream.registry import chain, quality_watch

if TYPE_CHECKING:
    from glowtool.model.channel import Channel
    from glowtool.model.face import Direction
    from glowtool.stream.arrivals import Arrival
    from glowtool.stream.block import Columns, Stroke
    from glowtool.stream.clock.model import ClockModel
    from glowtool.stream.live.meter import MeterReading
    from glowtool.stream.quality.watch import FailedCell


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """The settings of a stream: its channels, fast and slow, and the rate of the fast ones."""

    channels: tuple[Channel, ...]
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Temperature:
    """One slow sample: °C by channel name."""

    device_time_us: int
    celsius: dict[str, float]


@dataclass(frozen=True, slots=True)
class Portion:
    """The output for one arrival; `samples` is empty or holds every samples column, each of shape (n,)."""

    samples: Columns = field(default_factory=dict)
    strokes: tuple[Stroke, ...] = ()
    gaps: tuple[Gap, ...] = ()
    temperatures: tuple[Temperature, ...] = ()
    #: The latest reading of the live meter (10 a second), None when this arrival brought none.
    meter: MeterReading | None = None
    #: Whether the device restarted here.
    reset: bool = False
    #: The pressure cells that these samples show to be bad.
    failed_cells: tuple[FailedCell, ...] = ()


class Pipeline:
    """The whole chain from blocks to columns."""

    def __init__(self, settings: PipelineSettings) -> None:
        self.settings = settings
        self._temperature_channels = tuple(filter(_is_temperature, settings.channels))
        self._fast = tuple(item for item in settings.channels if item.row.stream is Stream.FAST)
        self._clock = ClockEstimator()
        self._chain = chain(self._fast, settings.rate_hz)
        self._meter = Meter()
        self._quality = quality_watch(self._fast, settings.rate_hz)

    def take(self, arrival: Arrival) -> Portion:
        """Take the next arrival; every source delivers arrivals in order."""
        match arrival:
            case Block():
                return self._take_block(arrival)
            case Slow():
                return Portion(temperatures=self._temperatures(arrival))
            case Gap():
                return Portion(gaps=(arrival,))
            case Restart():
                self._clock.reset()
                failed_cells = self._quality.restart()
                return Portion(strokes=self._start_over(), reset=True, failed_cells=failed_cells)

    def finish(self) -> Portion:
        """Return the output that the end of the input settles."""
        rest = self._chain.flush()
        return Portion(strokes=rest.strokes if rest is not None else (), failed_cells=self._quality.flush())

    def ask_for(self, low_kpa: float, high_kpa: float, direction: Direction) -> None:
        """Compare the meter with another band and direction from the next sample on."""
        self._meter.set_band(low_kpa, high_kpa)
        self._meter.ask_for(direction)

    @property
    def clock(self) -> ClockModel | None:
        """The clock model so far, None before the first block heard live."""
        return self._clock.model

    def _take_block(self, block: Block) -> Portion:
        self._clock.take(block.heard)
        if len(block) == 0:
            return Portion()
        reading = self._chain.process(block)
        meter = self._meter.latest(reading)
        failed_cells = self._quality.process(reading)
        samples = dated(reading.columns, self._clock.line)
        return Portion(samples, reading.strokes, meter=meter, failed_cells=failed_cells)

    def _start_over(self) -> tuple[Stroke, ...]:
        """Forget all samples, since the device and its encoders restarted; return the strokes that this ends."""
        rest = self._chain.flush()
        self._chain = chain(self._fast, self.settings.rate_hz)
        return rest.strokes if rest is not None else ()

    def _temperatures(self, slow: Slow) -> tuple[Temperature, ...]:
        times_us = (slow.device_time_us + at * period_us(slow.rate_hz) for at in range(len(slow.raw)))
        return tuple(
            Temperature(
                time_us,
                {
                    item.name: (int(row[item.name]) + item.row.offset) * item.scale
                    for item in self._temperature_channels
                },
            )
            for time_us, row in zip(times_us, slow.raw, strict=True)
            if self._temperature_channels
        )


def _is_temperature(channel: Channel) -> bool:
    row = channel.row
    in_celsius = row.quantity is Quantity.TEMPERATURE and row.unit is Unit.DEGREE_CELSIUS
    return row.stream is Stream.SLOW and in_celsius and channel.is_readable
