"""Between two connections of a massage: back to the roller that was lost, and what a person is asked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from glowtool.device.retrying import NextAttempt, cause_of, persist
from glowtool.errors import ConnectionLostError, GlowtoolError, LinkError, ProtocolError
from glowtool.link.backoff import CONFIRMING, RECONNECTING, Retry, classify
from glowtool.session.decide.moves import Answered, NotReturned, Returned
from glowtool.session.decide.plan import LinkChange, LinkNews
from glowtool.session.decide.resumption import found_first
from glowtool.session.do.zeroing import ZeroCheck, ZeroQuestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.device.retrying import Attempt
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.session.decide.plan import SessionPlan, View
    from glowtool.session.decide.resumption import Question
    from glowtool.session.do.zeroing import ZeroAnswer
    from glowtool.store.tables.events import JsonObject


_LOG = logging.getLogger(__name__)


class Interlude:
    """Connects and asks, and shows both; what it returns is for the machine.

    `cause` is the error that somebody must do something about before the roller can be used again, if there was one.
    """

    def __init__(self, plan: SessionPlan, view: View, clock: Callable[[], float]) -> None:
        self.cause: GlowtoolError | None = None
        self._clock = clock
        self._plan = plan
        self._view = view

    async def come_back(self, roller: Roller, *, brief: bool, settle: bool) -> Returned | NotReturned:
        """Connect again, in bounds; the first command there is STOP, and it was answered.

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
            return await _frames_sent(roller) if settle else None

        try:
            backoff = CONFIRMING if brief else RECONNECTING
            frames_sent = await persist(attempt, backoff, self._plan.chance, self.tell)
        except GlowtoolError as error:
            if classify(error) is Retry.NEVER:
                self.cause = error
            return NotReturned(clock(), cause_of(error))
        same = roller.identity.serial == serial
        return Returned(clock(), found_first(tuple(found[1:])), roller.status, same, frames_sent, attempts)

    async def ask(self, question: Question) -> Answered:
        """Ask the person; cancelled when the question is taken back."""
        if self._plan.ask is None:
            raise AssertionError("nobody can be asked, so the machine does not ask")
        self._view.link(LinkNews(LinkChange.ASKING, question=question))
        go_on = await self._plan.ask(question)
        self._view.link(LinkNews(LinkChange.ANSWERED, go_on=go_on))
        return Answered(self._clock(), go_on)

    def zero_check(self, remark: Callable[[JsonObject], None]) -> ZeroCheck:
        """Return the look at the zero of the cells, which asks the person that the plan names."""
        return ZeroCheck(self._plan.ask_zero, self._show_zero, remark)

    def _show_zero(self, what: ZeroQuestion | ZeroAnswer) -> None:
        if isinstance(what, ZeroQuestion):
            self._view.link(LinkNews(LinkChange.ASKING, question=what))
        else:
            self._view.link(LinkNews(LinkChange.ANSWERED, go_on=what.tare))

    def tell(self, attempt: Attempt) -> None:
        """Show that an attempt to connect failed, or that the next one begins."""
        if isinstance(attempt, NextAttempt):
            self._view.link(LinkNews(LinkChange.TRYING, trying=attempt))
        else:
            self._view.link(LinkNews(LinkChange.ATTEMPT, attempt=attempt))


async def _frames_sent(roller: Roller) -> int | None:
    try:
        return await roller.archive.last_stream_frames()
    except ConnectionLostError:
        raise
    except (LinkError, ProtocolError) as error:
        _LOG.debug("the roller does not say how many frames it sent: %s", error)
        return None
