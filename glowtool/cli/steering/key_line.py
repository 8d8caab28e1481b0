"""The line that shows the keys of a massage: those that do something now, as many as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.cli.steering.table import TABLE
from glowtool.session.wishes import Wish

if TYPE_CHECKING:
    from glowtool.cli.steering.table import Row, While

#: Enter has to follow these.
_ENTER: Final = "⏎"


def keys_at(moment: While, *, current: bool = True) -> list[Row]:
    """Return the keys that do something; `current`: there is one to switch off."""
    return [row for row in TABLE if moment in row.shown and (current or row.does is not Wish.NO_CURRENT)]


def key_line(rows: list[Row], width: int) -> str:
    """Return as many of the keys as one line of at most `width` characters has room for."""
    for line in (_line(rows, "  "), _line(rows, "  ", brief=True), _line(rows, "·", brief=True)):
        if len(line) <= width:
            return line
    shown = list(rows)
    while shown and not _fits(shown, width):
        shown.pop()
    return _line(shown, "  ", brief=True)


def key_lines(rows: list[Row], width: int) -> list[str]:
    """Return all of the keys, in as few lines as they take; a key and its word stay together."""
    if len(_line(rows, "·", brief=True)) <= width:
        return [key_line(rows, width)]
    lines: list[str] = []
    left = list(rows)
    while left:
        here = next((left[:count] for count in range(len(left), 1, -1) if _fits(left[:count], width)), left[:1])
        lines.append(_line(here, "  ", brief=True))
        left = left[len(here) :]
    return lines


def _fits(rows: list[Row], width: int) -> bool:
    return len(_line(rows, "  ", brief=True)) <= width


def keys_sentence() -> str:
    """Return all keys in words, for a face that prints lines."""
    told = ", ".join(f"{_shown(row)} {row.word}{' (then Enter)' if row.needs_enter else ''}" for row in TABLE)
    return f"Keys: {told}."


def _line(rows: list[Row], between: str, *, brief: bool = False) -> str:
    words = ((row.brief if brief else row.word) + (_ENTER if row.needs_enter else "") for row in rows)
    return between.join(f"{_shown(row)} {word}" for row, word in zip(rows, words, strict=True))


def _shown(row: Row) -> str:
    return row.keys[0]
