"""The data of the processors: blocks of raw samples, and readings in people's units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.stream.heads import Head
    from glowtool.stream.layout import Layout

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Columns = dict[str, npt.NDArray[np.generic]]


class ClockPair(NamedTuple):
    """A frame as it arrived: the device time one period after its last sample, and the host's clock (unix), in µs."""

    complete_us: int
    host_time_us: int


class Stroke(NamedTuple):
    """One movement of one head in one direction, in contact with the skin."""

    head: Head
    start_sample: int
    end_sample: int
    start_us: int
    end_us: int
    #: Signed: + is the positive direction of the encoder.
    length_mm: float
    mean_kpa: float
    peak_kpa: float
    #: The sample at which the end of the stroke was known; the live meter counts it from there on.
    known_sample: int


def period_us(rate_hz: int) -> int:
    """Return the time between samples in µs; all rates of the protocol divide a second into whole µs."""
    return MICROSECONDS_PER_SECOND // rate_hz


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive raw samples of the fast channels.

    `first_sample` and `device_time_us` (of the first sample) are unwrapped; `raw` has shape (n,) and one named field
    for each channel. `heard` relates the clocks: for each frame of it, the device time at which the frame was complete
    and the host's clock (unix) when it had arrived; it is empty in a replay. A block may be empty, if all its samples
    were there already; it still tells the clocks' relation.
    """

    first_sample: int
    rate_hz: int
    device_time_us: int
    raw: npt.NDArray[np.void]
    heard: tuple[ClockPair, ...] = ()

    def __len__(self) -> int:
        return len(self.raw)

    def cut(self, start: int, stop: int) -> Block:
        """Return the samples [start, stop) as a block of its own; what was heard goes with the last of them."""
        time_us = self.device_time_us + start * period_us(self.rate_hz)
        heard = self.heard if stop == len(self) else ()
        return Block(self.first_sample + start, self.rate_hz, time_us, self.raw[start:stop], heard)


@dataclass(frozen=True, slots=True)
class Reading:
    """Consecutive samples by column, each of shape (n,), and the strokes that ended among them.

    `layout` says which columns belong to which head. Stages add columns and never change an existing one;
    `glowtool.stream.columns` declares their names and units.
    """

    first_sample: int
    rate_hz: int
    device_time_us: int
    count: int
    columns: Mapping[str, npt.NDArray[np.generic]]
    layout: Layout
    strokes: tuple[Stroke, ...] = field(default=())

    def __len__(self) -> int:
        return self.count

    def floats(self, name: str) -> FloatArray:
        """Return a column of float64."""
        return cast("FloatArray", self.columns[name])

    def flags(self, name: str) -> BoolArray:
        """Return a column of booleans."""
        return cast("BoolArray", self.columns[name])

    def time_us(self, index: int) -> int:
        """Return the device time of the sample at `index` of this reading."""
        return self.device_time_us + index * period_us(self.rate_hz)

    def adding(self, columns: Mapping[str, npt.NDArray[np.generic]]) -> Reading:
        """Return this reading with more columns."""
        more = {**self.columns, **columns}
        return Reading(
            self.first_sample, self.rate_hz, self.device_time_us, self.count, more, self.layout, self.strokes
        )
