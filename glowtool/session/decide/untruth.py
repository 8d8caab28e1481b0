"""What a roller said that does not fit what it was sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Untruth:
    """What it said, or did by its own word, and what was sent."""

    said: str
    sent: str

    def __str__(self) -> str:
        return f"{self.said}; sent: {self.sent}"
