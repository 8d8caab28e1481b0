"""Groups of channels that are calibrated together, as one array with a row for each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.model.channel import Channel, ChannelFlag, Format
from glowtool.stream.columns import calibrated

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

#: Up to here a float64 holds every integer, so that counts can be reckoned with as floats.
_EXACT: Final = 1 << 53


@dataclass(frozen=True, slots=True)
class Scale:
    """The conversion `(raw + offset) × multiplier × 10^power`; `open_at` is the count that means open, if one does.

    `exact`: all that comes before the last step fits a float64.
    """

    offset: int
    multiplier: int
    power: int
    open_at: int | None
    exact: bool

    @classmethod
    def of(cls, channel: Channel, exponent: int) -> Scale:
        """Return the conversion of a channel to a unit that is 10^−exponent of its SI unit."""
        row = channel.row
        bounds = np.iinfo(row.format.type_name)
        farthest = (max(-int(bounds.min), int(bounds.max)) + abs(row.offset)) * abs(row.multiplier)
        open_at = row.raw_maximum if row.flags & ChannelFlag.MAXIMUM_IS_OPEN else None
        exact = farthest <= _EXACT and not row.flags & ChannelFlag.WRAPS  # what is unwrapped may grow
        return cls(row.offset, row.multiplier, row.exponent + exponent, open_at, exact)

    def values(self, counts: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Return counts in units, the same bits as with whole numbers up to the last step.

        Powers of ten are exact and their inverses are not: dividing rounds once, so that 123 becomes 1.23.
        """
        last, factor = (np.divide, 10.0**-self.power) if self.power < 0 else (np.multiply, 10.0**self.power)
        if self.offset or self.multiplier != 1:
            wide = counts.astype(np.float64 if self.exact else np.int64)
            steps = (wide + self.offset if self.offset else wide) * self.multiplier
        else:
            steps = counts
        values: npt.NDArray[np.float64] = last(steps, factor, dtype=np.float64)
        if self.open_at is not None:
            np.putmask(values, counts == self.open_at, np.inf)
        return values


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring channels of one format and one conversion; `scale` is None where they cannot be calibrated."""

    names: tuple[str, ...]
    columns: tuple[str, ...]
    scale: Scale | None
    wraps: bool

    def place(self, sample: np.dtype[np.void]) -> np.dtype[np.void]:
        """Return the dtype that reads all of them at once from such a sample, as its one field "group".

        The channels of a group have to be neighbours there as well.
        """
        if sample.fields is None:
            raise AssertionError("samples have fields")
        each, offset, *_ = sample.fields[self.names[0]]
        formats = [np.dtype((each, (len(self.names),)))]
        found: np.dtype[np.void] = np.dtype(
            {"names": ["group"], "formats": formats, "offsets": [offset], "itemsize": sample.itemsize}
        )
        return found


def groups_of(channels: Iterable[Channel]) -> tuple[Group, ...]:
    """Return fast channels in groups, in their order."""
    channels = tuple(channels)
    known = {item.channel.name: item for item in calibrated(channels)}

    def kind(channel: Channel) -> tuple[Format, Scale | None, bool]:
        item = known.get(channel.name)
        scale = Scale.of(channel, item.rule.exponent) if item else None
        return channel.row.format, scale, bool(channel.row.flags & ChannelFlag.WRAPS)

    found = list[Group]()
    for (_, scale, wraps), members in groupby(channels, key=kind):
        names = tuple(channel.name for channel in members)
        columns = tuple(known[name].column for name in names) if scale is not None else ()
        found.append(Group(names, columns, scale, wraps))
    return tuple(found)
