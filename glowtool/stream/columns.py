"""The columns of samples and strokes, each with its type, unit and meaning: declared here and nowhere else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.channel import Channel, ChannelFlag, Quantity, Stream, Unit
from glowtool.model.names import words_of
from glowtool.stream.heads import Head, heads_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, numpy type, unit and meaning. `raw_unit` channels keep the counts of the sensor."""

    name: str
    dtype: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """The rule from a quantity in its SI unit to a column: ending of the name, unit, power of ten, meaning.

    The column of the first channel of the quantity is called `first`, if that is given; every other column is called
    after its channel.
    """

    si: Unit
    ending: str
    unit: str
    exponent: int
    meaning: str
    first: str | None = None

    def name(self, channel: Channel) -> str:
        """Return the name of the calibrated column of a channel that is not the first of its quantity."""
        return f"{channel.name}_{self.ending}"


CONVERSIONS: Final[Mapping[Quantity, Conversion]] = {
    Quantity.PRESSURE: Conversion(Unit.PASCAL, "kpa", "kPa", -3, "pressure on the cell"),
    Quantity.TRAVEL: Conversion(
        Unit.METRE, "mm", "mm", 3, "distance rolled, unwrapped, signed; restarts with the roller"
    ),
    Quantity.IMPEDANCE: Conversion(Unit.OHM, "ohm", "Ω", 0, "impedance between the heads; infinite when open"),
    Quantity.VIBRATION_AMPLITUDE: Conversion(
        Unit.UNITLESS, "amplitude", "1", 0, "vibration amplitude, share of full", first="amplitude"
    ),
    Quantity.PEAK_CURRENT: Conversion(Unit.AMPERE, "peak_ua", "µA", 6, "peak of the microcurrent", first="peak_ua"),
}


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A channel whose quantity and unit are known, and the column that holds it in people's units."""

    channel: Channel
    column: str
    rule: Conversion


SAMPLE: Final = Column(
    "sample", "int64", "1", "index since telemetry start; missing samples are absent, and listed as gap events"
)
DEVICE_TIME: Final = Column("device_time_us", "int64", "µs", "device clock since power-on")
HOST_TIME: Final = Column("host_time_us", "int64", "µs", "unix time by the clock model of the manifest")
INDEX: Final = (SAMPLE, DEVICE_TIME, HOST_TIME)
STEP: Final = Column("step", "int16", "1", "step of the program, from 0; −1 outside any step")

STROKES: Final = (
    Column("head", "string", "1", "l or r, the wearer's own left and right; head, where a roller has only one"),
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


def calibrated(channels: Iterable[Channel]) -> tuple[Calibrated, ...]:
    """Return which of these fast channels can be calibrated, with their columns, in the order of the table.

    Values of an unknown quantity or unit are kept only as they were sent.
    """
    found: list[Calibrated] = []
    seen: set[Quantity] = set()
    for channel in channels:
        rule = CONVERSIONS.get(channel.row.quantity)
        if rule is None or channel.row.unit is not rule.si:
            continue
        is_first = channel.row.quantity not in seen
        seen.add(channel.row.quantity)
        found.append(Calibrated(channel, rule.first if rule.first and is_first else rule.name(channel), rule))
    return tuple(found)


def derived_columns(heads: Iterable[Head]) -> tuple[Column, ...]:
    """Return the columns that are derived from a head's cells, for each of these heads."""
    heads = tuple(heads)
    return (
        *(
            Column(
                f"pressure_{head}_kpa", "float64", "kPa", f"{head.words}: mean of its cells, low-pass filtered, causal"
            )
            for head in heads
        ),
        *(
            Column(f"contact_{head}", "bool", "1", f"whether the {head.words} touches the skin, with hysteresis")
            for head in heads
        ),
    )


def sample_columns(channels: tuple[Channel, ...]) -> tuple[Column, ...]:
    """Return the samples columns of a stream with these fast channels: index, raw, calibrated, derived."""
    raw = [Column(item.name, item.row.format.type_name, "count", _raw_meaning(item)) for item in channels]
    converted = [
        Column(item.column, "float64", item.rule.unit, f"{item.rule.meaning}, from `{item.channel.name}`")
        for item in calibrated(channels)
    ]
    return (*INDEX, *raw, *converted, *derived_columns(heads_of(channels)))


def distinct_channels(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    """Return the fast channels of a table that can be read, less those that would hide an earlier or the log's column.

    A later model may call a channel as it likes, and send it in a format of its own; what cannot be read, or told apart
    in a log, is not asked for.
    """
    kept: list[Channel] = []
    for channel in channels:
        if channel.row.stream is Stream.FAST and channel.is_readable and not _hidden((*kept, channel)):
            kept.append(channel)
    return tuple(kept)


def heads_read(channels: Iterable[Channel]) -> tuple[Head, ...]:
    """Return the heads of which a massage reads a cell, of all channels that a device has."""
    return heads_of(distinct_channels(channels))


def _hidden(channels: tuple[Channel, ...]) -> list[str]:
    """Return the names that more than one column would have, counting those of all possible heads."""
    given = (*(item.name for item in channels), *(item.column for item in calibrated(channels)))
    own = (column.name for column in (*INDEX, STEP, *derived_columns(Head)))
    return [name for name, count in Counter((*given, *own)).items() if count > 1]


def _raw_meaning(channel: Channel) -> str:
    ends = ", ".join(_ENDS[flag] for flag in channel.row.flags if flag in _ENDS)
    place = words_of(channel.row.place)
    quantity = words_of(channel.row.quantity)
    return f"{quantity}, {place}, as sent" + (f" ({ends})" if ends else "")
