"""Tables and times as a person reads them, in a terminal of any width and in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table as RichTable

from glowtool.cli.streams import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


def table_of(
    headers: Sequence[str], rows: Iterable[Sequence[str]], *, whole: frozenset[int] = frozenset()
) -> RichTable:
    """Return a plain table: texts left, numbers right; texts wrap, but for `whole` columns, numbers do not."""
    table = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    filled = [list(row) for row in rows]
    for place, header in enumerate(headers):
        numeric = place > 0 and all(row[place][:1].isdigit() or row[place][:1] in "–−+" for row in filled)
        unbroken = numeric or place in whole
        table.add_column(header, justify="right" if numeric else "left", overflow="fold", no_wrap=unbroken)
    for row in filled:
        table.add_row(*map(printable, row))
    return table


def local_time(moment: datetime) -> str:
    """Return a moment in the machine's own time zone, to the minute."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def duration_text(duration_s: float) -> str:
    """Return a duration as `45 s` or `4:05 min`."""
    whole = round(duration_s)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d} min"
