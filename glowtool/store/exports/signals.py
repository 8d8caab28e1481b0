"""A session's samples as signals of 16 bits on one time grid, with nothing in the place of what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.errors import InputError
from glowtool.model.channel import ChannelFlag
from glowtool.store.logs.replay import settings_of
from glowtool.stream.block import period_us
from glowtool.stream.columns import CONVERSIONS, STEP, calibrated, derived_columns
from glowtool.stream.heads import heads_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from glowtool.model.channel import Channel
    from glowtool.store.logs.log import SessionLog
    from glowtool.stream.block import IntArray

#: A grid holds what is missing, too: more than a day of it is no recording.
HOURS_MAX: Final = 24

_LOW: Final = -(1 << 15)
_HIGH: Final = (1 << 15) - 1


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal: its digital values by row, and what the ends of their range are in `unit`.

    `gap` stands where nothing was recorded; it may also be a value where all 16 bits are in use.
    """

    label: str
    unit: str
    digital: npt.NDArray[np.int32]
    digital_range: tuple[int, int]
    physical_range: tuple[float, float]
    note: str
    gap: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The time grid of a session: the place of each row on it, and its length."""

    rate_hz: int
    start_us: int
    places: IntArray
    length: int


def grid_of(log: SessionLog) -> Grid:
    """Return the grid of a session that has samples; raises `InputError` for none, or for too long a gap."""
    rate_hz = log.manifest.rate_hz
    times_us = log.samples("device_time_us")["device_time_us"].astype(np.int64)
    if not len(times_us):
        raise InputError(f"{log.path.name} has no samples", advice="export its events as csv or json-lines")
    places = np.rint((times_us - times_us[0]) / period_us(rate_hz)).astype(np.int64)
    length = int(places[-1]) + 1
    if length > HOURS_MAX * 3600 * rate_hz:
        raise InputError(
            f"{log.path.name} spans {length / rate_hz / 3600:.0f} hours with its gaps, but at most {HOURS_MAX} are "
            "written as continuous signals",
            advice="export it as hdf5, xdf, parquet or csv",
        )
    return Grid(rate_hz, int(times_us[0]), places, length)


def signals_of(log: SessionLog) -> Iterator[Signal]:
    """Yield the signals: every fast channel as it was sent, then what was derived, and last the `present` signal."""
    channels = settings_of(log).channels
    known = {item.channel.name: item for item in calibrated(channels)}
    names = set(log.sample_columns())
    for channel in channels:
        item = known.get(channel.name)
        raw = log.samples(channel.name)[channel.name].astype(np.int64)
        yield _raw_signal(channel, raw, item.rule.unit if item else "count", _factor(channel) if item else 1.0)
    wrapped = {item.column: item.rule.unit for item in known.values() if item.channel.row.flags & ChannelFlag.WRAPS}
    derived = {column.name: column.unit for column in derived_columns(heads_of(channels))}
    for name, unit in {**wrapped, **derived, STEP.name: STEP.unit}.items():
        if name in names:
            yield _derived_signal(name, unit, log.samples(name)[name])
    count = len(log.samples_table("device_time_us"))
    yield Signal("present", "1", np.ones(count, np.int32), (0, 1), (0.0, 1.0), "0: nothing was recorded", 0)


def _factor(channel: Channel) -> float:
    """Return the size of a raw step in the unit of the calibrated column."""
    row = channel.row
    return float(f"{row.multiplier}e{row.exponent + CONVERSIONS[row.quantity].exponent}")


def _raw_signal(channel: Channel, raw: IntArray, unit: str, factor: float) -> Signal:
    row = channel.row
    low, high = min(row.raw_minimum, int(raw.min())), max(row.raw_maximum, int(raw.max()))
    shift = 0 if high <= _HIGH else _LOW
    free = low - 1 + shift >= _LOW
    low -= free
    bottom, top = low + shift, max(high + shift, low + shift + 1)
    note = f"(raw{row.offset:+d}) x {row.multiplier}e{row.exponent} SI; raw = digital{-shift:+d}"
    if row.flags & ChannelFlag.MAXIMUM_IS_OPEN:
        note += f"; raw {row.raw_maximum}: open"
    physical = ((bottom - shift + row.offset) * factor, (top - shift + row.offset) * factor)
    return Signal(channel.name, unit, (raw + shift).astype(np.int32), (bottom, top), physical, note, bottom)


def _derived_signal(name: str, unit: str, values: npt.NDArray[np.generic]) -> Signal:
    if values.dtype.kind in "bui":
        whole = values.astype(np.int64)
        low, high = min(int(whole.min()), 0) - 1, max(int(whole.max()), 1)
        return Signal(name, unit, whole.astype(np.int32), (low, high), (float(low), float(high)), "derived", low)
    real = values.astype(np.float64)
    known = np.isfinite(real)
    low_value = float(real[known].min()) if known.any() else 0.0
    high_value = float(real[known].max()) if known.any() else 1.0
    span = max(high_value - low_value, 1e-3)
    # One step is left for what is missing; the ends are what eight characters of a header can say.
    bottom, top = _eight(low_value - span * 1e-3), _eight(high_value + span * 1e-3)
    step = (top - bottom) / (_HIGH - _LOW)
    digital = np.full(len(real), _LOW, np.int32)
    digital[known] = np.clip(np.rint((real[known] - bottom) / step) + _LOW, _LOW + 1, _HIGH).astype(np.int32)
    return Signal(name, unit, digital, (_LOW, _HIGH), (bottom, top), "derived, rounded to 16 bits", _LOW)


def _eight(value: float) -> float:
    """Return the nearest number that eight characters can write."""
    for decimals in range(6, -1, -1):
        found = round(value, decimals)
        if len(str(found)) <= 8 and "e" not in str(found):
            return found
    return value
