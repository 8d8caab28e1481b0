"""The gentle start: the first massages of a new person are capped, and the caps rise over days.

The table is chosen for gentleness; no study stands behind its numbers. Days are counted as `date.toordinal` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Stage:
    """The caps of a person who has had massages on `after_days` earlier days: µA, and a share of full amplitude."""

    after_days: int
    peak_ua: float
    amplitude: float


#: From the first day on; the last row caps nothing.
STAGES: Final = (
    Stage(0, 160, 0.7),
    Stage(1, 200, 0.8),
    Stage(3, 280, 0.9),
    Stage(6, limit(CeilingId.PEAK_CURRENT), limit(CeilingId.VIBRATION_AMPLITUDE)),
)

#: After as many days without a massage, a person begins anew.
FORGOTTEN_DAYS: Final = 60


def earlier_days(days: Iterable[int], today: int) -> int:
    """Return on how many days before today there were massages, without a longer break until now.

    Days that lie ahead, as after a clock was set back, are none.
    """
    count, later = 0, today
    for day in sorted({day for day in days if day < today}, reverse=True):
        if later - day > FORGOTTEN_DAYS:
            break
        count, later = count + 1, day
    return count


def stage_of(days: Iterable[int], today: int) -> Stage:
    """Return the stage of a person who had massages on these days."""
    had = earlier_days(days, today)
    return [stage for stage in STAGES if stage.after_days <= had][-1]
