"""The layout of a roller's heads, from its channel table: the columns of their cells, their travel, and the skin."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.model.channel import Channel, Quantity, Stream
from glowtool.model.names import words_of
from glowtool.stream.columns import Calibrated, calibrated
from glowtool.stream.heads import Head, head_of, heads_of, is_cell
from glowtool.units import PASCAL_PER_KPA

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Cell:
    """A pressure cell: its channel, its column in kPa, its place in words, the end of its range, the size of a step."""

    channel: str
    column: str
    words: str
    full_kpa: float
    step_kpa: float


@dataclass(frozen=True, slots=True)
class HeadLayout:
    """One head: its cells, and the column of the distance rolled, None if nothing measures it."""

    head: Head
    cells: tuple[Cell, ...]
    travel: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A roller's heads, and the columns that belong to all of them; several motors or sources are each named.

    `cells` are all cells, including those of no head. `impedance` is None if nothing measures it.
    """

    heads: tuple[HeadLayout, ...] = ()
    cells: tuple[Cell, ...] = ()
    impedance: str | None = None
    amplitudes: tuple[str, ...] = ()
    peaks: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[Head, ...]:
        """The heads by name."""
        return tuple(each.head for each in self.heads)

    @property
    def tells_travel(self) -> bool:
        """Whether the distance of at least one head is known, so that there can be strokes."""
        return any(each.travel is not None for each in self.heads)


def layout_of(channels: Iterable[Channel]) -> Layout:
    """Return the layout of the fast ones of these channels."""
    columns = calibrated(item for item in channels if item.row.stream is Stream.FAST)
    cells = {item.channel.name: cell for item, cell in zip(filter(_is_cell, columns), _cells(columns), strict=True)}
    heads = heads_of(item.channel for item in columns)
    return Layout(
        tuple(_head(head, columns, cells, alone=len(heads) == 1) for head in heads),
        tuple(cells.values()),
        _first(columns, Quantity.IMPEDANCE),
        tuple(item.column for item in columns if item.channel.row.quantity is Quantity.VIBRATION_AMPLITUDE),
        tuple(item.column for item in columns if item.channel.row.quantity is Quantity.PEAK_CURRENT),
    )


def _head(head: Head, columns: tuple[Calibrated, ...], cells: dict[str, Cell], *, alone: bool) -> HeadLayout:
    mine = tuple(cells[item.channel.name] for item in columns if _is_cell(item) and head_of(item.channel) is head)
    ways = [item for item in columns if item.channel.row.quantity is Quantity.TRAVEL]
    own = [item.column for item in ways if head_of(item.channel) is head]
    # An encoder on the tool itself counts for every head: they roll together.
    shared = [item.column for item in ways if alone or head_of(item.channel) is Head.ONLY]
    return HeadLayout(head, mine, next(iter((*own, *shared)), None))


def _cells(columns: tuple[Calibrated, ...]) -> tuple[Cell, ...]:
    found = tuple(filter(_is_cell, columns))
    places = Counter(item.channel.row.place for item in found)
    return tuple(_cell(item, is_only=places[item.channel.row.place] == 1) for item in found)


def _cell(item: Calibrated, *, is_only: bool) -> Cell:
    row = item.channel.row
    place = words_of(row.place) if row.place.is_known else ""
    words = place if place and is_only else f"{place} {item.channel.name}".strip()
    ends = [(raw + row.offset) * item.channel.scale / PASCAL_PER_KPA for raw in (row.raw_minimum, row.raw_maximum)]
    return Cell(item.channel.name, item.column, words, max(ends), abs(item.channel.scale) / PASCAL_PER_KPA)


def _is_cell(item: Calibrated) -> bool:
    return is_cell(item.channel)


def _first(columns: tuple[Calibrated, ...], quantity: Quantity) -> str | None:
    return next((item.column for item in columns if item.channel.row.quantity is quantity), None)
