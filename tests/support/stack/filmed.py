"""Massages over the full stack whose live view is kept at chosen moments, in virtual time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console

from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import unix_us
from glowtool.app.coaching.buzzer import Buzzer
from glowtool.app.coaching.companion import Companion
from glowtool.app.watching.state import LiveState
from glowtool.cli.live.lines import PlainLines
from glowtool.cli.live.screen import screen
from glowtool.cli.options import Options
from glowtool.cli.terminal.output import Printer
from glowtool.drivers.gr1.opener import opener
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.routine import compile_routine
from glowtool.safety import Gate
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.do.runner import Session
from glowtool.session.plan import SessionPlan
from glowtool.store.routines.load import load_routine
from support.stack.massage import FIND_S, Bench, Display, bond

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from glowtool.device.attempts import Attempt
    from glowtool.device.driver import Driver, OpenDriver
    from glowtool.routine import Routine
    from glowtool.session.decide.questions import Question, ZeroQuestion
    from glowtool.session.news import MassageNews

SEED = 7

#: A scene that does not come to its moment within this time never does.
MOST_S = 120
LOOKS_PER_S = 20


@dataclass(frozen=True, slots=True)
class Shot:
    """The live view at one moment."""

    name: str
    state: LiveState
    now_s: float

    def drawn(self, columns: int, rows: int, *, colour: bool = True) -> str:
        """Return what a terminal of that size shows, with its colours."""
        console = Console(
            file=StringIO(), width=columns, height=rows, force_terminal=True, legacy_windows=False,
            color_system="standard", no_color=not colour,
            highlight=False, markup=False, emoji=False,
        )  # fmt: skip
        with console.capture() as printed:
            console.print(screen(self.state, self.now_s, columns, rows))
        return printed.get().rstrip("\n")


@dataclass
class Film:
    """A massage as it was shown: the moments that were kept, and all news with their times."""

    name: str
    routine: Routine
    shots: list[Shot] = field(default_factory=list)
    news: list[tuple[float, MassageNews]] = field(default_factory=list)
    beeped: bool = False


class Camera:
    """Films a massage: keeps its state, and lets a scene wait for a moment and take it."""

    def __init__(self, film: Film, roller: VirtualRoller, device_name: str) -> None:
        self.roller = roller
        self.driver: Driver | None = None
        self.buzzer = Buzzer()
        self.answer = asyncio.Event()
        self.film = film
        self._clock = asyncio.get_running_loop().time
        self._state = LiveState(film.routine, device_name, keyed=True)
        self._heard = asyncio.Condition()

    @property
    def connected(self) -> Driver:
        """The driver of the massage."""
        assert self.driver is not None
        return self.driver

    def publish(self, news: MassageNews) -> None:
        """Take a piece of news."""
        self._state = self._state.after(news, self._clock())
        self.film.news.append((self._clock(), news))
        self.buzzer.hear(news)

    async def when(self, seen: Callable[[LiveState], bool]) -> None:
        """Wait until the massage is in such a state."""
        for _ in range(MOST_S * LOOKS_PER_S):
            if seen(self._state):
                return
            await asyncio.sleep(1 / LOOKS_PER_S)
        raise AssertionError(f"{self.film.name}: the massage never came to that")

    async def shoot(self, name: str, after_s: float = 0.0) -> None:
        """Keep the present moment, or the one some seconds later."""
        await asyncio.sleep(after_s)
        self.film.shots.append(Shot(name, self._state, self._clock()))

    async def into_step(self, index: int, elapsed_s: float) -> None:
        """Wait until a step has run for so long."""
        await self.when(lambda state: state.step_index == index and state.step_elapsed_s(self._clock()) >= elapsed_s)


@dataclass(frozen=True, slots=True)
class Scene:
    """A massage to film: the person who holds the roller, and what happens; it is stopped when `acts` returns."""

    name: str
    acts: Callable[[Camera], Awaitable[None]]
    scenario: Scenario = field(default_factory=Scenario)
    routine: str = "first-glow"


async def film(folder: Path, scene: Scene) -> Film:
    """Run a massage in virtual time and return what was shown of it."""
    made = Film(scene.name, load_routine(scene.routine))
    async with _stage(folder, scene.scenario) as (bench, roller):
        camera = Camera(made, roller, bench.device.name or "")
        session = Session(_plan(bench, made.routine, camera))
        companion = Companion(made.routine, camera.publish, asyncio.get_running_loop().time)
        async with camera.buzzer.ready(), asyncio.TaskGroup() as group:
            running = group.create_task(session.run(companion.publish))
            await scene.acts(camera)
            session.request_stop()
            await running
    return made


def lines_of(taken: Film) -> list[str]:
    """Return the lines that a person who asked for plain lines gets for a massage."""
    times, written = [0.0], StringIO()
    with redirect_stderr(written):
        face = PlainLines(Printer(Options()), taken.routine, lambda: times[-1])
        for at_s, news in taken.news:
            times.append(at_s)
            face.publish(news)
    return written.getvalue().splitlines()


@asynccontextmanager
async def _stage(folder: Path, scenario: Scenario) -> AsyncIterator[tuple[Bench, VirtualRoller]]:
    air, display = Air(), Display()
    async with (
        VirtualRoller.open(air, folder / "sim", scenario, seed=SEED, display=display.show) as roller,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        device = await find_device(adapter, roller.address, FIND_S)
        await bond(adapter, device, display)
        yield Bench(adapter, device, folder, paired_now=True), roller


def _plan(bench: Bench, routine: Routine, camera: Camera) -> SessionPlan:
    async def ask(_question: Question | ZeroQuestion) -> bool:
        await camera.answer.wait()
        return False

    return SessionPlan(
        _known_to(camera, opener(bench.client_for, Gate())), bench.device.name or "", bench.device.address,
        routine.model_dump(mode="json"), compile_routine(routine), bench.folder / "logs", host_clock_us=unix_us,
        on_loss=OnLoss.ASK, ask=ask, ask_zero=ask,
    )  # fmt: skip


def _known_to(camera: Camera, open_driver: OpenDriver) -> OpenDriver:
    """Return the opener of the same device, whose driver the camera knows."""

    @asynccontextmanager
    async def opened(host_clock_us: Callable[[], int], tell: Callable[[Attempt], None]) -> AsyncIterator[Driver]:
        async with open_driver(host_clock_us, tell) as driver:
            camera.driver = camera.buzzer.roller = driver
            yield driver

    return opened
