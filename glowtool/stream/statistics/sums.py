"""Sums of floating-point values, exact: rounded once, at the end, like `math.fsum`, and mergeable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from glowtool.stream.block import FloatArray, IntArray

#: A significand has 53 bits, in three parts of at most 18, so that their products stay whole in 53 bits when summed.
_BITS: Final = 53
_PART: Final = 18

#: So many values at a time: 2^15 products of 38 bits are below 2^53.
_AT_A_TIME: Final = 1 << 15

#: Sums are whole numbers of 2^-1126, of which every float is a whole number of times; squares of that squared.
_SCALE: Final = 1126


@dataclass(slots=True)
class ExactSums:
    """Count, sum, sum of squares and extremes of finite values; NaN and the infinities are counted apart."""

    count: int = 0
    nan: int = 0
    infinite: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    _total: int = 0
    _squares: int = 0

    def take(self, values: FloatArray) -> None:
        """Take values of shape (n,)."""
        finite = values[np.isfinite(values)]
        nan = int(np.isnan(values).sum())
        self.nan += nan
        self.infinite += len(values) - len(finite) - nan
        if len(finite):
            self.count += len(finite)
            self.minimum = min(self.minimum, float(finite.min()))
            self.maximum = max(self.maximum, float(finite.max()))
            for at in range(0, len(finite), _AT_A_TIME):
                total, squares = _exact(finite[at : at + _AT_A_TIME])
                self._total += total
                self._squares += squares

    def merge(self, other: ExactSums) -> None:
        """Add what other sums have."""
        self.count += other.count
        self.nan += other.nan
        self.infinite += other.infinite
        self.minimum, self.maximum = min(self.minimum, other.minimum), max(self.maximum, other.maximum)
        self._total += other._total
        self._squares += other._squares

    @property
    def total(self) -> Fraction:
        """The sum, exactly."""
        return Fraction(self._total, 1 << _SCALE)

    @property
    def squares(self) -> Fraction:
        """The sum of the squares, exactly."""
        return Fraction(self._squares, 1 << 2 * _SCALE)

    @property
    def mean(self) -> float:
        """The mean of the finite values, rounded once; NaN without any."""
        return float(self.total / self.count) if self.count else math.nan

    @property
    def variance(self) -> float:
        """The mean squared distance from the mean, rounded once; NaN without a finite value."""
        if not self.count:
            return math.nan
        return float((self.squares - self.total * self.total / self.count) / self.count)


def _exact(values: FloatArray) -> tuple[int, int]:
    """Return the sum of finite values and of their squares: by exponent, in whole numbers."""
    significands, exponents = np.frexp(values)
    whole = np.ldexp(significands, _BITS).astype(np.int64)
    low, kinds = int(exponents.min()), exponents - exponents.min()
    # Sign and size apart: parts of the size are never negative.
    size, sign = np.abs(whole), np.sign(whole).astype(np.float64)
    parts = [(size >> shift) & ((1 << _PART) - 1) for shift in (0, _PART, 2 * _PART)]
    total = squares = 0
    for shift, part in enumerate(parts):
        total += _weighed(kinds, part * sign, _SCALE + low - _BITS + shift * _PART, 1)
    one, two, three = (part.astype(np.float64) for part in parts)
    products = (one * one, 2 * one * two, 2 * one * three + two * two, 2 * two * three, three * three)
    for shift, product in enumerate(products):
        squares += _weighed(kinds, product, 2 * (_SCALE + low - _BITS) + shift * _PART, 2)
    return total, squares


def _weighed(kinds: IntArray, parts: FloatArray, power: int, times: int) -> int:
    """Return the sum of parts, each times two to `power` and `times` its kind."""
    sums = np.bincount(kinds, parts)
    found = 0
    for kind in np.flatnonzero(sums).tolist():
        found += int(sums[kind]) << power + times * kind
    return found
