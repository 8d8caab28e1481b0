"""The sending of STOP to the roller, ahead of everything else, and its result."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from glowtool.errors import ConnectionLostError, GlowtoolError, LinkError
from glowtool.session.decide.moves import LinkLost, StopAnswered, StopUnanswered
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from glowtool.device.driver import Driver
    from glowtool.model.answer import Answer
    from glowtool.session.decide.moves import Input
    from glowtool.session.do.helpers import Helpers

_LOG = logging.getLogger(__name__)


class Stopping:
    """Posts STOP from any callback and feeds the machine with its answer; `took_ms` is the time to a confirmation."""

    def __init__(self, feed: Callable[[Input], None], clock: Callable[[], float]) -> None:
        self.took_ms: float | None = None
        self._feed = feed
        self._clock = clock
        self._sent_s: float | None = None

    def post_emergency(self, roller: Driver, helpers: Helpers) -> None:
        """Write an emergency stop at the loop's next step, ahead of what waits; STOP, where that fails."""
        self._sent_s = self._clock() if self._sent_s is None else self._sent_s
        helpers.start(self._latch(roller))

    async def _latch(self, roller: Driver) -> None:
        try:
            answer = await roller.emergency_stop()
        except ConnectionLostError:
            self._feed(LinkLost(self._clock()))
        except GlowtoolError as error:
            _LOG.warning("the emergency stop was not carried out: %s", error)
            self.post(roller)
        else:
            self._feed(StopAnswered(answer.levels.zero, latched=True))

    def post(self, roller: Driver) -> None:
        """Write STOP at once; never waits."""
        self._sent_s = self._clock()
        try:
            roller.post_stop().add_done_callback(self._on_answer)
        except LinkError as error:
            _LOG.debug("no stop could be written: %s", error)
            self._feed(LinkLost(self._clock()))

    def confirmed(self) -> None:
        """Note that the roller reported that its outputs are zero."""
        if self._sent_s is not None:
            self.took_ms = (self._clock() - self._sent_s) * MILLISECONDS_PER_SECOND

    def _on_answer(self, task: asyncio.Task[Answer]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._feed(StopAnswered(task.result().levels.zero))
        elif isinstance(error, ConnectionLostError):
            self._feed(LinkLost(self._clock()))
        else:
            self._feed(StopUnanswered())
