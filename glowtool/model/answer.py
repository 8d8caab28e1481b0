"""The answer of a device to a command: done, or refused and why, and what the device does after it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowtool.model.output import Levels
    from glowtool.model.state import Interlock, State


class Reason(enum.Enum):
    """Why a device refuses a command."""

    UNKNOWN = enum.auto()
    """It gave a reason that this glowtool does not know."""
    UNKNOWN_COMMAND = enum.auto()
    MALFORMED = enum.auto()
    OUT_OF_RANGE = enum.auto()
    WRONG_STATE = enum.auto()
    NO_PROGRAM = enum.auto()
    DAMAGED = enum.auto()
    OVER_CEILING = enum.auto()
    BATTERY_LOW = enum.auto()
    LOCKED = enum.auto()
    GRACE = enum.auto()
    SMALL_PACKETS = enum.auto()
    UNKNOWN_SETTING = enum.auto()
    NOT_FROM_THIS_HOST = enum.auto()
    MEMORY_FULL = enum.auto()
    NO_RECORD = enum.auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device answers: whether it did what it was told, and its state after it.

    `to_start` says whether it was told to start a program; `refusal` is None when it did what it was told. `step` is
    the step in progress, from 0, or `NO_STEP`, and `levels` are the outputs as they really are.
    """

    to_start: bool
    refusal: Reason | None
    state: State
    step: int
    interlocks: Interlock
    levels: Levels


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came: the number that it bears, and the commands that belong to that number.

    `named` is the command that the device says it answers, `asked` the one that was written last under the number, None
    if none was; both are spelled as the device's protocol spells them. A device that does as it should names that one.
    """

    answer: Answer
    number: int
    named: str
    asked: str | None
