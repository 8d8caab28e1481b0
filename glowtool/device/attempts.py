"""News of attempts to connect: one that failed, and the one that begins after it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from glowtool.errors import GlowtoolError


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """An attempt that failed: its number from 1, how many there may be, why, and the pause before the next, if any."""

    number: int
    of: int
    error: GlowtoolError
    pause_s: float | None

    def __str__(self) -> str:
        return self.after(0.0)

    def after(self, elapsed_s: float) -> str:
        """Return the words for it, `elapsed_s` after it failed."""
        if self.pause_s is None:
            next_one = "giving up"
        else:
            left_s = max(0.0, self.pause_s - elapsed_s)
            next_one = f"again in {left_s:.1f} s" if left_s else "again at once"
        return f"attempt {self.number} of {self.of} failed: {cause_of(self.error)}; {next_one}"


@dataclass(frozen=True, slots=True)
class NextAttempt:
    """An attempt that begins after one that failed: its number from 2, of how many, and how long it may take."""

    number: int
    of: int
    limit_s: float

    def __str__(self) -> str:
        return self.after(0.0)

    def after(self, elapsed_s: float) -> str:
        """Return the words for it, `elapsed_s` after it began."""
        left_s = max(0.0, self.limit_s - elapsed_s)
        return f"attempt {self.number} of {self.of}: connecting, for at most {left_s:.0f} s …"


#: The news while glowtool connects again; each is true until the next one.
Attempt: TypeAlias = FailedAttempt | NextAttempt


def cause_of(error: GlowtoolError) -> str:
    """Return the failure without the advice that follows it."""
    return error.says


def untold(_attempt: Attempt) -> None:
    """Drop the news."""
