"""The line that shows the keys of a massage: those that do something now, as many as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.cli.steering.table import TABLE, While
from glowtool.session.wishes import Wish

if TYPE_CHECKING:
    from glowtool.cli.steering.table import Row

#: Enter has to follow these.
_ENTER: Final = "⏎"


def key_line(width: int, *, paused: bool = False, current: bool = True) -> str:
    """Return the keys in one line of at most `width` characters; `current`: there is one to switch off."""
    now = While.PAUSED if paused else While.RUNS
    rows = [row for row in TABLE if now in row.shown and (current or row.does is not Wish.NO_CURRENT)]
    for line in (_line(rows, "  "), _line(rows, "  ", brief=True), _line(rows, "·", brief=True)):
        if len(line) <= width:
            return line
    while rows and len(_line(rows, "  ", brief=True)) > width:
        rows.pop()
    return _line(rows, "  ", brief=True)


def keys_sentence() -> str:
    """Return all keys in words, for a face that prints lines."""
    told = ", ".join(f"{_shown(row)} {row.word}{' (then Enter)' if row.needs_enter else ''}" for row in TABLE)
    return f"Keys: {told}."


def _line(rows: list[Row], between: str, *, brief: bool = False) -> str:
    words = ((row.brief if brief else row.word) + (_ENTER if row.needs_enter else "") for row in rows)
    return between.join(f"{_shown(row)} {word}" for row, word in zip(rows, words, strict=True))


def _shown(row: Row) -> str:
    return row.keys[0]
