"""The rows of the page on performance: what is compared with what, in one run, and whether the aim is met."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Row:
    """One ratio: the cost of `ours` ÷ that of `theirs`; `aim` is the most that it should be, None where it informs."""

    group: str
    name: str
    ours: str
    theirs: str
    ratio: float
    aim: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without one."""
        return None if self.aim is None else self.ratio <= self.aim


def ratio(ours: Callable[[], object], theirs: Callable[[], object], times: int) -> float:
    """Return the processor time of one ÷ that of the other: the median of pairs, since a machine's speed drifts.

    Each runs once before, since the first run of a library loads it.
    """
    ours(), theirs()
    return median(_spent_s(ours) / _spent_s(theirs) for _ in range(times))


def _spent_s(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return max(time.process_time() - begun, 1e-9)
