"""The time between two connections of a massage: the way back to the lost roller, and the question for the person."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from glowtool.device.attempts import cause_of
from glowtool.device.retrying import persist
from glowtool.errors import ConnectionLostError, GlowtoolError, LinkError, ProtocolError
from glowtool.link.backoff import CONFIRMING, RECONNECTING, Retry, classify
from glowtool.session.decide.moves import Answered, NotReturned, Returned
from glowtool.session.decide.resumption import found_first
from glowtool.session.do.zeroing import ZeroCheck
from glowtool.session.news import Asked, Replied

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.device.archive import Archive
    from glowtool.device.driver import Driver
    from glowtool.model.event import JsonObject
    from glowtool.session.decide.questions import Question
    from glowtool.session.news import Publish
    from glowtool.session.plan import SessionPlan


_LOG = logging.getLogger(__name__)


class Interlude:
    """Connects and asks, and publishes both; its results are for the machine.

    `cause` is the error, if any, that somebody must resolve before the roller can be used again.
    """

    def __init__(self, plan: SessionPlan, publish: Publish, clock: Callable[[], float]) -> None:
        self.cause: GlowtoolError | None = None
        self._clock = clock
        self._plan = plan
        self._publish = publish

    async def come_back(self, roller: Driver, *, brief: bool, settle: bool) -> Returned | NotReturned:
        """Connect again, within bounds; the first command is STOP, and it was answered.

        With `settle` the roller is asked how many frames its newest stream had.
        """
        clock, serial, attempts = self._clock, roller.identity.serial, 0
        found = [roller.found]

        async def attempt() -> int | None:
            nonlocal attempts
            attempts += 1
            try:
                await roller.connect()
            finally:
                if roller.found is not found[-1]:
                    found.append(roller.found)
            return await frames_sent_by(roller.archive) if settle else None

        try:
            backoff = CONFIRMING if brief else RECONNECTING
            frames_sent = await persist(attempt, backoff, self._plan.chance, self._publish)
        except GlowtoolError as error:
            if classify(error) is Retry.NEVER:
                self.cause = error
            return NotReturned(clock(), cause_of(error))
        same = roller.identity.serial == serial
        # A driver may keep one status as long as it stays equal: then it found what it had found before.
        return Returned(
            clock(), found_first(tuple(found[1:]) or (roller.found,)), roller.status, same, frames_sent, attempts
        )

    async def ask(self, question: Question) -> Answered:
        """Ask the person; cancelled when the question is withdrawn."""
        if self._plan.ask is None:
            raise AssertionError("nobody can be asked, so the machine must not ask")
        self._publish(Asked(question))
        go_on = await self._plan.ask(question)
        self._publish(Replied(go_on))
        return Answered(self._clock(), go_on)

    def zero_check(self, remark: Callable[[JsonObject], None]) -> ZeroCheck:
        """Return the look at the zero of the cells, which asks the person that the plan names."""
        return ZeroCheck(self._plan.ask_zero, self._publish, remark)


async def frames_sent_by(archive: Archive | None) -> int | None:
    """Return how many frames the newest stream of a device had, None if it does not say."""
    if archive is None:
        return None
    try:
        return await archive.last_stream_frames()
    except ConnectionLostError:
        raise
    except (LinkError, ProtocolError) as error:
        _LOG.debug("the roller does not say how many frames it sent: %s", error)
        return None
