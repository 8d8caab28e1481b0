"""Reports of a roller that contradict what it was sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Untruth:
    """A contradiction between what the roller reported and what was sent."""

    said: str
    sent: str

    def __str__(self) -> str:
        return f"{self.said}; sent: {self.sent}"
