"""The telemetry channels: one table, from which the dtype of a sample and the channel-table characteristic are made.

The value of a channel in its unit is `(raw + offset) × multiplier × 10^exponent`. A host that has never seen this
roller can decode its stream from the table that the roller provides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Annotated, Final

from glowtool.errors import DecodeError
from glowtool.model.channel import Channel, ChannelFacts, ChannelFlag, Format, Place, Quantity, Stream, Unit
from glowtool.protocol.wire import I8, I16, I32, U8, U16, Message, decode, encode, size_of

#: Values in any unit stay far within the range of 32-bit and 64-bit floating point.
EXPONENT_MAX: Final = 12

#: A name is a column of the log: a letter, then letters, digits and underscores.
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ChannelRow(Message):
    """One row of the channel table, without its name."""

    number: Annotated[int, U8("bit number of the channel in a telemetry mask", high=31)]
    stream: Annotated[Stream, U8("kind of frame that carries it")]
    quantity: Annotated[Quantity, U8("what is measured")]
    place: Annotated[Place, U8("where on the tool")]
    format: Annotated[Format, U8("width and sign of the raw value")]
    flags: Annotated[ChannelFlag, U8("behaviour at the ends of the range")]
    unit: Annotated[Unit, U16("SIG unit number")]
    multiplier: Annotated[int, I16("M in value = (raw + offset) × M × 10^exponent")]
    exponent: Annotated[int, I8("decimal exponent", low=-EXPONENT_MAX, high=EXPONENT_MAX)]
    offset: Annotated[int, I32("added to the raw value")]
    raw_minimum: Annotated[int, I32("smallest raw value of the sensor")]
    raw_maximum: Annotated[int, I32("largest raw value of the sensor")]

    @classmethod
    def of(cls, facts: ChannelFacts) -> ChannelRow:
        """Return the row that carries a channel's facts."""
        return cls(**{item.name: getattr(facts, item.name) for item in fields(ChannelFacts)})

    def facts(self) -> ChannelFacts:
        """Return the facts of the row's channel."""
        return ChannelFacts(**{item.name: getattr(self, item.name) for item in fields(ChannelFacts)})


NAME_SIZE: Final = 15


_SAT, _WRAP = ChannelFlag.SATURATES, ChannelFlag.WRAPS
_OPEN = ChannelFlag.MAXIMUM_IS_OPEN | _SAT


def _pressure(number: int, name: str, place: Place) -> Channel:
    row = ChannelFacts(
        number, Stream.FAST, Quantity.PRESSURE, place, Format.UINT16, _SAT, Unit.PASCAL, 1, 1, 0, 0, 4000
    )
    return Channel(name, row)


def _travel(number: int, name: str, place: Place) -> Channel:
    row = ChannelFacts(
        number, Stream.FAST, Quantity.TRAVEL, place, Format.SINT16, _WRAP, Unit.METRE, 1, -4, 0, -32768, 32767
    )
    return Channel(name, row)


def _temperature(number: int, name: str, place: Place) -> Channel:
    row = ChannelFacts(
        number, Stream.SLOW, Quantity.TEMPERATURE, place, Format.SINT16, _SAT, Unit.DEGREE_CELSIUS, 1, -1, 0, -400, 1250
    )
    return Channel(name, row)


CHANNELS: Final[tuple[Channel, ...]] = (
    _pressure(0, "pressure_lf", Place.LEFT_FRONT),
    _pressure(1, "pressure_lr", Place.LEFT_REAR),
    _pressure(2, "pressure_rf", Place.RIGHT_FRONT),
    _pressure(3, "pressure_rr", Place.RIGHT_REAR),
    _travel(4, "travel_l", Place.LEFT_HEAD),
    _travel(5, "travel_r", Place.RIGHT_HEAD),
    Channel(
        "impedance",
        ChannelFacts(
            6, Stream.FAST, Quantity.IMPEDANCE, Place.BETWEEN_HEADS, Format.UINT16, _OPEN, Unit.OHM, 1, 1, 0, 0, 0xFFFF
        ),
    ),
    Channel(
        "vibration",
        ChannelFacts(
            7,
            Stream.FAST,
            Quantity.VIBRATION_AMPLITUDE,
            Place.TOOL,
            Format.UINT8,
            _SAT,
            Unit.UNITLESS,
            5,
            -3,
            0,
            0,
            200,
        ),
    ),
    Channel(
        "peak_current",
        ChannelFacts(
            8,
            Stream.FAST,
            Quantity.PEAK_CURRENT,
            Place.BETWEEN_HEADS,
            Format.UINT8,
            _SAT,
            Unit.AMPERE,
            2,
            -6,
            0,
            0,
            200,
        ),
    ),
    _temperature(9, "temperature_l", Place.LEFT_HEAD),
    _temperature(10, "temperature_r", Place.RIGHT_HEAD),
)

CHANNEL_TABLE_FORMAT: Final = 1

#: The mask that asks for every fast channel.
ALL_FAST: Final = sum(1 << channel.row.number for channel in CHANNELS if channel.row.stream is Stream.FAST)


def select(channels: tuple[Channel, ...], stream: Stream, mask: int) -> tuple[Channel, ...]:
    """Return the channels of one stream that a mask asks for, in table order. Slow channels are always sent."""
    return tuple(
        channel
        for channel in channels
        if channel.row.stream is stream and (stream is Stream.SLOW or mask >> channel.row.number & 1)
    )


def fast_mask(channels: tuple[Channel, ...]) -> int:
    """Return the telemetry mask that asks for every fast channel of a table."""
    return sum(1 << channel.row.number for channel in channels if channel.row.stream is Stream.FAST)


def encode_channel_table(channels: tuple[Channel, ...]) -> bytes:
    """Encode a channel table: format, count, then for each channel its row and its NUL-padded name."""
    rows = b"".join(
        encode(ChannelRow.of(channel.row)) + channel.name.encode("ascii").ljust(NAME_SIZE, b"\0")
        for channel in channels
    )
    return bytes((CHANNEL_TABLE_FORMAT, len(channels), size_of(ChannelRow) + NAME_SIZE)) + rows


def decode_channel_table(data: bytes | bytearray) -> tuple[Channel, ...]:
    """Decode a channel table of any minor version; raises `DecodeError`.

    The third byte is the size of a row, so that rows can grow between their known head and the name at their end.
    """
    if len(data) < 3 or data[0] != CHANNEL_TABLE_FORMAT:
        raise DecodeError(f"channel table: format {data[0] if data else 'missing'}, known is {CHANNEL_TABLE_FORMAT}")
    count, row_size = data[1], data[2]
    if row_size < size_of(ChannelRow) + NAME_SIZE or len(data) != 3 + count * row_size:
        raise DecodeError(f"channel table: {len(data)} bytes do not hold {count} rows of {row_size} bytes")
    channels = []
    for start in range(3, len(data), row_size):
        raw = bytes(data[start : start + row_size])
        name = raw[-NAME_SIZE:].rstrip(b"\0").decode("ascii", errors="backslashreplace")
        channel = Channel(name, decode(ChannelRow, raw).facts())
        check_channel(channel)
        channels.append(channel)
    if len({channel.name for channel in channels}) != count:
        raise DecodeError("channel table: two channels have the same name")
    if len({channel.row.number for channel in channels}) != count:
        raise DecodeError("channel table: two channels have the same number")
    return tuple(channels)


def check_channel(channel: Channel) -> None:
    """Raise `DecodeError` for a channel with an invalid name, step or range."""
    row = channel.row
    if not _NAME.fullmatch(channel.name):
        raise DecodeError(
            f"channel table: channel {row.number} is called {channel.name!r}; the name must be small letters, "
            "digits and underscores after a first letter"
        )
    if row.multiplier == 0:
        raise DecodeError(f"channel table: the multiplier of {channel.name} is 0, but must not be")
    if row.raw_minimum > row.raw_maximum:
        raise DecodeError(
            f"channel table: the range of {channel.name} is {row.raw_minimum} to {row.raw_maximum}, which is reversed"
        )
