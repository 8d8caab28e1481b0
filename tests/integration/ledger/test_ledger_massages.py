"""What a massage leaves in ledger and audit is what the electrode delivered, whatever became of the massage."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from glowsim.evidence.record import read_delivered
from glowsim.physics.types import TICK_US
from glowtool import app
from glowtool.app.asks import Nobody
from glowtool.app.ledger import accounting
from glowtool.app.ledger.clock import reading_now
from glowtool.app.news import Displayed, NotWritten
from glowtool.app.place import Place
from glowtool.app.running import Wish
from glowtool.errors import InterruptedSessionError, SafetyError, StoreError
from glowtool.model.ending import Ending
from glowtool.model.output import Pattern
from glowtool.model.status import Status
from glowtool.routine import compile_routine
from glowtool.routine.models import Vibration
from glowtool.safety.dose import Dose
from glowtool.store.chain import chain
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import DoseEntry, Recorded
from glowtool.store.routines.load import load_routine
from support.host.virtual_time import in_virtual_time
from support.logs.full_disk import full_disk
from support.people import screened

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.news import News
    from glowtool.routine import Routine
    from glowtool.store.people.people import KnownPerson
    from glowtool.store.rollers.known import KnownRoller


@dataclass(frozen=True)
class Reader(Nobody):
    """Reads the passkey from the lines of the roller's display, which are among the news."""

    heard: list[News]

    async def passkey(self) -> int:
        shown = [re.sub(r"\D", "", news.line) for news in self.heard if isinstance(news, Displayed)]
        return int(next(digits for digits in reversed(shown) if len(digits) == 6))


@dataclass(frozen=True)
class Home:
    """A person at home, with a roller."""

    place: Place
    known: KnownRoller
    person: KnownPerson
    heard: list[News]

    @property
    def today(self) -> Dose:
        return app.doses.dose_today(self.place, self.person.id)

    @property
    def audited(self) -> list[str]:
        return [line.kind for line in app.proving.audit_lines(self.place, 100)]

    def delivered(self) -> tuple[float, float]:
        """Return for how long current flowed and the motor shook, at electrode and motor."""
        record = read_delivered(self.place.state_dir)
        on = (int((record[name] > 0).sum()) * TICK_US / 1e6 for name in ("peak_ua", "amplitude"))
        return next(on), next(on)


async def home(folder: Path) -> Home:
    place, heard = Place("sim", folder / "data"), list["News"]()
    bonded = await app.pairing.pair(place, Reader(heard), tell=heard.append)
    return Home(place, bonded.known, screened(place.root), heard)


def routine(duration_s: float = 3.0, count: int = 2) -> Routine:
    """Some steps, one of which beats."""
    found = load_routine("first-glow")
    steps = [step.model_copy(update={"duration_s": duration_s}) for step in found.steps[:count]]
    beats = Vibration(amplitude_percent=30, frequency_hz=75, pattern=Pattern.PULSE, period_s=0.5)
    steps[-1] = steps[-1].model_copy(update={"vibration": beats})
    return found.model_copy(update={"steps": tuple(steps)})


def require_near(counted: Dose, true: tuple[float, float], spare_s: float = 0.1) -> None:
    """Require that no less is counted than was delivered, and not much more."""
    assert true[0] - 0.02 <= counted.current_s <= true[0] + spare_s
    assert true[1] - 0.12 <= counted.vibration_s <= true[1] + spare_s, "the run-down of the motor is in no sample"


@in_virtual_time
async def test_a_massage_counts_as_what_was_delivered(tmp_path: Path) -> None:
    here = await home(tmp_path)
    await app.running.run(here.place, here.known, Wish(routine()), here.heard.append)
    assert here.delivered()[0] > 4
    require_near(here.today, here.delivered())
    assert here.audited[:2] == ["started", "ordered"]
    assert here.audited[-3:] == ["stopped", "stopped", "ended"]
    assert all(each.whole for each in app.proving.prove(here.place))


@in_virtual_time
async def test_a_massage_that_is_stopped_counts_until_then(tmp_path: Path) -> None:
    here = await home(tmp_path)
    async with app.running.ready(here.place, here.known, Wish(routine(30.0)), here.heard.append) as massage:

        def stop(news: News) -> None:
            if isinstance(news, Status) and news.massage_elapsed_ms > 3000:
                massage.request_stop()

        result = await massage.run(stop)
    assert result.ending is Ending.STOPPED
    assert here.delivered()[0] < 5
    require_near(here.today, here.delivered(), 0.3)


@in_virtual_time
async def test_left_at_once_it_counts_by_its_log_at_the_next_command(tmp_path: Path) -> None:
    here = await home(tmp_path)
    async with app.running.ready(here.place, here.known, Wish(routine(30.0)), here.heard.append) as massage:

        def leave(news: News) -> None:
            if isinstance(news, Status) and news.massage_elapsed_ms > 3000:
                massage.request_stop()
                massage.request_stop()

        with pytest.raises(InterruptedSessionError):
            await massage.run(leave)
    await asyncio.sleep(3.0)
    require_near(here.today, here.delivered(), 3.0)


@in_virtual_time
async def test_what_was_never_settled_counts_as_planned_and_by_its_log_once_its_process_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await home(tmp_path)

    async def killed(*_: object) -> None: ...

    with monkeypatch.context() as killing:
        killing.setattr(accounting.Account, "settle", killed)
        await app.running.run(here.place, here.known, Wish(routine()), here.heard.append)
        assert here.today.current_s == 6.0, "its process lives, so it may still run"
    monkeypatch.setattr("glowtool.app.ledger.settling.start_of", lambda _pid: None)
    assert here.today.current_s < 6.0
    require_near(here.today, here.delivered(), 3.0)


@in_virtual_time
async def test_the_dose_of_another_roller_counts_and_nothing_is_started_beyond_the_day(tmp_path: Path) -> None:
    here = await home(tmp_path)
    had = Recorded(massage="x", roller="another", dose=DoseEntry(current_s=1195.0), started_us=None, ended_us=None)
    Book(here.place.ledger_dir, here.person.id).record(had, reading_now())
    with pytest.raises(SafetyError, match="microcurrent is 6 s; it must be at most the 5 s that are left today"):
        await app.running.run(here.place, here.known, Wish(routine()), here.heard.append)
    assert here.delivered() == (0.0, 0.0)


@in_virtual_time
async def test_two_that_begin_at_once_share_one_day(tmp_path: Path) -> None:
    here = await home(tmp_path)
    program = compile_routine(routine(280.0, 3))
    accounts = [accounting.Account(here.place, here.person.id, here.known, "long", program) for _ in range(2)]
    await accounts[0].register("20261130T100000Z-000001")
    with pytest.raises(SafetyError, match="microcurrent today already"):
        await accounts[1].register("20261130T100000Z-000002")


@in_virtual_time
async def test_a_full_disk_starts_nothing_that_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = await home(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(chain, "write_head", full_disk)
        with pytest.raises(StoreError, match="free some space"):
            await app.running.run(here.place, here.known, Wish(routine()), here.heard.append)
    assert here.delivered() == (0.0, 0.0)
    assert here.today == Dose()


@in_virtual_time
async def test_a_disk_that_fills_up_later_is_told_and_delays_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await home(tmp_path)

    def fill(news: News) -> None:
        here.heard.append(news)
        if isinstance(news, Status) and news.massage_elapsed_ms > 1000:
            monkeypatch.setattr(chain, "write_head", full_disk)

    result = await app.running.run(here.place, here.known, Wish(routine(2.0)), fill)
    assert result.ending is Ending.COMPLETED
    assert [news.what for news in here.heard if isinstance(news, NotWritten)] == [
        "the audit",
        "the dose of this massage",
    ]
    monkeypatch.undo()
    assert here.today.current_s == 4.0, "counted as planned until it can be written"
