"""The figures of one column of one step, in people's units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from glowtool.model.channel import ChannelFlag

if TYPE_CHECKING:
    from glowtool.stream.columns import Calibrated
    from glowtool.stream.statistics.pressed import Pressed
    from glowtool.stream.statistics.tally import Tally

#: The percentiles that are told.
PERCENTS: Final = (5, 50, 95)


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a column during a step: `count` values, and `apart` that are no number (open, or NaN).

    `missing` samples were lost, and are in no figure. `percentiles` are those of `PERCENTS`. `in_band` is the share of
    a head's pressure in the band, None where no band was asked for. All are NaN without a value.
    """

    step: int
    column: str
    count: int
    apart: int
    missing: int
    mean: float
    variance: float
    minimum: float
    maximum: float
    percentiles: tuple[float, ...]
    in_band: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The line from the counts of a channel to its column, exactly."""

    factor: Fraction
    offset: int

    @classmethod
    def of(cls, item: Calibrated) -> Line:
        """Return the line of a calibrated channel."""
        row = item.channel.row
        return cls(row.multiplier * Fraction(10) ** (row.exponent + item.rule.exponent), row.offset)

    def at(self, counts: Fraction | float | None) -> float:
        """Return the value for counts, rounded once; NaN for none."""
        if counts is None or counts != counts:  # noqa: PLR0124 - only NaN differs from itself
            return math.nan
        return float((Fraction(counts) + self.offset) * self.factor)


def figures_of(step: int, column: str, tally: Tally, line: Line, *, apart: int = 0, missing: int = 0) -> Figures:
    """Return the figures of a tally of counts."""
    ends = [line.at(None if end is None else Fraction(end)) for end in (tally.minimum, tally.maximum)]
    percents = PERCENTS if line.factor > 0 else tuple(100 - each for each in PERCENTS)
    variance = tally.variance
    return Figures(
        step,
        column,
        tally.count,
        apart,
        missing,
        line.at(tally.mean),
        math.nan if variance is None else float(variance * line.factor * line.factor),
        min(ends),
        max(ends),
        tuple(line.at(tally.percentile(each)) for each in percents),
    )


def pressed_figures(step: int, column: str, pressed: Pressed, missing: int) -> Figures:
    """Return the figures of a head's filtered pressure in contact; percentiles are to the pascal."""
    sums, has = pressed.sums, pressed.sums.count > 0
    percentiles = tuple(pressed.pascals.percentile(each) / 1000 if has else math.nan for each in PERCENTS)
    return Figures(
        step,
        column,
        sums.count,
        sums.nan + sums.infinite,
        missing,
        sums.mean,
        sums.variance,
        sums.minimum if has else math.nan,
        sums.maximum if has else math.nan,
        percentiles,
        pressed.inside / sums.count if pressed.is_asked and has else None,
    )


def is_tallied(item: Calibrated) -> bool:
    """Return whether the counts of a channel have statistics: those of a counter that goes round have none."""
    return not item.channel.row.flags & ChannelFlag.WRAPS
