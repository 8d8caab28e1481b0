"""The calibration from counts to units: `(raw + offset) × multiplier × 10^exponent`, by the roller's channel table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glowtool.model.channel import Channel, ChannelFlag
from glowtool.stream.block import Block, Columns, FloatArray, Reading, period_us
from glowtool.stream.columns import calibrated
from glowtool.stream.layout import layout_of
from glowtool.stream.wrap import unwrap_series

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class CalibrateSettings:
    """The fast channels, in the order of the frames."""

    channels: tuple[Channel, ...]


@dataclass(slots=True)
class CalibrateState:
    """The unwrapped count of each wrapping channel."""

    counts: dict[str, int] = field(default_factory=dict)


class Calibrate:
    """Makes a `Reading` with index, raw and calibrated columns from a `Block`."""

    def __init__(self, settings: CalibrateSettings) -> None:
        self.settings = settings
        self.state = CalibrateState()
        self._calibrated = calibrated(settings.channels)
        self._layout = layout_of(settings.channels)

    def process(self, block: Block) -> Reading:
        """Calibrate one block."""
        index = np.arange(len(block), dtype=np.int64)
        columns: Columns = {
            "sample": block.first_sample + index,
            "device_time_us": block.device_time_us + index * period_us(block.rate_hz),
        }
        for channel in self.settings.channels:
            field_of = block.raw[channel.name]
            columns[channel.name] = field_of.astype(field_of.dtype.newbyteorder("="))
        for item in self._calibrated:
            channel = item.channel
            columns[item.column] = self._convert(channel, columns[channel.name], item.rule.exponent)
        return Reading(block.first_sample, block.rate_hz, block.device_time_us, len(block), columns, self._layout)

    def flush(self) -> None:
        """Return nothing: this stage holds nothing back."""

    def _convert(self, channel: Channel, raw: npt.NDArray[np.generic], exponent: int) -> FloatArray:
        row = channel.row
        counts = self._unwrapped(channel, raw) if row.flags & ChannelFlag.WRAPS else raw.astype(np.int64)
        steps = ((counts + row.offset) * row.multiplier).astype(np.float64)
        power = row.exponent + exponent
        # Powers of ten are exact and their inverses are not: dividing rounds once, so that 123 becomes 1.23.
        values = steps / 10.0**-power if power < 0 else steps * 10.0**power
        if row.flags & ChannelFlag.MAXIMUM_IS_OPEN:
            values[raw == row.raw_maximum] = np.inf
        return values

    def _unwrapped(self, channel: Channel, raw: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
        if len(raw) == 0:
            return raw.astype(np.int64)
        reference = self.state.counts.get(channel.name, int(raw.astype(np.int64)[0]))
        counts = unwrap_series(raw, reference, 8 * raw.dtype.itemsize)
        self.state.counts[channel.name] = int(counts[-1])
        return counts
