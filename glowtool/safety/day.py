"""The day of a dose: which entries of a ledger count today, whatever was done to the clock.

An entry cannot have been written after the one that follows it, nor after now, and cannot be younger than the time that
a clock which nobody sets has counted since. So a clock that was set back gives no second dose for a day that had one,
one that was set forward gives none before that time has passed, and neither locks a day for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from glowtool.safety.dose import Dose


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment by two clocks: the calendar's (unix s), and one that runs evenly since the machine started.

    `boot` names that start; empty: there is no such clock.
    """

    unix_s: float
    boot: str = ""
    steady_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A dose in a ledger: when it was written, and when it ended by the same calendar; None: perhaps it goes on."""

    dose: Dose
    written: Reading
    ended_s: float | None


def dated(entries: Sequence[Entry], now: Reading) -> Iterator[tuple[Entry, float]]:
    """Yield entries, the latest first, each with the calendar time at which it ended as far as anybody can know."""
    latest_s = now.unix_s
    for entry in reversed(entries):
        written_s = _not_younger(entry.written, now)
        latest_s = min(latest_s, written_s)
        if entry.ended_s is None:
            yield entry, now.unix_s
        else:
            yield entry, min(latest_s, entry.ended_s + latest_s - entry.written.unix_s)


def taken_today(entries: Sequence[Entry], now: Reading, day_of: Callable[[float], int]) -> tuple[Entry, ...]:
    """Return the entries that count today, the latest first; `day_of` tells the day of a calendar time."""
    today = day_of(now.unix_s)
    return tuple(entry for entry, ended_s in dated(entries, now) if day_of(ended_s) >= today)


def was_set_back(entries: Sequence[Entry], now: Reading) -> bool:
    """Return whether the last entry is of a time that is still to come."""
    return bool(entries) and _not_younger(entries[-1].written, now) > now.unix_s


def _not_younger(written: Reading, now: Reading) -> float:
    """Return the calendar time, as the calendar is now, at which something was written at the earliest."""
    if not written.boot or written.boot != now.boot:
        return written.unix_s
    return max(written.unix_s, now.unix_s - max(0.0, now.steady_s - written.steady_s))
