"""What all signs of a bad cell share: the window that they look at, and what they find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.stream.block import BoolArray
    from glowtool.stream.quality.kinds import CellFaultKind
    from glowtool.stream.quality.slots import Moment, Slots


@dataclass(frozen=True, slots=True)
class Window:
    """The slots [start, stop) of one second."""

    number: int
    slots: Slots
    start: int
    stop: int

    @property
    def places(self) -> range:
        """The places of its slots among all."""
        return range(self.start, self.stop)


@dataclass(frozen=True, slots=True)
class Found:
    """A cell that is bad, and the moment from which on it shows it."""

    cell: int
    kind: CellFaultKind
    since: Moment


class Sign(Protocol):
    """One sign: `mark` looks at many slots at once, `take` at a window with marked ones, so that cost follows signs.

    To leave out a window without a mark changes nothing.
    """

    def mark(self, slots: Slots) -> BoolArray | None:
        """Return the slots that `take` has to look at, at least; None for none."""
        ...

    def take(self, window: Window, failed: set[int]) -> Iterator[Found]:
        """Yield what this window shows; `failed` cells are known, and tell nothing about others."""
        ...
