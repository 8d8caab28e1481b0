"""The pressure cells that are watched, with the limits in the counts of their own channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.stream.layout import layout_of
from glowtool.stream.quality.kinds import AIR_KPA, IN_THE_AIR_KPA, NOISY_KPA, TOUCHED_KPA

if TYPE_CHECKING:
    from glowtool.model.channel import Channel

#: With larger steps than this, a working cell may read the same under a hand that holds still.
FINE_KPA: Final = 0.02

#: Since its first visit to the air, the zero of a working cell moves by less than this.
MOVED_KPA: Final = 0.15


@dataclass(frozen=True, slots=True)
class Watched:
    """A pressure cell, and its limits in steps of its channel from the true zero; `mates` share its head."""

    channel: str
    words: str
    head: int
    mates: tuple[int, ...]
    sign: int
    offset: int
    step_kpa: float
    full: int

    @property
    def is_fine(self) -> bool:
        """Whether its noise is more than a step."""
        return self.step_kpa <= FINE_KPA

    @property
    def still(self) -> float:
        """Below this, it may be in the air."""
        return IN_THE_AIR_KPA / self.step_kpa

    @property
    def touched(self) -> float:
        """From this on, it is pressed."""
        return TOUCHED_KPA / self.step_kpa

    @property
    def off(self) -> float:
        """From this on, it does not read air."""
        return AIR_KPA / self.step_kpa

    @property
    def moved(self) -> float:
        """From this on, its zero has moved."""
        return MOVED_KPA / self.step_kpa

    @property
    def noisy(self) -> float:
        """From this on, a change from sample to sample is rough."""
        return NOISY_KPA / self.step_kpa


def watched_cells(channels: tuple[Channel, ...]) -> tuple[Watched, ...]:
    """Return the cells of all heads; those of no head have nothing that they could be compared with."""
    rows = {item.name: item.row for item in channels}
    heads = layout_of(channels).heads
    places = [(cell, at) for at, head in enumerate(heads) for cell in head.cells]
    found = []
    for own, (cell, head) in enumerate(places):
        row = rows[cell.channel]
        sign = 1 if row.multiplier > 0 else -1
        full = max(sign * (end + row.offset) for end in (row.raw_minimum, row.raw_maximum))
        mates = tuple(at for at, (_, other) in enumerate(places) if other == head and at != own)
        found.append(Watched(cell.channel, cell.words, head, mates, sign, row.offset, cell.step_kpa, full))
    return tuple(found)
