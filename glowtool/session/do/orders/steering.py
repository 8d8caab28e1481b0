"""The orders of a person who steers: carried out one after the other over one connection, of several trims the newest.

The callers that wait for a reply are kept beside them, over all connections, and none waits beyond the massage.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from glowtool.errors import CommandRefusedError, GlowtoolError, InputError, LinkError, SafetyError
from glowtool.model.program import NO_STEP
from glowtool.session.decide.steering.orders import Carried, Steer
from glowtool.session.news import Steered
from glowtool.session.wishes import TRIMMING, Wish
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from glowtool.device.driver import Driver
    from glowtool.model.answer import Answer
    from glowtool.session.decide.moves import Input
    from glowtool.session.decide.steering.orders import Order
    from glowtool.session.wishes import Ask

_LOG = logging.getLogger(__name__)

#: What refuses an order and changes nothing: gate, driver or device said no.
_REFUSALS = (CommandRefusedError, InputError, SafetyError)

_OVERTAKEN = "it was not ordered, or nobody knows what became of it: a stop or a lost connection came first"


class Askers:
    """The callers that wait until a wish is granted or not."""

    def __init__(self, feed: Callable[[Input], None], clock: Callable[[], float]) -> None:
        self._feed = feed
        self._clock = clock
        self._number = 0
        self._waiting: dict[int, tuple[Ask, asyncio.Future[Steered]]] = {}
        self._over = False

    def ask(self, ask: Ask) -> asyncio.Future[Steered]:
        """Pass a wish to the machine; never waits. Await what is returned for the reply."""
        self._number += 1
        future: asyncio.Future[Steered] = asyncio.get_running_loop().create_future()
        if self._over:
            future.set_result(_too_late(ask))
            return future
        self._waiting[self._number] = ask, future
        self._feed(Steer(self._clock(), self._number, ask))
        return future

    def reply(self, number: int, steered: Steered) -> None:
        """Answer a caller."""
        _, future = self._waiting.pop(number, (None, None))
        if future is not None and not future.done():
            future.set_result(steered)

    def end(self) -> None:
        """Answer all callers that still wait, and every later one: the massage has ended."""
        self._over = True
        for ask, future in self._waiting.values():
            if not future.done():
                future.set_result(_too_late(ask))
        self._waiting.clear()


def _too_late(ask: Ask) -> Steered:
    return Steered(
        ask, done=False, why="the massage has ended", vibration_percent=0, current_percent=0, step=NO_STEP, step_s=0.0
    )


class Orders:
    """Carries out orders over one connection, and reports each of them; `fail` hears of a connection that fails."""

    def __init__(
        self,
        roller: Driver,
        start: Callable[[Coroutine[object, object, None]], asyncio.Task[None]],
        *,
        clock: Callable[[], float],
        feed: Callable[[Input], None],
        fail: Callable[[GlowtoolError], None],
    ) -> None:
        self._roller = roller
        self._start = start
        self._clock = clock
        self._feed = feed
        self._fail = fail
        self._trims: list[Order] = []
        self._trimming = False
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def carry_out(self, order: Order) -> None:
        """Begin to carry out an order; never waits."""
        if order.ask is not None and order.ask.wish not in TRIMMING:
            self._begin(self._give(order))
            return
        self._trims.append(order)
        if not self._trimming:
            self._trimming = True
            self._begin(self._give_newest_trims())

    def fall_silent(self) -> None:
        """Give no order any more: a stop is on its way."""
        for task in self._tasks:
            task.cancel()

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = self._start(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _give(self, order: Order) -> None:
        try:
            async with self._turn:
                carried = await self._outcome(order)
        except asyncio.CancelledError:
            self._feed(Carried(self._clock(), order, _OVERTAKEN, unsure=True))
            raise
        self._feed(carried)

    async def _give_newest_trims(self) -> None:
        """Give the newest trim that waits, until none does; what became of it holds for those that it replaced."""
        waiting: list[Order] = []
        try:
            while self._trims:
                async with self._turn:
                    waiting, self._trims = self._trims, []
                    carried = await self._outcome(waiting[-1])
                for order in waiting:
                    self._feed(Carried(carried.at_s, order, carried.refusal, carried.step, carried.unsure))
                waiting = []
        except asyncio.CancelledError:
            for order in (*waiting, *self._trims):
                self._feed(Carried(self._clock(), order, _OVERTAKEN, unsure=True))
            raise
        finally:
            self._trimming = False

    async def _outcome(self, order: Order) -> Carried:
        try:
            answer = await self._tell(order)
        except _REFUSALS as error:
            return Carried(self._clock(), order, str(error))
        except GlowtoolError as error:
            _LOG.info("an order was not answered: %s", error)
            carried = Carried(self._clock(), order, str(error), unsure=True)
            if isinstance(error, LinkError):
                # The machine learns of the order first: what it knows of the roller's place depends on it.
                self._start(self._failed(error))
            return carried
        return Carried(self._clock(), order, step=answer.step)

    async def _failed(self, error: GlowtoolError) -> None:
        self._fail(error)

    async def _tell(self, order: Order) -> Answer:
        roller, shares = self._roller, order.shares
        wish = Wish.QUIETER if order.ask is None else order.ask.wish
        match wish:
            case Wish.PAUSE:
                return await roller.pause()
            case Wish.RESUME:
                return await roller.resume()
            case Wish.SKIP:
                return await roller.skip()
            case Wish.EXTEND if order.ask is not None:
                return await roller.extend(round(order.ask.extra_s * MILLISECONDS_PER_SECOND))
            case _:
                return await roller.trim(shares.vibration_percent, shares.current_percent)
