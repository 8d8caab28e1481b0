"""The questions that a person is asked during a massage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowtool.stream.live.zero import Zero


@dataclass(frozen=True, slots=True)
class Question:
    """Whether to go on: why the connection was lost and for how long, and the rest of step and massage."""

    because: str
    away_s: float
    step: int
    steps: int
    step_left_s: float
    massage_left_s: float
    answer_within_s: float


@dataclass(frozen=True, slots=True)
class ZeroQuestion:
    """Whether to take what the cells read in the air as their zero, before a massage."""

    zero: Zero
