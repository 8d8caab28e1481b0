"""A massage on a screen that is redrawn several times a second; afterwards the terminal is restored."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from glowtool.app.watching.state import LiveState
from glowtool.cli.live.screen import screen
from glowtool.cli.live.terminal import Stage
from glowtool.routine.stepped import Stepped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from glowtool.cli.terminal.asking.continuation import Asker
    from glowtool.cli.terminal.output import Printer
    from glowtool.routine import Routine
    from glowtool.session.news import MassageNews, Publish


class LiveView:
    """Keeps the state that the screen shows; another thread draws it, so a slow terminal holds up nothing."""

    def __init__(
        self, routine: Routine, device_name: str, asker: Asker | None = None, *, replayed: bool = False
    ) -> None:
        self._state = LiveState(routine, device_name, replayed=replayed)
        self._asker = asker
        #: What an older roller ran in place of the routine, to be said when the screen is gone.
        self.differs: Stepped | None = None

    def publish(self, news: MassageNews) -> None:
        """Update the state of the screen from a piece of news."""
        self._state = self._state.after(news, time.monotonic())
        if isinstance(news, Stepped):
            self.differs = news

    def draw(self, width: int, height: int) -> RenderableType:
        """Return the present view for a terminal of that size; called from the drawing thread."""
        return screen(self._present(), time.monotonic(), width, height)

    def _present(self) -> LiveState:
        asker = self._asker
        if asker is None:
            return self._state
        waiting = asker.waiting
        words = "" if waiting is None else waiting()
        return replace(self._state, typed=asker.typed, keyed=waiting is not None, waiting=words)


@contextmanager
def drawn(
    output: Printer, routine: Routine, device_name: str, asker: Asker, *, replayed: bool = False
) -> Iterator[Publish]:
    """Yield the face that is drawn, for the time of the block.

    `asker` knows the answer typed so far, and whether the terminal is ours at the moment.
    """
    view = LiveView(routine, device_name, asker, replayed=replayed)
    keyboard = asker.keyboard
    stage = Stage(view.draw, output.console(), lambda: keyboard.descriptor is None or keyboard.ours)
    with stage.shown(), keyboard.suspending(stage.away):
        yield view.publish
    if view.differs is not None:
        output.note(view.differs.words)
