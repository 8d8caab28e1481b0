"""The line that shows the keys of a massage: those that do something now, as many as there is room for."""

from __future__ import annotations

from typing import Final

from glowtool.cli.terminal.steering_keys import KEYS, Halt, Key
from glowtool.session.wishes import Wish

#: Enter has to follow these.
_ENTER: Final = "⏎"

_WHILE_IT_RUNS: Final = frozenset(KEYS) - {each for each in KEYS if each.does is Wish.RESUME}
_WHILE_PAUSED: Final = frozenset(
    each for each in KEYS if each.does in {Wish.RESUME, Wish.SKIP, Wish.MARK, Halt.STOP, Halt.EMERGENCY}
)


def key_line(width: int, *, paused: bool = False, current: bool = True) -> str:
    """Return the keys in one line of at most `width` characters; `current`: there is one to switch off."""
    wanted = _WHILE_PAUSED if paused else _WHILE_IT_RUNS
    rows = [each for each in KEYS if each in wanted and (current or each.does is not Wish.NO_CURRENT)]
    for line in (_line(rows, "  "), _line(rows, "  ", brief=True), _line(rows, "·", brief=True)):
        if len(line) <= width:
            return line
    while rows and len(_line(rows, "  ", brief=True)) > width:
        rows.pop()
    return _line(rows, "  ", brief=True)


def keys_sentence() -> str:
    """Return all keys in words, for a face that prints lines."""
    told = ", ".join(f"{_shown(each)} {each.word}{' (then Enter)' if each.needs_enter else ''}" for each in KEYS)
    return f"Keys: {told}."


def _line(rows: list[Key], between: str, *, brief: bool = False) -> str:
    words = ((each.brief if brief else each.word) + (_ENTER if each.needs_enter else "") for each in rows)
    return between.join(f"{_shown(each)} {word}" for each, word in zip(rows, words, strict=True))


def _shown(key: Key) -> str:
    return key.keys[0]
