"""The run of a massage: hold and find the roller, prepare its session, note its outcome."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from glowtool.app.asks import UnansweredError
from glowtool.app.coaching.buzzer import Buzzer
from glowtool.app.coaching.companion import Companion
from glowtool.app.hold.holding import holding
from glowtool.app.ledger.books import books
from glowtool.app.ledger.unfetched import learn
from glowtool.app.news import Looking, Warned, untold
from glowtool.app.people.admitting import admitted
from glowtool.app.people.buttons import keep_button_within
from glowtool.app.people.circumstances import require_possible
from glowtool.app.people.noting import note_massage
from glowtool.app.people.who import meant
from glowtool.app.place import make_private_dir
from glowtool.app.rollers.adapters import adapter_of
from glowtool.app.rollers.finding import find_known
from glowtool.app.rollers.opening import driver_opener
from glowtool.app.routines import run_instead, suited
from glowtool.routine import compile_routine
from glowtool.routine.stepped import Stepped
from glowtool.safety import Circumstances
from glowtool.safety.abilities import UnableError
from glowtool.safety.limits import ceilings_in_force
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.do.runner import Session
from glowtool.session.news import Began, OutputsZero, unheard
from glowtool.session.plan import SessionPlan
from glowtool.store.rollers.registry import DeviceRegistry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from glowtool.app.asks import Asks, GoOn, ZeroQuestion
    from glowtool.app.hold.holding import Held
    from glowtool.app.ledger.books import Books
    from glowtool.app.measuring.capturing import Capture
    from glowtool.app.news import Publish, Tell
    from glowtool.app.place import Place
    from glowtool.device.attempts import Attempt
    from glowtool.device.driver import Driver, OpenDriver
    from glowtool.model.event import JsonObject
    from glowtool.model.state import DeviceLimits
    from glowtool.routine import Routine
    from glowtool.safety.limits import PersonalMax
    from glowtool.session.news import MassageNews, Steered
    from glowtool.session.news import Publish as PublishMassage
    from glowtool.session.plan import SessionResult
    from glowtool.session.wishes import Ask
    from glowtool.store.rollers.known import KnownRoller


@dataclass(frozen=True, slots=True)
class Wish:
    """The routine to run, and how.

    `on_loss` says what to do when a lost connection is made again. `asks` answers whether to go on, and whether to
    take what the cells read as their zero; None: nobody can be asked. `personal` lowers the bounds of whoever is meant
    at the place, and raises none. `buzz`: the roller beeps before the next step. `capture` takes a
    copy of what the roller says and hears.
    """

    routine: Routine
    on_loss: OnLoss = OnLoss.STOP
    asks: Asks | None = None
    personal: PersonalMax | None = None
    buzz: bool = True
    capture: Capture | None = None


class Massage:
    """A massage that is ready: call `await run()` once; what can be asked of it meanwhile is that of its session."""

    def __init__(
        self, session: Session, held: Held, routine: Routine, instead: Callable[[], str], books: Books
    ) -> None:
        self.request_stop: Callable[[], None] = session.request_stop
        self.remark: Callable[[JsonObject], None] = session.remark
        self.steer: Callable[[Ask], Awaitable[Steered]] = session.steer
        self.emergency_stop: Callable[[], None] = session.emergency_stop
        self.result: SessionResult | None = None
        self._buzzer: Buzzer | None = None
        self._session = session
        self._held = held
        self._routine = routine
        self._instead = instead
        self._books = books
        self._differs: Stepped | None = None

    def stop_once(self) -> None:
        """Stop it as one Ctrl-C does; a stop that comes again does not mean to leave at once."""
        self._held.stop_once()

    def beeps_by(self, buzzer: Buzzer | None) -> None:
        """Have this buzzer hear the cues."""
        self._buzzer = buzzer

    async def run(self, publish: PublishMassage = unheard) -> SessionResult:
        """Run the massage and return its ending; `publish` gets the news. Raises the errors of `Session.run`.

        Cues and the coach's advice are among the news. A stop of the command stops the massage in an orderly way.
        """

        def tell(news: MassageNews) -> None:
            if isinstance(news, OutputsZero):
                self._held.zero(news.stop_ms)
            elif isinstance(news, Stepped):
                self._differs = news
            elif isinstance(news, Began) and self._differs is not None:
                differs = self._differs
                self.remark({"remark": differs.words, "stepped": [index + 1 for index in differs.changed]})
            self._books.take(news)
            companion.publish(news)

        def tell_all(news: MassageNews) -> None:
            publish(news)
            if self._buzzer is not None:
                self._buzzer.hear(news)

        companion = Companion(self._routine, tell_all, asyncio.get_running_loop().time)
        with self._held.stopping_by(self.request_stop), self._held.steering_by(self.steer, self.emergency_stop):
            try:
                self.result = await self._session.run(tell)
            except UnableError as error:
                error.advise(self._instead())
                raise
            finally:
                await self._books.close(self.result)
        return self.result


def _asking(asks: Asks) -> Callable[[GoOn | ZeroQuestion], Awaitable[bool]]:
    async def ask(question: GoOn | ZeroQuestion) -> bool:
        try:
            return await asks.yes(question)
        except UnansweredError:
            return False

    return ask


def _noting(
    limits: list[DeviceLimits], open_driver: OpenDriver, within: Callable[[Driver], Awaitable[None]]
) -> OpenDriver:
    """Return the opener of the same device, which notes what the device can do, and looks after its button."""

    @asynccontextmanager
    async def opened(host_clock_us: Callable[[], int], tell: Callable[[Attempt], None]) -> AsyncIterator[Driver]:
        async with open_driver(host_clock_us, tell) as driver:
            limits.append(driver.limits)
            await within(driver)
            yield driver

    return opened


@asynccontextmanager
async def ready(place: Place, known: KnownRoller, wish: Wish, tell: Tell = untold) -> AsyncIterator[Massage]:
    """Hold a known roller, find it, and prepare a massage on it, for the time of the block.

    At the end of the block, the registry notes what the roller said about itself, and the person's profile the day.
    Raises `ScreeningError` for an output that the person may not get, `SafetyError` for what the day has not left,
    `StoreError`, `InUseError`, and the errors of `find_known`. `Massage.run` refuses what the battery cannot give.
    """
    who = meant(place)
    bounds = admitted(place, who, wish.routine, wish.personal)
    logs_dir = make_private_dir(place.logs_dir)
    ask = None if wish.asks is None else _asking(wish.asks)
    program = compile_routine(wish.routine, bounds)
    async with (
        holding(place, known.address, "run", tell) as held,
        books(place, known, wish.routine.name, program, tell) as written,
        adapter_of(place, tell) as adapter,
    ):
        tell(Looking(adapter.name, known.spoken))
        heard = await find_known(adapter, known)
        limits: list[DeviceLimits] = []

        buzzer = Buzzer()

        async def within(driver: Driver) -> None:
            buzzer.roller = driver
            now, ceilings = Circumstances(battery_percent=driver.battery_percent), ceilings_in_force(driver.limits)
            for words in require_possible(wish.routine, program, now, ceilings):
                tell(Warned(words))
            await keep_button_within(place, driver.archive, bounds, tell)
            if len(limits) == 1:  # after a loss, a massage goes on that was counted already
                await learn(place, known, driver.identity.serial, driver.archive, tell)

        def instead() -> str:
            return run_instead(DeviceRegistry(place.root), known, limits[-1])

        opener = driver_opener(adapter, heard.device, heard.kind, bounds, written.witness, capture=wish.capture)
        plan = SessionPlan(
            open_driver=_noting(limits, opener, within),
            device_name=known.name,
            address=known.address,
            routine=wish.routine.model_dump(mode="json"),
            program=program,
            suit=partial(suited, wish.routine, bounds),
            logs_dir=logs_dir,
            on_loss=wish.on_loss,
            ask=ask,
            ask_zero=ask,
            register=written.register,
            person=None if who.known is None else who.known.id,
        )
        massage = Massage(Session(plan), held, wish.routine, instead, written)
        massage.beeps_by(buzzer if wish.buzz else None)
        async with buzzer.ready():
            yield massage
        if massage.result is not None:
            result = massage.result
            held.zero(result.stop_ms, confirmed=result.confirmed)
            held.seen(result.identity, result.battery_percent, await adapter.bond_level(known.address))
            note_massage(place, who.known, tell)


async def run(place: Place, known: KnownRoller, wish: Wish, publish: Publish = untold) -> SessionResult:
    """Run a routine on a known roller and return its ending; `publish` gets all news meanwhile.

    Any ending is a result, with its `problem`; raises the errors of `ready` and `Massage.run`.
    """
    async with ready(place, known, wish, publish) as massage:
        return await massage.run(publish)
