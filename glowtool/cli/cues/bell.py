"""The bell of the terminal: it rings before the next step and when something needs the person."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from glowtool.cli.cues.spoken import spoken_of

if TYPE_CHECKING:
    from glowtool.session.news import MassageNews

_BELL: Final = "\a"


class Bell:
    """Rings on the terminal that this process writes to; without one it does nothing."""

    def hear(self, news: MassageNews) -> None:
        """Ring if this piece of news is worth it; never waits."""
        spoken = spoken_of(news)
        if spoken is None or not spoken.manner.rings:
            return
        stream = next((each for each in (sys.__stdout__, sys.__stderr__) if each is not None and each.isatty()), None)
        if stream is None:
            return
        shown = sys.stdout if stream is sys.__stdout__ else sys.stderr
        with suppress(OSError, ValueError):  # the terminal is gone
            shown.write(_BELL)
            shown.flush()
