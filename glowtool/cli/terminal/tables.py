"""Tables as a person reads them, in a terminal of any width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as RichTable

if TYPE_CHECKING:
    from collections.abc import Sequence

#: No table is wider.
_UNBOUNDED: Final = 10_000


def table_of(headers: Sequence[str], rows: Sequence[Sequence[str]], *, whole: frozenset[int]) -> RichTable:
    """Return a plain table: texts left, numbers right. Texts wrap, except in `whole` columns; numbers do not."""
    table = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for place, header in enumerate(headers):
        numeric = place > 0 and all(row[place][:1].isdigit() or row[place][:1] in "–−+" for row in rows)
        unbroken = numeric or place in whole
        # rich takes the longest word for the least width of a column, also of one that it must not break.
        least = _width([header, *(row[place] for row in rows)]) if unbroken else None
        table.add_column(
            header, justify="right" if numeric else "left", overflow="fold", no_wrap=unbroken, min_width=least
        )
    for row in rows:
        table.add_row(*row)
    return table


def _width(cells: Sequence[str]) -> int:
    return max(cell_len(line) for cell in cells for line in cell.split("\n"))


def plain_console() -> Console:
    """Return a rich console on standard output."""
    # Names and titles come from others: they are text, never rich's markup.
    return Console(highlight=False, markup=False, emoji=False)


def least_width(console: Console, table: RichTable) -> int:
    """Return the smallest width of a table, in characters."""
    unbounded = console.options.update(max_width=_UNBOUNDED)  # otherwise rich measures no wider than the terminal
    return Measurement.get(console, unbounded, table).minimum


def one_below_the_other(row: Sequence[str], paired: Sequence[int]) -> tuple[str, ...]:
    """Return a row in which each cell in `paired` is a second line of the one before it."""
    cells: list[str] = []
    for place, cell in enumerate(row):
        if place in paired and cells:
            cells[-1] += f"\n  {cell}"
        else:
            cells.append(cell)
    return tuple(cells)


def stacked(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table row by row for a terminal that is too narrow for it: the first cell, the others below it."""
    names = [" ".join(header.split()) for header in headers]
    width = max(map(len, names))
    lines = []
    for first, *others in rows:
        lines.append(first)
        lines += [f"  {name:<{width}}  {cell}" for name, cell in zip(names[1:], others, strict=True)]
    return "\n".join(lines)
