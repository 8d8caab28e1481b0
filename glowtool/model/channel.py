"""The channels of a device: the quantity that each one measures, its place on the tool, and its resolution."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from glowtool.model.open_enum import Growing

#: Samples a second, where nobody asks for another rate.
DEFAULT_RATE_HZ: Final = 200


class Quantity(Growing):
    """The quantity that a channel measures. May grow."""

    PRESSURE = 1
    TRAVEL = 2
    IMPEDANCE = 3
    VIBRATION_AMPLITUDE = 4
    PEAK_CURRENT = 5
    TEMPERATURE = 6


class Unit(Growing):
    """Units by their number in the Bluetooth SIG's assigned numbers (section 3.5). May grow."""

    UNITLESS = 0x2700
    METRE = 0x2701
    AMPERE = 0x2704
    PASCAL = 0x2724
    OHM = 0x272A
    DEGREE_CELSIUS = 0x272F


class Format(Growing):
    """Width and sign of a raw value; numbers as in the SIG's characteristic presentation format. May grow."""

    UINT8 = 0x04
    UINT16 = 0x06
    SINT16 = 0x0E

    @property
    def type_name(self) -> str:
        """The type of its values, as numpy and Arrow call it; raises `KeyError` for a format that is not known."""
        return _TYPES[self]


_TYPES: Final[dict[Format, str]] = {Format.UINT8: "uint8", Format.UINT16: "uint16", Format.SINT16: "int16"}


class Place(Growing):
    """The place of a channel on the tool. May grow."""

    TOOL = 0
    LEFT_FRONT = 1
    LEFT_REAR = 2
    RIGHT_FRONT = 3
    RIGHT_REAR = 4
    LEFT_HEAD = 5
    RIGHT_HEAD = 6
    BETWEEN_HEADS = 7


class Stream(enum.IntEnum):
    """The kind of frame that carries a channel."""

    FAST = 1
    SLOW = 2


class ChannelFlag(enum.IntFlag):
    """The behaviour of raw values at the ends of their range."""

    SATURATES = 0x01
    WRAPS = 0x02
    MAXIMUM_IS_OPEN = 0x04


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """A channel's quantity, place and resolution: its value is `(raw + offset) × multiplier × 10^exponent`."""

    number: int
    stream: Stream
    quantity: Quantity
    place: Place
    format: Format
    flags: ChannelFlag
    unit: Unit
    multiplier: int
    exponent: int
    offset: int
    raw_minimum: int
    raw_maximum: int


@dataclass(frozen=True, slots=True)
class Channel:
    """One telemetry channel: its name and its facts."""

    name: str
    row: ChannelFacts

    @property
    def is_readable(self) -> bool:
        """Whether its raw values can be read: this version knows their format."""
        return self.row.format.is_known

    @property
    def scale(self) -> float:
        """The size of one raw step in the channel's unit."""
        return float(f"{self.row.multiplier}e{self.row.exponent}")
