"""The running statistics of a stream, by step: of each channel's counts, and of each head's pressure in contact."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np

from glowtool.model.channel import ChannelFlag
from glowtool.model.program import NO_STEP
from glowtool.stream.columns import calibrated
from glowtool.stream.layout import layout_of
from glowtool.stream.statistics.figures import Figures, Line, figures_of, is_tallied, pressed_figures
from glowtool.stream.statistics.pressed import Pressed
from glowtool.stream.statistics.tally import Tally

if TYPE_CHECKING:
    import numpy.typing as npt

    from glowtool.model.channel import Channel
    from glowtool.stream.block import IntArray, Reading
    from glowtool.stream.columns import Calibrated
    from glowtool.stream.heads import Head


@dataclass(frozen=True, slots=True)
class StatisticsSettings:
    """The fast channels."""

    channels: tuple[Channel, ...]


@dataclass(slots=True)
class Part:
    """One step: tallies by channel, values apart by channel, pressure by head, and the samples missing."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    apart: dict[str, int] = field(default_factory=dict)
    heads: dict[Head, Pressed] = field(default_factory=dict)
    missing: int = 0

    def merge(self, other: Part) -> None:
        """Add what another part of the stream has of this step."""
        for name, tally in other.tallies.items():
            self.tallies.setdefault(name, Tally()).merge(tally)
        for name, count in other.apart.items():
            self.apart[name] = self.apart.get(name, 0) + count
        for head, pressed in other.heads.items():
            self.heads.setdefault(head, Pressed()).merge(pressed)
        self.missing += other.missing


@dataclass(slots=True)
class StatisticsState:
    """What came so far by step; the step and the band in force; the number of the next sample, None before any."""

    parts: dict[int, Part] = field(default_factory=dict)
    step: int = NO_STEP
    band_kpa: tuple[float, float] | None = None
    next_sample: int | None = None


class RunningStatistics:
    """Takes what the chain gives; one pass, bounded memory, and exact: figures are rounded once, at the end.

    Two of them that took parts of a stream give, merged in any order, the bits of one that took all of it; only the
    samples missing between the parts are known to neither.
    """

    def __init__(self, settings: StatisticsSettings) -> None:
        self.settings = settings
        self.state = StatisticsState()
        self._channels = tuple(filter(is_tallied, calibrated(settings.channels)))
        self._heads = layout_of(settings.channels).names

    def begin_step(self, step: int, band_kpa: tuple[float, float] | None = None) -> None:
        """Count for another step from the next sample on, with the band asked for in it."""
        self.state.step, self.state.band_kpa = step, band_kpa

    def process(self, reading: Reading) -> tuple[Figures, ...]:
        """Take a reading; nothing is settled before the end."""
        if not len(reading):
            return ()
        state = self.state
        part = state.parts.setdefault(state.step, Part())
        if state.next_sample is not None:
            part.missing += max(0, reading.first_sample - state.next_sample)
        state.next_sample = reading.first_sample + len(reading)
        for item in self._channels:
            self._count(part, item, reading.columns[item.channel.name])
        for head in self._heads:
            self._weigh(part.heads.setdefault(head, Pressed()), head, reading)
        return ()

    def restart(self) -> None:
        """Count no sample as missing because the roller counts anew."""
        self.state.next_sample = None

    def merge(self, other: RunningStatistics) -> None:
        """Add what another one took of the same stream."""
        for step, part in other.state.parts.items():
            self.state.parts.setdefault(step, Part()).merge(part)

    def flush(self) -> tuple[Figures, ...]:
        """Return the figures of all steps, in order: of the channels as in the table, then of the heads."""
        return tuple(
            figures for step in sorted(self.state.parts) for figures in self._figures(step, self.state.parts[step])
        )

    def _figures(self, step: int, part: Part) -> list[Figures]:
        found = []
        for item in self._channels:
            name, tally = item.channel.name, part.tallies.get(item.channel.name, Tally())
            apart = part.apart.get(name, 0)
            found.append(figures_of(step, item.column, tally, Line.of(item), apart=apart, missing=part.missing))
        for head, pressed in part.heads.items():
            found.append(pressed_figures(step, f"pressure_{head}_kpa", pressed, part.missing))
        return found

    def _count(self, part: Part, item: Calibrated, raw: npt.NDArray[np.generic]) -> None:
        name, row = item.channel.name, item.channel.row
        counts = cast("IntArray", raw)
        if row.flags & ChannelFlag.MAXIMUM_IS_OPEN:
            closed = counts[counts != row.raw_maximum]
            part.apart[name] = part.apart.get(name, 0) + len(counts) - len(closed)
            counts = closed
        part.tallies.setdefault(name, Tally()).take(counts)

    def _weigh(self, pressed: Pressed, head: Head, reading: Reading) -> None:
        values = reading.floats(f"pressure_{head}_kpa")[reading.flags(f"contact_{head}")]
        pressed.sums.take(values)
        pressed.pascals.take(np.rint(values[np.isfinite(values)] * 1000).astype(np.int64))
        if self.state.band_kpa is not None:
            low_kpa, high_kpa = self.state.band_kpa
            pressed.is_asked = True
            pressed.inside += int(np.count_nonzero((values >= low_kpa) & (values <= high_kpa)))
