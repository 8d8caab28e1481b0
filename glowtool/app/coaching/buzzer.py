"""The buzzer of the roller, for cues that must not be missed: one beep at a time, and never in the way of a command."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from glowtool.errors import GlowtoolError
from glowtool.session.news import Cue, CueKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.device.driver import Driver
    from glowtool.session.news import MassageNews

_LOG = logging.getLogger(__name__)

#: The roller beeps for these; it has no words, so it says nothing about what is wrong.
_BEEPS: Final = frozenset({CueKind.NEXT, CueKind.LAST, CueKind.MOMENT})


class Buzzer:
    """Has the roller of the moment beep, as soon as it is told which one that is; a roller that cannot is not asked."""

    def __init__(self) -> None:
        self.roller: Driver | None = None
        self._due = asyncio.Event()

    def hear(self, news: MassageNews) -> None:
        """Beep for this piece of news, if it is worth it; never waits."""
        if isinstance(news, Cue) and news.kind in _BEEPS:
            self._due.set()

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[None]:
        """Beep when it is due, for the time of the block."""
        working = asyncio.create_task(self._work())
        try:
            yield
        finally:
            working.cancel()
            await asyncio.wait({working})
            if not working.cancelled() and working.exception() is not None:
                _LOG.warning("the beeps ended: %r", working.exception())

    async def _work(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            if self.roller is None:
                continue
            try:
                await self.roller.signal()
            except GlowtoolError as error:  # too old, gone, or no longer in a massage: the cue is told otherwise
                _LOG.info("no beep: %s", error)
