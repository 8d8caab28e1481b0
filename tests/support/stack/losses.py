"""One massage over the whole stack whose connection is lost at a seeded moment, in virtual time.

What electrode and motor did is read from the delivered record, how many frames the roller sent is counted where they
leave its firmware: neither asks the host.
"""

from __future__ import annotations

import asyncio
import enum
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.evidence.record import read_delivered
from glowsim.firmware.outage import ResetCause
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Device, Link, Scenario
from glowsim.time.virtual_time import unix_us
from glowtool.drivers.gr1.opener import opener
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.safety import Gate
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.do.runner import Session
from glowtool.session.news import Asked, Began, Ends, Lost, Resuming
from glowtool.session.plan import SessionPlan, SessionResult
from support.stack.massage import FIND_S, Bench, Display, bond, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from glowtool.session.decide.questions import Question
    from glowtool.session.news import MassageNews

ZONES: Final = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.JAW_LEFT, Zone.JAW_RIGHT)
STEP_S: Final = 12

#: The longest that a massage may last with the worst that is done to it here; anything longer hangs.
HANGS_S: Final = 600

#: As links are: an interval, some packets sent again, some that the host's side loses or gets twice.
BAD_LINK: Final = Link(interval_s=0.03, loss=0.02, supervision_s=4.0, host_drop=0.01, duplicate=0.01)


class Kind(enum.StrEnum):
    """The way in which the connection is lost."""

    CUT = "cut"
    FADE = "nothing heard for some seconds"
    AWAY = "carried away, and back"
    BEYOND = "out of reach beyond the budget"
    REBOOT = "roller restarts"
    TWICE = "lost again soon after"
    CTRL_C = "Ctrl-C while it is away"


class Answer(enum.StrEnum):
    """The answer to the loss, by policy or by a person."""

    RESUME = "resume"
    YES = "ask: yes"
    NO = "ask: no"
    NOBODY = "ask: no answer"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Case:
    """One massage and what is done to it; everything follows from the seed."""

    seed: int
    kind: Kind
    answer: Answer
    at_s: float
    away_s: float
    again_s: float
    bad_link: bool
    private: bool
    step_s: int

    @property
    def program_s(self) -> int:
        """The duration of the massage without a loss."""
        return self.step_s * len(ZONES)


def case_of(seed: int, step_s: int = STEP_S) -> Case:
    """Return the case of a seed: kinds and answers in turn, so that few cases meet all of them, moments at random."""
    chance = random.Random(seed)  # noqa: S311 - reproducible on purpose
    kind = tuple(Kind)[seed % len(Kind)]
    answer = tuple(Answer)[seed // 2 % len(Answer)]
    return Case(
        seed, kind, answer,
        at_s=chance.uniform(0.02, step_s * len(ZONES) - 0.5),
        away_s=chance.uniform(70.0, 200.0) if kind is Kind.BEYOND else chance.uniform(2.0, 40.0),
        again_s=chance.uniform(0.0, 8.0),
        bad_link=chance.random() < 0.4,
        private=chance.random() < 0.25,
        step_s=step_s,
    )  # fmt: skip


@dataclass
class Watch:
    """The moments of a case in unix µs of the virtual clock; `lost_us` is that of the break, not of its notice."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    noticed: asyncio.Event = field(default_factory=asyncio.Event)
    back: asyncio.Event = field(default_factory=asyncio.Event)
    lost_us: list[int] = field(default_factory=list)
    resumed_us: list[int] = field(default_factory=list)
    news: list[MassageNews] = field(default_factory=list)
    reason: str = ""

    def publish(self, news: MassageNews) -> None:
        self.news.append(news)
        match news:
            case Began():
                self.begun.set()
            case Lost():
                self.noticed.set()
            case Asked():
                self.back.set()
            case Resuming():
                self.back.set()
                self.resumed_us.append(unix_us())
            case Ends(reason=reason):
                self.reason = reason
            case _:
                pass


@asynccontextmanager
async def _stage(folder: Path, case: Case) -> AsyncIterator[tuple[Bench, VirtualRoller]]:
    air, display = Air(), Display()
    model = Device(privacy=case.private)
    scenario = Scenario(device=model, link=BAD_LINK) if case.bad_link else Scenario(device=model)
    async with (
        VirtualRoller.open(air, folder / "sim", scenario, seed=case.seed, display=display.show) as roller,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        await bond(adapter, await find_device(adapter, roller.air_address, FIND_S), display)
        device = await find_device(adapter, roller.address, FIND_S)
        yield Bench(adapter, device, folder, paired_now=True), roller


@dataclass(frozen=True, slots=True)
class Ran:
    """The evidence of a case that is over."""

    case: Case
    watch: Watch
    result: SessionResult
    record: npt.NDArray[np.void]
    really_sent: int
    took_s: float
    left_behind: list[str]


async def run_case(folder: Path, case: Case) -> Ran:
    """Run a case on the running loop of virtual time."""
    loop = asyncio.get_running_loop()
    tasks_before = len(asyncio.all_tasks())
    watch, wrong = Watch(), list[str]()
    async with _stage(folder, case) as (bench, roller):
        sent = _count_frames(roller)
        tasks_on_stage = len(asyncio.all_tasks())
        session = Session(_plan(bench, case, loop))
        began_s = loop.time()
        async with asyncio.timeout(HANGS_S), asyncio.TaskGroup() as group:
            running = group.create_task(session.run(watch.publish))
            trouble = group.create_task(_make_trouble(case, roller, session, watch))
            result = await running
            trouble.cancel()
        took_s = loop.time() - began_s
        roller.go_away(None)
        await asyncio.sleep(8)  # a supervision timeout, on both sides
        if roller.connected or any(client.is_connected for client in bench.clients):
            wrong.append("a connection was left open")
        if len(asyncio.all_tasks()) > tasks_on_stage:
            wrong.append("a task was left behind")
    if len(asyncio.all_tasks()) > tasks_before:
        wrong.append("a task outlived the stage")
    return Ran(case, watch, result, read_delivered(folder / "sim"), sum(sent), took_s, wrong)


def _plan(bench: Bench, case: Case, loop: asyncio.AbstractEventLoop) -> SessionPlan:
    async def ask(_question: Question) -> bool:
        if case.answer is Answer.NOBODY:
            await asyncio.Event().wait()
        await asyncio.sleep(case.again_s + 1.0)
        return case.answer is Answer.YES

    program = Program(tuple(step(zone, case.step_s * 1000) for zone in ZONES))
    policy = {Answer.RESUME: OnLoss.RESUME, Answer.STOP: OnLoss.STOP}.get(case.answer, OnLoss.ASK)
    return SessionPlan(
        opener(bench.client_for, Gate()), bench.device.name or "", bench.device.address, {"name": "bench"}, program,
        bench.folder / "logs", host_clock_us=unix_us, on_loss=policy, ask=ask,
        chance=random.Random(case.seed),  # noqa: S311 - reproducible on purpose
    )  # fmt: skip


def _count_frames(roller: VirtualRoller) -> list[int]:
    """Count the frames that leave the firmware, whatever becomes of them."""
    counted: list[int] = []
    peripheral = roller.peripheral
    assert peripheral is not None
    send = peripheral.reports.send_frames

    def count(frames: list[bytes]) -> None:
        counted.append(len(frames))
        send(frames)

    peripheral.reports.send_frames = count  # type: ignore[method-assign]  # what goes out is counted on its way
    return counted


async def _make_trouble(case: Case, roller: VirtualRoller, session: Session, watch: Watch) -> None:
    await watch.begun.wait()
    await asyncio.sleep(case.at_s)
    watch.lost_us.append(unix_us())
    await _lose(case, roller)
    if case.kind is Kind.CTRL_C:
        await watch.noticed.wait()
        await asyncio.sleep(case.again_s / 4)
        session.request_stop()
    if case.kind is Kind.TWICE:
        await watch.back.wait()
        await asyncio.sleep(case.again_s)
        watch.lost_us.append(unix_us())
        _cut(roller)
    await asyncio.Event().wait()


def _cut(roller: VirtualRoller) -> None:
    assert roller._plant.radio is not None
    roller._plant.radio.cut()


async def _lose(case: Case, roller: VirtualRoller) -> None:
    if case.private:
        roller.renew_address()  # as soon as nobody is connected
    match case.kind:
        case Kind.CUT | Kind.TWICE:
            _cut(roller)
        case Kind.FADE:
            roller.faults.start("link-loss", for_s=case.again_s + 2.0)
        case Kind.REBOOT:
            roller.power_cycle(ResetCause.BROWN_OUT, case.again_s / 4)
        case Kind.AWAY | Kind.BEYOND | Kind.CTRL_C:
            roller.go_away(200.0)
            if case.kind is not Kind.CTRL_C or case.again_s > 4:
                await asyncio.sleep(case.away_s if case.kind is not Kind.CTRL_C else 1.0)
                roller.go_away(None)
