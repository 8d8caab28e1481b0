"""A plausibility check for samples without a checksum, from journals of glowtool before 0.2.

Each reading stands there twice, raw and calibrated; index and times go on evenly; the filtered pressure obeys the
filter's own equation, contact its thresholds. So all but a few columns tell of damage by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.model.channel import ChannelFacts, ChannelFlag
from glowtool.store.bounds import NUMBER_MAX
from glowtool.stream.arithmetic.biquad import Biquad
from glowtool.stream.block import period_us
from glowtool.stream.columns import calibrated
from glowtool.stream.contact import ContactSettings
from glowtool.stream.filters import CUTOFF_HZ
from glowtool.stream.heads import Head
from glowtool.stream.layout import layout_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from glowtool.model.channel import Channel
    from glowtool.stream.block import BoolArray, Columns, FloatArray
    from glowtool.stream.columns import Calibrated
    from glowtool.stream.layout import HeadLayout

    Ints = npt.NDArray[np.int64]

#: Within one batch, device time minus index × period moves by less than this from sample to sample.
_TIME_TOLERANCE_US: Final = 100_000
#: And the host's time against the device's by less than this, while the clock model is still being learnt.
_HOST_TOLERANCE_US: Final = 1_000_000
#: The filter's equation in another order of its sums.
_FILTER_TOLERANCE_KPA: Final = 1e-11


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges batches of samples of one roller at one rate."""

    channels: tuple[Channel, ...]
    rate_hz: int

    def plausible(self, columns: Columns) -> bool:
        """Tell whether the columns of a batch, at least `sample` and `device_time_us`, are plausible."""
        if not {"sample", "device_time_us"} <= columns.keys() or len(columns["sample"]) == 0:
            return False
        with np.errstate(all="ignore"):
            return (
                self._times(columns)
                and all(_in_range(channel, columns) for channel in self.channels if channel.name in columns)
                and all(_follows(item, columns) for item in calibrated(self.channels) if item.column in columns)
                and all(self._filtered(each, columns) for each in layout_of(self.channels).heads)
                and all(_contact(head, columns) for head in Head)
            )

    def _times(self, columns: Columns) -> bool:
        sample, device_us = (columns[name].astype(np.int64) for name in ("sample", "device_time_us"))
        if min(sample.min(), device_us.min()) < 0 or max(sample.max(), device_us.max()) > NUMBER_MAX:
            return False
        offset_us = device_us - sample * period_us(self.rate_hz)
        even = np.all(np.diff(sample) > 0) and np.all(np.abs(np.diff(offset_us)) < _TIME_TOLERANCE_US)
        host_us = columns.get("host_time_us")
        if host_us is None or not even:
            return bool(even)
        ahead_us = host_us.astype(np.int64) - device_us
        return bool(ahead_us.min() > 0 and np.all(np.abs(ahead_us - ahead_us[0]) < _HOST_TOLERANCE_US))

    def _filtered(self, layout: HeadLayout, columns: Columns) -> bool:
        """Check a head's filtered pressure against the filter's difference equation, over consecutive samples."""
        filtered = columns.get(f"pressure_{layout.head}_kpa")
        cells = tuple(cell.column for cell in layout.cells)
        if filtered is None or not all(name in columns for name in cells):
            return True
        out = filtered.astype(np.float64)
        mean: FloatArray = np.mean([columns[name].astype(np.float64) for name in cells], axis=0)
        if not np.all(np.isfinite(out)):
            return False
        if len(out) < 3:
            return bool(np.all(np.abs(out) <= 2 * np.max(mean) + 1))
        biquad = Biquad.low_pass(CUTOFF_HZ.get(self.rate_hz, 0.16 * self.rate_hz), self.rate_hz)
        follows = np.diff(columns["sample"].astype(np.int64)) == 1
        residual = out[2:] - (
            biquad.b0 * mean[2:] + biquad.b1 * mean[1:-1] + biquad.b2 * mean[:-2]
            - biquad.a1 * out[1:-1] - biquad.a2 * out[:-2]
        )  # fmt: skip
        return bool(np.all(np.abs(residual[follows[1:] & follows[:-1]]) < _FILTER_TOLERANCE_KPA))


def _in_range(channel: Channel, columns: Columns) -> bool:
    """Tell whether a channel's raw values are in its range."""
    row, raw = channel.row, columns[channel.name].astype(np.int64)
    return not np.any((raw < row.raw_minimum) | (raw > row.raw_maximum))


def _follows(item: Calibrated, columns: Columns) -> bool:
    """Tell whether a channel's calibrated values follow from its raw ones."""
    channel, row = item.channel, item.channel.row
    if channel.name not in columns:
        return True
    raw, found = columns[channel.name].astype(np.int64), columns[item.column].astype(np.float64)
    power = row.exponent + item.rule.exponent
    counts = raw
    if row.flags & ChannelFlag.WRAPS:
        counts = _unwrapped(found, power, row)
        if np.any((counts - raw) % (1 << 8 * np.dtype(row.format.type_name).itemsize)):
            return False
    wanted = _scaled(counts, power, row)
    if row.flags & ChannelFlag.MAXIMUM_IS_OPEN:
        wanted[raw == row.raw_maximum] = np.inf
    return bool(np.array_equal(found, wanted))


def _scaled(counts: Ints, power: int, row: ChannelFacts) -> FloatArray:
    """Return counts in their unit, rounded once, exactly as the calibration does."""
    steps = ((counts + row.offset) * row.multiplier).astype(np.float64)
    return steps / 10.0**-power if power < 0 else steps * 10.0**power


def _unwrapped(values: FloatArray, power: int, row: ChannelFacts) -> Ints:
    """Return the counts behind calibrated values of a channel that wraps around; 0 for a value that is not a count."""
    counts = np.rint(values * 10.0**-power / row.multiplier) - row.offset
    return np.where(np.abs(counts) < NUMBER_MAX, counts, 0).astype(np.int64)


def _contact(head: Head, columns: Columns) -> bool:
    """Tell whether contact agrees with the pressure wherever the thresholds decide it."""
    pressure, contact = columns.get(f"pressure_{head}_kpa"), columns.get(f"contact_{head}")
    if pressure is None or contact is None:
        return True
    limits = ContactSettings()
    touching: BoolArray = contact.astype(np.bool_)
    kpa = pressure.astype(np.float64)
    return not np.any((touching & (kpa <= limits.off_kpa)) | (~touching & (kpa >= limits.on_kpa)))
