"""Another maker's device can be run, logged and analysed with nothing of our roller in between."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest.mock import sentinel

import pytest

from glowtool.analysis.log import analyse_log, recording_of
from glowtool.analysis.report.page import render_html
from glowtool.analysis.report.series import series_of
from glowtool.analysis.tables import key_figures
from glowtool.app import running
from glowtool.app.logs.fetching import archive_of
from glowtool.app.place import Place
from glowtool.app.rollers.opening import driver_opener
from glowtool.app.rollers.sighting import Sighting
from glowtool.drivers.kinds import kind_for
from glowtool.errors import NotOfferedError, SafetyError
from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.routine.toml.parse import parse_routine
from glowtool.safety import PersonalMax
from glowtool.session.decide.moves import Returned
from glowtool.session.do.interlude import Interlude
from glowtool.session.do.runner import Session
from glowtool.session.plan import SessionPlan
from glowtool.store.logs.log import SessionLog
from glowtool.store.rollers.known import KnownRoller
from support.host import foreign_driver, statuses
from support.host.foreign_driver import BLOCK, RATE_HZ, ForeignDriver, announce, brief
from support.host.masseur import STEP
from support.host.virtual_time import in_virtual_time
from support.people import screened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.model.program import Step


FINE: Final = replace(STEP, peak_ua=0, amplitude=0.3, duration_s=4.0)


def test_the_driver_is_written_without_the_protocol_of_our_roller() -> None:
    for module in (foreign_driver, statuses):
        assert "glowtool.protocol" not in Path(str(module.__file__)).read_text("utf-8")


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> ForeignDriver:
    there = ForeignDriver()
    announce(there, monkeypatch)
    return there


def planned(step: Step, logs: Path, personal: PersonalMax | None = None) -> SessionPlan:
    """Return the plan of a massage of one step with whatever is announced for the model."""
    opening = driver_opener(sentinel.adapter, sentinel.device, kind_for("BR-7"), personal or PersonalMax())
    return SessionPlan(opening, "BR-7", "00:07", {"name": "brush"}, Program((step,)), logs, rate_hz=RATE_HZ)


@in_virtual_time
async def test_a_foreign_device_is_massaged_with_logged_and_analysed(driver: ForeignDriver, tmp_path: Path) -> None:
    result = await Session(planned(FINE, tmp_path)).run()

    assert (result.ending, result.problem) == (Ending.COMPLETED, None)
    assert driver.done[0] == "start"
    assert driver.done[-1] == "stop"
    log = SessionLog.open(result.path)
    assert (log.manifest.device.protocol, log.manifest.rate_hz) == ("brush 3", RATE_HZ)
    assert [(gap.first_sample, gap.count) for gap in log.gaps()] == [(BLOCK, BLOCK)]
    summary = analyse_log(log)
    (step,) = summary.steps
    assert step.scope.left["mean_pressure_kpa"] == pytest.approx(4.0)
    assert step.scope.left["contact_time_s"] == pytest.approx(3.9), "the time that was lost is not counted"
    unknown = (
        step.scope.left["stroke_count"],
        step.scope.right["mean_pressure_kpa"],
        step.scope.right["contact_time_s"],
    )
    assert log.manifest.ceilings == {"pressure_caution": 4.5}, "the device's own, and not those of our table"
    over = next(figure for figure in key_figures(summary) if figure.name == "Over caution")
    assert over.remark == "above 4.5 kPa"
    assert ">caution 4.5<" in render_html(summary, series_of(recording_of(log)))
    assert unknown == (None, None, None), "what has no encoder and no right head says nothing of them"


@pytest.mark.parametrize(
    ("step", "personal", "why"),
    [
        (replace(FINE, duration_s=301.0), None, r"duration_s is 301 s; it must be at most 300 s"),
        (replace(FINE, zone=Zone.MOUTH), None, r"zone is mouth; it must be any other zone"),
        (FINE, PersonalMax(amplitude=0.2), r"amplitude is 30 %; it must be at most 20 %"),
    ],
    ids=["over a ceiling", "in a forbidden zone", "over a person's own maximum"],
)
@in_virtual_time
async def test_a_foreign_device_is_held_by_the_same_gate_whatever_its_driver_does(
    driver: ForeignDriver, tmp_path: Path, step: Step, personal: PersonalMax | None, why: str
) -> None:
    with pytest.raises(SafetyError, match=why):
        await Session(planned(step, tmp_path, personal)).run()
    assert "start" not in driver.done
    async with planned(step, tmp_path, personal).open_driver(lambda: 0, lambda _: None) as gated:
        with pytest.raises(SafetyError, match=why):
            await gated.upload(Program((step,)))
    assert driver.uploads == 0


@in_virtual_time
async def test_a_device_that_keeps_nothing_is_not_asked_for_what_it_keeps(
    driver: ForeignDriver, tmp_path: Path
) -> None:
    plan = planned(FINE, tmp_path)
    async with plan.open_driver(lambda: 0, lambda _: None) as gated:
        back = await Interlude(plan, lambda _: None, lambda: 0.0).come_back(gated, brief=False, settle=True)
        assert isinstance(back, Returned)
        assert (back.frames_sent, back.attempts) == (None, 1)
        assert back.found is driver.found, "as it was before, since this driver keeps one status"
        with pytest.raises(NotOfferedError, match="of the model BR-7 keeps no massages by itself"):
            archive_of(gated)


async def test_a_person_s_maximum_reaches_a_foreign_device_from_the_wish(
    driver: ForeignDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def adapter_of(*_: object) -> AsyncIterator[object]:
        yield sentinel.adapter

    async def find_known(*_: object) -> object:
        return Sighting(sentinel.device, "Brush", -50, None, kind_for("BR-7"))

    monkeypatch.setattr(running, "adapter_of", adapter_of)
    monkeypatch.setattr(running, "find_known", find_known)
    known = KnownRoller(address="00:07", name="Brush", model="BR-7", last_seen_utc=datetime.now(UTC))
    wish = running.Wish(parse_routine(brief(20), "brief"), personal=PersonalMax(step_s=15))
    screened(tmp_path)
    with pytest.raises(SafetyError, match="duration_s is 20 s; it must be at most 15 s"):
        await running.run(Place("none", tmp_path), known, wish)
    assert driver.uploads == 0
