"""The hand on a massage: keys become wishes and stops, and a key that waits for Enter is said where lines are shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from glowtool.cli.steering.strokes import Strokes
from glowtool.cli.steering.table import Halt
from glowtool.session.wishes import Ask, By

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.app.running import Massage
    from glowtool.cli.steering.table import Does


class Hand:
    """Takes what is typed during a massage; `say` shows a sentence where no view shows the key that waits."""

    def __init__(self, massage: Massage, say: Callable[[str], None] | None = None) -> None:
        self._massage = massage
        self._say = say
        self._strokes = Strokes()

    def take(self, typed: str) -> None:
        """Take what was typed together; never waits. What became of it is among the news."""
        now_s = time.monotonic()
        for does in self._strokes.take(typed, now_s):
            self._do(does)
        waiting = self._strokes.waiting(now_s)
        if waiting is not None and self._say is not None and waiting.at_s == now_s:
            self._say(waiting.words())

    @property
    def waiting(self) -> str:
        """What Enter would do now, in words; empty while it would do nothing."""
        waiting = self._strokes.waiting(time.monotonic())
        return "" if waiting is None else waiting.words()

    def _do(self, does: Does) -> None:
        match does:
            case Halt.STOP:
                self._massage.stop_once()
            case Halt.EMERGENCY:
                self._massage.emergency_stop()
            case _:
                self._massage.steer(Ask(does, By.KEY))
