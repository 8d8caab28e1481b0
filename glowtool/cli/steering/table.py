"""What a person can ask of a massage, declared once: keys, the words beside them, sentences, the help of `tell`.

What matters most comes first, and is the last to be left out where there is little room.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from glowtool.session.wishes import Wish


class Halt(enum.Enum):
    """The two stops of the keyboard."""

    STOP = enum.auto()
    """As one Ctrl-C."""
    EMERGENCY = enum.auto()
    """Stop and latch."""


Does = Wish | Halt


class While(enum.Flag):
    """When a key does something, so that it is shown."""

    BEFORE = enum.auto()
    RUNS = enum.auto()
    PAUSED = enum.auto()
    BEGUN = RUNS | PAUSED
    ALWAYS = BEFORE | BEGUN


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing to ask for."""

    does: Does
    keys: str
    """All do the same; the first one is shown."""
    word: str
    """Said beside the key."""
    brief: str
    """The same where there is little room."""
    shown: While
    done: str = ""
    """Said once it was done; empty where the sentence has numbers, or the end of the massage says it."""
    undone: str = ""
    """Said before the reason why it was not done."""
    told: str = ""
    """The help of its command `tell`, where that needs nothing but the massage that is meant."""

    @property
    def needs_enter(self) -> bool:
        """Whether Enter has to follow the key."""
        return isinstance(self.does, Wish) and self.does.raises


TABLE: Final = (
    Row(does=Halt.STOP, keys="q", word="stop", brief="stop", shown=While.ALWAYS),
    Row(does=Halt.EMERGENCY, keys="x", word="emergency stop", brief="emergency", shown=While.ALWAYS),
    Row(
        does=Wish.PAUSE,
        keys="p ",
        word="pause",
        brief="pause",
        shown=While.RUNS,
        done="Paused here.",
        undone="Not paused",
        told="""Pause: outputs are zero, and the place is kept.

        After ten minutes of pause the massage is ended.
        """,
    ),
    Row(
        does=Wish.RESUME,
        keys="r",
        word="go on",
        brief="go on",
        shown=While.PAUSED,
        done="Going on.",
        undone="Not gone on",
        told="Go on after a pause, with a soft start.",
    ),
    Row(
        does=Wish.QUIETER,
        keys="-_",
        word="quieter",
        brief="less",
        shown=While.RUNS,
        undone="Not quieter",
        told="Lower both outputs by a tenth of the routine's level.",
    ),
    Row(
        does=Wish.STRONGER,
        keys="+=",
        word="stronger",
        brief="more",
        shown=While.RUNS,
        undone="Not stronger",
        told="""Raise both outputs by a tenth of the routine's level.

        They go no higher than that level. A current that was switched off stays off.
        """,
    ),
    Row(
        does=Wish.NO_CURRENT,
        keys="c",
        word="current off",
        brief="no current",
        shown=While.RUNS,
        done="The microcurrent is off for the rest of the massage.",
        undone="The current was not switched off",
        told="Switch the microcurrent off for the rest of the massage.",
    ),
    Row(
        does=Wish.SKIP,
        keys="n",
        word="next",
        brief="next",
        shown=While.BEGUN,
        done="On to the next step.",
        undone="Not skipped",
        told="""Go to the next step, with a soft start.

        After the last step the massage is complete.
        """,
    ),
    Row(does=Wish.EXTEND, keys="e", word="longer", brief="longer", shown=While.RUNS, undone="Not longer"),
    Row(
        does=Wish.MARK,
        keys="m",
        word="mark",
        brief="mark",
        shown=While.BEGUN,
        done="Marked.",
        undone="Not marked",
    ),
)

BY_WISH: Final = {row.does: row for row in TABLE if isinstance(row.does, Wish)}
