"""The strokes of keys: what ends, lowers or notes takes one, what starts, raises or lengthens takes Enter too.

The second stroke must be a person's: an Enter that comes together with its key, as pasted text does, confirms nothing,
and neither does one after any other key, or late. Pure: keys and times go in, what was asked comes out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.cli.steering.table import TABLE
from glowtool.session.wishes import Wish

if TYPE_CHECKING:
    from glowtool.cli.steering.table import Does, Row

_BY_KEY: Final = {key: row for row in TABLE for key in row.keys}

_ENTER: Final = frozenset("\r\n")

#: What a terminal sends for arrows, function keys and the mouse; Escape alone does nothing either.
_SEQUENCE: Final = re.compile(r"\x1b(\[M.{3}|\[[0-?]*[ -/]*[@-~]|O.|[^\x1b\[O]|\Z)?", re.DOTALL)

#: Enter comes at the earliest this long after its key, and at the latest that long.
SOONEST_S: Final = 0.03
LATEST_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A key that waits for Enter, how often it was pressed, and when last."""

    row: Row
    times: int
    at_s: float

    def words(self) -> str:
        """Return what Enter would do."""
        times = f" × {self.times}" if self.times > 1 else ""
        return f"{self.row.word.capitalize()}{times}? Enter does it, any other key does not."


class Strokes:
    """Turns what is typed into what is asked for."""

    def __init__(self) -> None:
        self._waiting: Waiting | None = None
        self._rest = ""

    def waiting(self, now_s: float) -> Waiting | None:
        """Return the key that waits for Enter, if one still does."""
        waiting = self._waiting
        return waiting if waiting is not None and now_s - waiting.at_s <= LATEST_S else None

    def take(self, typed: str, now_s: float) -> tuple[Does, ...]:
        """Take what was typed together at a time; return what is asked for, in order."""
        text, self._rest = _whole(self._rest + typed)
        asked: list[Does] = []
        for character in _SEQUENCE.sub("\0", text).casefold():
            waiting, self._waiting = self.waiting(now_s), None
            if character in _ENTER:
                if waiting is not None and now_s - waiting.at_s >= SOONEST_S:
                    asked += [waiting.row.does] * waiting.times
                continue
            row = _BY_KEY.get(character)
            if row is None:
                continue
            if not row.needs_enter:
                asked.append(row.does)
            elif waiting is not None and waiting.row is row and row.does is Wish.STRONGER:
                self._waiting = Waiting(row, waiting.times + 1, now_s)
            else:
                self._waiting = Waiting(row, 1, now_s)
        return tuple(asked)


def _whole(text: str) -> tuple[str, str]:
    """Return a text without the beginning of a terminal's sequence at its end, and that beginning."""
    begun = re.search(r"\x1b(\[[0-?]*[ -/]*|\[M.{0,2}|O)\Z", text, re.DOTALL)
    return (text, "") if begun is None else (text[: begun.start()], text[begun.start() :])
