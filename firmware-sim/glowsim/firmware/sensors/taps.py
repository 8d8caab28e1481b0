"""From the counts of the firmware's inputs to the values of a channel: by quantity and place, in the channel's unit."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from glowtool.model.channel import Channel, ChannelFlag, Format, Place, Quantity
from glowtool.protocol.channels import CHANNELS
from glowtool.protocol.samples import dtype_of

if TYPE_CHECKING:
    from glowsim.physics.types import Drive


class Counts(NamedTuple):
    """The counts of the firmware's inputs; each counts as the channel of its name does in the reference hardware."""

    pressure_lf: int
    pressure_lr: int
    pressure_rf: int
    pressure_rr: int
    travel_l: int
    travel_r: int
    impedance: int
    vibration: int
    peak_current: int
    temperature_l: int
    temperature_r: int


_ROWS: Final = {channel.name: channel for channel in CHANNELS}

#: The channel that each input counts as.
INPUTS: Final = tuple(_ROWS[name] for name in Counts._fields)

_AMPLITUDE_PER_COUNT: Final = _ROWS["vibration"].scale
_UA_PER_COUNT: Final = _ROWS["peak_current"].scale * 1e6

#: The inputs for a channel whose place no input has: the first one that exists, nearest first.
_STANDS_FOR: Final[dict[Place, tuple[Place, ...]]] = {
    Place.TOOL: (Place.LEFT_FRONT, Place.LEFT_HEAD, Place.BETWEEN_HEADS),
    Place.LEFT_HEAD: (Place.LEFT_FRONT,),
    Place.RIGHT_HEAD: (Place.RIGHT_FRONT,),
}

_PLACED: Final = {(item.row.quantity, item.row.place): at for at, item in enumerate(INPUTS)}
_BITS: Final = {Format.UINT8: 8, Format.UINT16: 16, Format.SINT16: 16}


def outputs_raw(drive: Drive) -> tuple[int, int]:
    """Return the counts of the driven vibration and current."""
    return round(drive.amplitude / _AMPLITUDE_PER_COUNT), round(drive.peak_ua / _UA_PER_COUNT)


def input_for(quantity: Quantity, place: Place) -> int | None:
    """Return the input for a channel of this quantity and place; None when no input has the quantity."""
    for each in (place, *_STANDS_FOR.get(place, ())):
        if (quantity, each) in _PLACED:
            return _PLACED[quantity, each]
    return None


@dataclass(frozen=True, slots=True)
class Tap:
    """One channel on one input; `steps` is how many of the channel's steps one count of the input is."""

    channel: Channel
    at: int
    steps: float

    def raw(self, counts: Counts) -> int:
        """Return the raw value of the channel."""
        row, count, source = self.channel.row, counts[self.at], INPUTS[self.at].row
        if row.flags & source.flags & ChannelFlag.MAXIMUM_IS_OPEN and count >= source.raw_maximum:
            return row.raw_maximum
        raw = round(count * self.steps) - row.offset
        if row.flags & ChannelFlag.WRAPS:
            span = 1 << _BITS[row.format]
            low = -span // 2 if row.format is Format.SINT16 else 0
            return (raw - low) % span + low
        return min(row.raw_maximum, max(row.raw_minimum, raw))


class Taps:
    """The channels of one stream on their inputs."""

    def __init__(self, channels: tuple[Channel, ...]) -> None:
        self._packer = struct.Struct("<" + "".join(dtype_of(channel).char for channel in channels))
        self._taps = tuple(map(_tap, channels))
        places = tuple(tap.at for tap in self._taps)
        #: If each channel counts as its input does, and the inputs are consecutive, there is nothing to convert.
        follow = places == tuple(range(places[0], places[0] + len(places))) if places else False
        self._piece = slice(places[0], places[-1] + 1) if follow and all(map(_is_plain, self._taps)) else None

    def packed(self, counts: Counts) -> bytes:
        """Return one sample of the inputs' counts."""
        if self._piece is not None:
            in_order: tuple[int, ...] = counts
            return self._packer.pack(*in_order[self._piece])
        return self._packer.pack(*(tap.raw(counts) for tap in self._taps))


def _tap(channel: Channel) -> Tap:
    at = input_for(channel.row.quantity, channel.row.place)
    if at is None:
        return Tap(channel, 0, 0.0)
    return Tap(channel, at, INPUTS[at].scale / channel.scale)


def _is_plain(tap: Tap) -> bool:
    return tap.channel.row == INPUTS[tap.at].row
