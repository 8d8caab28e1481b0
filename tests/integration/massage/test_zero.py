"""The zero of the cells is checked before a massage and can be taken anew, over the whole stack."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.device.refusals import RefusedError
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import InterruptedSessionError
from glowtool.model.ending import Ending
from glowtool.model.event import Note, Topic, notes_in
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.safety import Gate
from glowtool.session.do.runner import Session
from glowtool.session.do.zeroing import take_tare
from glowtool.store.logs.log import SessionLog
from glowtool.stream.live.zero import OFF_KPA
from support.processes.console import Host
from support.stack.full_stack import known_roller, seeded_bench
from support.stack.massage import Waiting, step

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.session.decide.questions import ZeroQuestion

#: Cells with tolerances of this size read 0.1 to 1 kPa in the air, with this seed.
OFFSET = Scenario.model_validate({"cells": {"offset_kpa": 0.3}})
SEED = 11


def _notes(log: SessionLog) -> list[dict[str, object]]:
    return [dict(event.data) for event in log.events() if "zero_kpa" in event.data]


def _nobody() -> None:
    pass


@in_virtual_time
async def test_a_tare_takes_the_offset_of_each_cell_away(tmp_path: Path) -> None:
    async with seeded_bench(tmp_path, SEED, OFFSET) as bench, Roller.open(bench.client_for, Gate()) as roller:
        taken = await take_tare(roller, _nobody)
        assert taken.before is not None
        assert taken.after is not None
        assert taken.before.off
        assert not taken.after.off
        assert all(abs(kpa) < OFF_KPA / 2 for kpa in taken.after.cells_kpa.values())


@pytest.mark.parametrize(("yes", "tared"), [(True, True), (False, False), (None, False)])
@in_virtual_time
async def test_a_massage_asks_before_it_starts_and_does_as_it_is_told(
    tmp_path: Path, yes: bool | None, tared: bool
) -> None:
    asked: list[ZeroQuestion] = []

    async def ask(question: ZeroQuestion) -> bool:
        asked.append(question)
        if yes is None:
            await asyncio.Event().wait()  # the person has gone
        return bool(yes)

    async with seeded_bench(tmp_path, SEED, OFFSET) as bench:
        plan = replace(bench.plan(step(Zone.CHEEK_LEFT, 3000)), ask_zero=ask)
        result = await Session(plan).run(Waiting().publish)
    assert result.ending is Ending.COMPLETED
    (question,) = asked
    log = SessionLog.open(result.path)
    (note,) = _notes(log)
    assert Note(Topic.ZERO, str(note["remark"])) in notes_in(log.events())
    assert note["zero_kpa"] == dict(question.zero.cells_kpa)
    assert note["tared"] is tared
    assert (str(note["remark"]).endswith("`glowtool tare` corrects that")) is not tared


@in_virtual_time
async def test_without_anybody_to_ask_an_offset_is_remarked_and_a_good_zero_is_not(tmp_path: Path) -> None:
    for name, scenario, wanted in (("off", OFFSET, 1), ("good", Scenario(), 0)):
        (tmp_path / name).mkdir()
        async with seeded_bench(tmp_path / name, SEED, scenario) as bench:
            result = await Session(bench.plan(step(Zone.CHEEK_LEFT, 2000))).run(Waiting().publish)
        assert len(_notes(SessionLog.open(result.path))) == wanted


@in_virtual_time
async def test_a_stop_while_it_is_asked_ends_it_and_nothing_was_started(tmp_path: Path) -> None:
    async with seeded_bench(tmp_path, SEED, OFFSET) as bench:

        async def ask(_: ZeroQuestion) -> bool:
            session.request_stop()
            await asyncio.Event().wait()
            return True

        view = Waiting()
        session = Session(replace(bench.plan(step(Zone.CHEEK_LEFT, 3000)), ask_zero=ask))
        with pytest.raises(InterruptedSessionError, match="nothing was started"):
            await session.run(view.publish)
    assert not view.delivering.is_set()


@in_virtual_time
async def test_while_a_massage_runs_no_zero_is_taken(tmp_path: Path) -> None:
    async with seeded_bench(tmp_path, SEED) as bench, Roller.open(bench.client_for, Gate()) as roller:
        await roller.upload(Program((step(Zone.CHEEK_LEFT, 10_000),)))
        await roller.start()
        with pytest.raises(RefusedError, match="tare"):
            await take_tare(roller, _nobody)


@pytest.mark.long
def test_glowtool_tare_says_what_it_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @in_virtual_time
    async def pair() -> None:
        async with known_roller(tmp_path, SEED, OFFSET):
            pass

    pair()
    said = Host(tmp_path).call_here(capsys, "tare", "--json")
    assert said.status == 0, said.err
    document = json.loads(said.out)
    assert set(document) == {"address", "name", "before_kpa", "after_kpa"}
    assert all(abs(kpa) < OFF_KPA for kpa in document["after_kpa"].values())
