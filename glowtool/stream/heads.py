"""The heads of a roller, known from the places of its pressure cells."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from glowtool.model.channel import Channel, Place, Quantity, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Head(enum.StrEnum):
    """A head, as columns and strokes name it. Left and right are the wearer's own; a roller with one has only that."""

    LEFT = "l"
    RIGHT = "r"
    ONLY = "head"

    @property
    def words(self) -> str:
        """Its name for people."""
        return "head" if self is Head.ONLY else f"{self.key} head"

    @property
    def key(self) -> str:
        """Its name in JSON."""
        return _KEYS[self]


_KEYS: Final[Mapping[Head, str]] = {Head.LEFT: "left", Head.RIGHT: "right", Head.ONLY: "only"}

#: A channel on the tool itself belongs to its only head; with two heads, it belongs to none.
_HEAD_OF: Final[Mapping[Place, Head]] = {
    Place.LEFT_FRONT: Head.LEFT,
    Place.LEFT_REAR: Head.LEFT,
    Place.LEFT_HEAD: Head.LEFT,
    Place.RIGHT_FRONT: Head.RIGHT,
    Place.RIGHT_REAR: Head.RIGHT,
    Place.RIGHT_HEAD: Head.RIGHT,
    Place.TOOL: Head.ONLY,
}


def head_of(channel: Channel) -> Head | None:
    """Return the head of a channel; None for a place between heads, or an unknown place."""
    return _HEAD_OF.get(channel.row.place)


def is_cell(channel: Channel) -> bool:
    """Return whether a channel is a pressure cell in a unit that can be calibrated."""
    return channel.row.quantity is Quantity.PRESSURE and channel.row.unit is Unit.PASCAL


def heads_of(channels: Iterable[Channel]) -> tuple[Head, ...]:
    """Return the heads that have a pressure cell among these channels, left before right."""
    found = {head_of(channel) for channel in channels if is_cell(channel)}
    sides = tuple(head for head in (Head.LEFT, Head.RIGHT) if head in found)
    return sides or ((Head.ONLY,) if Head.ONLY in found else ())


def all_of_them(heads: Sequence[Head]) -> str:
    """Return what people call all heads of a roller together: "both heads", "its head"; "its cells" without one."""
    return {0: "its cells", 1: "its head"}.get(len(heads), "both heads")


def heads_words(heads: Sequence[Head]) -> str:
    """Return the name of heads together for people: "left and right head"; empty without heads."""
    return " and ".join((*(head.key for head in heads[:-1]), heads[-1].words)) if heads else ""
