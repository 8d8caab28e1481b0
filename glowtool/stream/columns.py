"""The columns that samples and strokes have, each with its type, unit and meaning: declared here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.names import words_of
from glowtool.protocol.channels import Channel, ChannelFlag, Quantity, Stream
from glowtool.protocol.samples import dtype_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, numpy type, unit and meaning. `raw_unit` channels keep the counts of the sensor."""

    name: str
    dtype: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a quantity becomes a column: its name from the channel's, its unit, and the power of ten from the SI unit."""

    column: str
    unit: str
    exponent: int
    meaning: str

    def name(self, channel: Channel) -> str:
        """Return the name of the calibrated column of a channel."""
        return self.column.format(channel=channel.name)


CONVERSIONS: Final[Mapping[Quantity, Conversion]] = {
    Quantity.PRESSURE: Conversion("{channel}_kpa", "kPa", -3, "pressure on the cell"),
    Quantity.TRAVEL: Conversion(
        "{channel}_mm", "mm", 3, "distance rolled, unwrapped, signed; begins anew when the roller restarts"
    ),
    Quantity.IMPEDANCE: Conversion("{channel}_ohm", "Ω", 0, "impedance between the heads; infinite when open"),
    Quantity.VIBRATION_AMPLITUDE: Conversion("amplitude", "1", 0, "vibration amplitude, share of full"),
    Quantity.PEAK_CURRENT: Conversion("peak_ua", "µA", 6, "peak of the microcurrent"),
}

INDEX: Final = (
    Column("sample", "int64", "1", "index since telemetry start; missing samples are absent, and listed as gap events"),
    Column("device_time_us", "int64", "µs", "device clock since power-on"),
    Column("host_time_us", "int64", "µs", "unix time by the clock model of the manifest"),
)
STEP: Final = Column("step", "int16", "1", "step of the program, from 0; −1 outside any step")
DERIVED: Final = (
    Column("pressure_l_kpa", "float64", "kPa", "left head: mean of its two cells, low-pass filtered, causal"),
    Column("pressure_r_kpa", "float64", "kPa", "right head: mean of its two cells, low-pass filtered, causal"),
    Column("contact_l", "bool", "1", "whether the left head touches the skin, with hysteresis"),
    Column("contact_r", "bool", "1", "whether the right head touches the skin, with hysteresis"),
)
STROKES: Final = (
    Column("head", "string", "1", "l or r, the wearer's own left and right"),
    Column("start_sample", "int64", "1", "sample at which the movement began"),
    Column("end_sample", "int64", "1", "sample at which it ended"),
    Column("start_us", "int64", "µs", "device time of the beginning"),
    Column("end_us", "int64", "µs", "device time of the end"),
    Column("length_mm", "float64", "mm", "signed length; + is the positive direction of the encoder"),
    Column("mean_kpa", "float64", "kPa", "mean filtered pressure of the head from beginning to end"),
    Column("peak_kpa", "float64", "kPa", "highest filtered pressure of the head from beginning to end"),
    Column("step", "int16", "1", "step of the program at the beginning; −1 outside any step"),
)

_ENDS: Final[Mapping[ChannelFlag, str]] = {
    ChannelFlag.WRAPS: "goes round at the ends of its range",
    ChannelFlag.MAXIMUM_IS_OPEN: "its maximum means open",
}


def fast_channels(channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    """Return the channels among these that make up the fast samples."""
    return tuple(channel for channel in channels if channel.row.stream is Stream.FAST)


def sample_columns(channels: tuple[Channel, ...]) -> tuple[Column, ...]:
    """Return the samples columns of a stream with these fast channels: index, raw, calibrated, derived."""
    raw = [Column(item.name, dtype_of(item).newbyteorder("=").name, "count", _raw_meaning(item)) for item in channels]
    converted = [
        Column(rule.name(item), "float64", rule.unit, f"{rule.meaning}, from `{item.name}`")
        for item in channels
        if (rule := CONVERSIONS.get(item.row.quantity)) is not None
    ]
    return (*INDEX, *raw, *converted, *DERIVED)


def distinct_channels(channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    """Return the channels of a stream without those that would hide a column of one before them, or of the log's own.

    A later model may call a channel as it likes; what cannot be told apart in a log is not asked for.
    """
    taken = {column.name for column in (*INDEX, STEP, *DERIVED)}
    kept: list[Channel] = []
    for channel in channels:
        rule = CONVERSIONS.get(channel.row.quantity)
        mine = {channel.name} if rule is None else {channel.name, rule.name(channel)}
        if taken.isdisjoint(mine):
            taken |= mine
            kept.append(channel)
    return tuple(kept)


def _raw_meaning(channel: Channel) -> str:
    ends = ", ".join(_ENDS[flag] for flag in channel.row.flags if flag in _ENDS)
    place = words_of(channel.row.place)
    quantity = words_of(channel.row.quantity)
    return f"{quantity}, {place}, as sent" + (f" ({ends})" if ends else "")
