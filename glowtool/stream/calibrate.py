"""The calibration from counts to units: `(raw + offset) × multiplier × 10^exponent`, by the roller's channel table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.arithmetic.scales import groups_of
from glowtool.stream.block import Block, Columns, Reading, period_us
from glowtool.stream.layout import layout_of
from glowtool.stream.wrap import unwrap_rows

if TYPE_CHECKING:
    import numpy.typing as npt

    from glowtool.model.channel import Channel
    from glowtool.stream.arithmetic.scales import Group


@dataclass(frozen=True, slots=True)
class CalibrateSettings:
    """The fast channels, in the order of the frames."""

    channels: tuple[Channel, ...]


@dataclass(slots=True)
class CalibrateState:
    """The unwrapped counts of the channels of each wrapping group, shape (channels,), by the name of its first."""

    counts: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)


class Calibrate:
    """Makes a `Reading` with index, raw and calibrated columns from a `Block`.

    Neighbouring channels of one format and scale are taken together, so that the cost of a block is that of its groups
    of channels. The columns of a group are the rows of one array.
    """

    def __init__(self, settings: CalibrateSettings) -> None:
        self.settings = settings
        self.state = CalibrateState()
        self._groups = groups_of(settings.channels)
        self._sample: np.dtype[np.void] | None = None
        self._places: tuple[np.dtype[np.void], ...] = ()
        self._layout = layout_of(settings.channels)
        raw = (name for group in self._groups for name in group.names)
        made = (name for group in self._groups for name in group.columns)
        self._names = ("sample", "device_time_us", *raw, *made)

    def process(self, block: Block) -> Reading:
        """Calibrate one block."""
        count, first, first_us = len(block), block.first_sample, block.device_time_us
        period = period_us(block.rate_hz)
        rows: list[npt.NDArray[np.generic]] = [
            np.arange(first, first + count, dtype=np.int64),
            np.arange(first_us, first_us + count * period, period, dtype=np.int64),
        ]
        made: list[npt.NDArray[np.generic]] = []
        for group, place in zip(self._groups, self._places_in(block.raw.dtype), strict=True):
            # As an array of its own: the one of the frames is gone when a sink still has the columns.
            raw = block.raw.view(place)["group"].T.copy()
            rows.extend(raw)
            if group.scale is not None:
                made.extend(group.scale.values(self._unwrapped(group, raw) if group.wraps and count else raw))
        columns: Columns = dict(zip(self._names, (*rows, *made), strict=True))
        return Reading(first, block.rate_hz, first_us, count, columns, self._layout)

    def flush(self) -> None:
        """Return nothing: this stage holds nothing back."""

    def _places_in(self, sample: np.dtype[np.void]) -> tuple[np.dtype[np.void], ...]:
        if sample is not self._sample:
            self._sample, self._places = sample, tuple(group.place(sample) for group in self._groups)
        return self._places

    def _unwrapped(self, group: Group, raw: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
        before = self.state.counts.get(group.names[0])
        counts = unwrap_rows(raw, raw[:, 0].astype(np.int64) if before is None else before)
        self.state.counts[group.names[0]] = counts[:, -1].copy()
        return counts
