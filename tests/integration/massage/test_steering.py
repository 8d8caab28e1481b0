"""A massage that is steered does what was asked, at the electrode, and goes on; its log tells what was asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from glowsim.evidence.record import read_delivered
from glowsim.time.virtual_time import in_virtual_time, unix_us
from glowtool.errors import InterruptedSessionError
from glowtool.model.ending import Ending
from glowtool.model.event import EventKind, notes_in
from glowtool.model.face import Zone
from glowtool.model.state import State
from glowtool.model.status import Status
from glowtool.session.do.runner import Session
from glowtool.session.wishes import Ask, By, Wish
from glowtool.store.logs.log import SessionLog
from support.stack.full_stack import seeded_bench
from support.stack.massage import step

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from glowtool.session.news import MassageNews, Steered
    from glowtool.session.plan import SessionResult

    Records = npt.NDArray[np.void]


@dataclass
class Steerer:
    """A person who steers a massage: asks, waits, and keeps what was answered."""

    session: Session
    latest: Status | None = None
    began: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, news: MassageNews) -> None:
        if isinstance(news, Status):
            self.latest = news
            if news.state is State.RUNNING:
                self.began.set()

    async def ask(self, wish: Wish, text: str = "") -> Steered:
        return await self.session.steer(Ask(wish, By.KEY, text))

    @property
    def status(self) -> Status:
        assert self.latest is not None
        return self.latest


@dataclass(frozen=True, slots=True)
class Steering:
    """A massage of two steps that was steered: how it ended, its log, and what was delivered."""

    result: SessionResult
    log: SessionLog
    record: Records

    @property
    def remarks(self) -> list[str]:
        return [note.words for note in notes_in(self.log.events())]


def steered(folder: Path, script: Callable[[Steerer], Awaitable[None]], duration_ms: int = 9_000) -> Steering:
    """Run a massage of two steps on a virtual roller, and a script beside it from 3 s after its start on."""

    async def run() -> SessionResult:
        async with seeded_bench(folder, 3) as bench:
            plan = bench.plan(step(Zone.CHEEK_LEFT, duration_ms), step(Zone.CHEEK_RIGHT, duration_ms))
            steerer = Steerer(Session(replace(plan, rate_hz=50, host_clock_us=unix_us)))

            async def person() -> None:
                await steerer.began.wait()
                await asyncio.sleep(3.0)
                await script(steerer)

            async with asyncio.TaskGroup() as group:
                running = group.create_task(steerer.session.run(steerer.publish))
                group.create_task(person())
            return running.result()

    result = in_virtual_time(run)()
    return Steering(result, SessionLog.open(result.path), read_delivered(folder / "sim"))


def test_pause_and_resume_zero_the_outputs_and_bring_them_back_softly(tmp_path: Path) -> None:
    async def script(person: Steerer) -> None:
        assert (await person.ask(Wish.PAUSE)).done
        await asyncio.sleep(2.0)
        assert person.status.state is State.PAUSED
        assert person.status.levels.zero
        assert (await person.ask(Wish.RESUME)).done

    told = steered(tmp_path, script)
    assert (told.result.ending, told.result.problem) == (Ending.COMPLETED, None)
    assert [event.kind for event in told.log.events()].count(EventKind.PAUSE) == 1
    assert told.remarks == ["pause, asked by a key: done", "resume, asked by a key: done"]
    on = told.record["peak_ua"] > 0
    edges = [n for n in range(1, len(on)) if on[n] and not on[n - 1]]
    assert all(told.record["peak_ua"][n] <= 10 for n in edges), "each beginning is soft"


def test_quieter_and_stronger_scale_both_outputs_and_a_current_that_is_off_stays_off(tmp_path: Path) -> None:
    levels: list[tuple[float, int]] = []

    async def script(person: Steerer) -> None:
        asks = [asyncio.create_task(person.ask(Wish.QUIETER)) for _ in range(3)]
        assert {(each.done, each.vibration_percent) for each in await asyncio.gather(*asks)} == {(True, 70)}
        await asyncio.sleep(2.0)
        levels.append((person.status.levels.amplitude, person.status.vibration_percent))
        assert (await person.ask(Wish.NO_CURRENT)).current_percent == 0
        for _ in range(3):
            await person.ask(Wish.STRONGER)
        refused = await person.ask(Wish.STRONGER)
        assert (refused.done, refused.vibration_percent, refused.current_percent) == (False, 100, 0)
        await asyncio.sleep(2.0)
        levels.append((person.status.levels.amplitude, person.status.vibration_percent))

    told = steered(tmp_path, script)
    assert told.result.ending is Ending.COMPLETED
    assert [percent for _, percent in levels] == [70, 100]
    assert [amplitude for amplitude, _ in levels] == [pytest.approx(0.28), pytest.approx(0.4)]
    assert 0.39 < told.record["drive_amplitude"].max() <= 0.4 + 1e-6, "never beyond the program"
    flowed_s = told.record["time_us"][told.record["peak_ua"] > 0] / 1e6
    assert flowed_s[-1] - flowed_s[0] < 6.0


def test_skip_goes_to_the_next_step_and_after_the_last_one_the_massage_is_complete(tmp_path: Path) -> None:
    async def script(person: Steerer) -> None:
        assert (await person.ask(Wish.SKIP)).done
        await asyncio.sleep(2.0)
        assert person.status.step == 1
        assert (await person.ask(Wish.SKIP)).done

    told = steered(tmp_path, script)
    assert (told.result.ending, told.result.problem) == (Ending.COMPLETED, None)
    assert told.result.reason == "its last step was skipped"
    assert [span.index for span in told.result.steps] == [0, 1]


def test_extend_lengthens_the_step_and_the_roller_is_not_called_a_liar_for_it(tmp_path: Path) -> None:
    async def script(person: Steerer) -> None:
        said = await person.session.steer(Ask(Wish.EXTEND, extra_s=5.0))
        assert (said.done, said.step, said.step_s) == (True, 0, 14.0)

    told = steered(tmp_path, script)
    assert (told.result.ending, told.result.problem) == (Ending.COMPLETED, None)
    lasted_s = [(span.end_us - span.start_us) / 1e6 for span in told.result.steps]
    assert lasted_s == [pytest.approx(14.0, abs=0.1), pytest.approx(9.0, abs=0.1)]


def test_a_step_is_not_lengthened_beyond_its_ceiling_and_a_mark_is_in_the_log(tmp_path: Path) -> None:
    async def script(person: Steerer) -> None:
        refused = await person.ask(Wish.EXTEND)
        assert not refused.done
        assert refused.why == "the step would last 315 s, and at most 300 s is allowed"
        assert (await person.ask(Wish.MARK, "tingles here")).done
        person.session.request_stop()

    told = steered(tmp_path, script, 285_000)
    assert told.result.ending is Ending.STOPPED
    assert told.remarks[-1] == "a mark: tingles here"


def test_an_emergency_stop_latches_and_the_log_is_finished(tmp_path: Path) -> None:
    async def script(person: Steerer) -> None:
        waiting = [asyncio.create_task(person.ask(wish)) for wish in (Wish.SKIP, Wish.EXTEND, Wish.QUIETER)]
        await asyncio.sleep(0)
        person.session.emergency_stop()
        assert not any(each.done for each in await asyncio.gather(*waiting)), "a stop overtakes all"
        late = await person.ask(Wish.STRONGER)
        assert (late.done, late.why) == (False, "the massage has ended")

    told = steered(tmp_path, script)
    assert told.result.confirmed
    assert isinstance(told.result.problem, InterruptedSessionError)
    assert told.result.problem.advice == "the roller refuses everything now; once it is safe, run `glowtool rearm`"
    assert told.result.stop_ms is not None
    assert told.result.stop_ms < 200
    assert told.record["drive_amplitude"][-1] == 0
