"""The two weeks lived: every visit over the full stack in virtual time, and what is kept of it in the end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from glowsim.roller.roller import LONG_PRESS_S
from glowsim.time.virtual_time import in_virtual_time
from glowtool import app
from glowtool.app.asks import Nobody
from glowtool.app.place import Place
from glowtool.app.running import Wish
from glowtool.model.status import Status
from glowtool.session.decide.resumption import OnLoss
from glowtool.store.plans.kept import BegunPlan, KeptPlans
from glowtool.store.routines.load import builtin_names, load_routine
from support.life.calendar import Calendar, living
from support.life.diary import CALM, FIRST, GLOW, PEOPLE, VISITS, ZONE, Deed, Person, Visit
from support.life.house import House, house
from support.people import screened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.routine.models import Routine
    from glowtool.session.plan import SessionResult
    from glowtool.store.rollers.known import KnownRoller

SEED = 5
#: A massage of 45 s is stopped, or loses its link, about half way.
HALF_S = 22.0


@dataclass(frozen=True, slots=True)
class Happened:
    """What came of a visit: when it began and ended by the calendar, and the log, if there is one."""

    visit: Visit
    began_us: int
    ended_us: int
    session_id: str | None = None
    ending: str = ""

    def __str__(self) -> str:
        return self.ending or "done"


@dataclass
class Life:
    """A household: its folder, its calendar, what it knows, and what happened so far."""

    folder: Path
    calendar: Calendar
    rollers: list[KnownRoller] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)

    def place(self, who: str | None = None) -> Place:
        return Place("sim", self.folder / "data", who)

    @property
    def state_dir(self) -> Path:
        return self.folder / "sim"


@dataclass(frozen=True)
class _Reader(Nobody):
    house: House
    number: int

    async def passkey(self) -> int:
        begins = f"{self.number}: passkey "
        while True:
            shown = [line for line in self.house.lines if line.startswith(begins)]
            if shown:
                return int(shown[-1].removeprefix(begins).replace(" ", ""))
            await asyncio.sleep(0.1)


def live(folder: Path, tell: Callable[[str], object] = str) -> Life:
    """Live two weeks, and tell of each visit; the folder has everything afterwards."""
    life = Life(folder, Calendar(VISITS[0].moment - timedelta(hours=1)))
    with living(life.calendar, ZONE):
        life.calendar.go_to(life.calendar.at)
        life.rollers = in_virtual_time(_pair)(life)
        for person in PEOPLE:
            _enter(life, person)
        for visit in VISITS:
            life.calendar.go_to(visit.moment)
            found = in_virtual_time(_visit)(life, visit)
            life.happened.append(found)
            tell(f"{visit}: {found}")
    return life


async def _pair(life: Life) -> list[KnownRoller]:
    async with house(life.state_dir, SEED) as here:
        found = []
        for number, roller in enumerate(here.rollers, 1):
            roller.press_button(LONG_PRESS_S)
            wish = app.pairing.Wish(roller.address, alias=f"roller {number}")
            found.append((await app.pairing.pair(life.place(), _Reader(here, number), wish)).known)
        return found


def _enter(life: Life, person: Person) -> None:
    known = screened(life.place().root, person.name, new=person.is_new, **person.replies)
    life.ids[person.name] = known.id
    begun = BegunPlan(
        plan_id=f"{len(life.ids):016x}", plan=person.plan, begins=FIRST, zone=ZONE, made_utc=life.calendar.at
    )
    KeptPlans(life.place().plans_dir, known.id).begin(begun, today=FIRST)


def routine_of(name: str) -> Routine:
    """Return a routine by its name; the one without current is made of the other where none comes with glowtool."""
    if name in builtin_names():
        return load_routine(name)
    whole = load_routine(GLOW)
    steps = tuple(step.model_copy(update={"microcurrent": None}) for step in whole.steps)
    return whole.model_copy(update={"name": CALM, "title": "First glow, vibration only", "steps": steps})


async def _visit(life: Life, visit: Visit) -> Happened:
    person = next(each for each in PEOPLE if each.name == visit.who)
    known, place = life.rollers[visit.roller - 1], life.place(visit.who)
    async with house(life.state_dir, SEED) as here:
        began_us = life.calendar.unix_us()
        if visit.deed in {Deed.BUTTON, Deed.BUTTON_UNFETCHED}:
            await _by_button(life, here, visit, person)
            return Happened(visit, began_us, life.calendar.unix_us())
        result = await _run(place, known, here, visit, routine_of(person.routine))
        if any(each.visit.deed is Deed.BUTTON_UNFETCHED and each.visit.who == visit.who for each in life.happened):
            await app.fetching.fetch(place, known, remove=True)
        return Happened(visit, began_us, life.calendar.unix_us(), result.session_id, result.ending.value)


async def _by_button(life: Life, here: House, visit: Visit, person: Person) -> None:
    known, place = life.rollers[visit.roller - 1], life.place(visit.who)
    routine = routine_of(person.routine)
    await app.button.store(place, known, routine)
    here.rollers[visit.roller - 1].press_button(0.2)
    await asyncio.sleep(routine.duration_s + 5)
    if visit.deed is Deed.BUTTON:
        await app.fetching.fetch(place, known)
        await app.fetching.fetch(place, known, remove=True)  # a second time: it counts once


async def _run(place: Place, known: KnownRoller, here: House, visit: Visit, routine: Routine) -> SessionResult:
    on_loss = OnLoss.RESUME if visit.deed is Deed.LINK_BACK else OnLoss.STOP
    async with app.running.ready(place, known, Wish(routine, on_loss)) as massage:

        def act() -> None:
            if visit.deed is Deed.STOP:
                massage.request_stop()
            elif visit.deed in {Deed.LINK_BACK, Deed.LINK_GONE}:
                here.air.cut(here.rollers[visit.roller - 1].address)

        return await massage.run(_HalfWay(act).hear)


class _HalfWay:
    """Hears the news of a massage, and acts once, half way through it."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act
        self._clock = asyncio.get_running_loop().time
        self._began_s: float | None = None

    def hear(self, news: object) -> None:
        """Take news."""
        if self._began_s is None and isinstance(news, Status) and not news.levels.zero:
            self._began_s = self._clock()
        if self._act is not None and self._began_s is not None and self._clock() - self._began_s >= HALF_S:
            act, self._act = self._act, None
            act()
