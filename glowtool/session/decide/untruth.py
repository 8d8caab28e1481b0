"""Reports of a roller that contradict what it was sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Untruth:
    """A contradiction: what the roller said, or did by its own report, and what was sent."""

    said: str
    sent: str

    def __str__(self) -> str:
        return f"{self.said}; sent: {self.sent}"
