"""Massages by the button count once, by the roller's record, and for everybody until it is known whose they were."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from glowsim.air.air import Air
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool import app
from glowtool.app.place import Place
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.safety.dose import NO_DOSE
from support.people import screened
from support.processes.console import Host
from support.stack.full_stack import known_roller
from support.stack.massage import step

if TYPE_CHECKING:
    from pathlib import Path


@in_virtual_time
async def pair_and_store(folder: Path) -> None:
    """Pair, and leave a program of two steps of two seconds in the roller."""
    async with known_roller(folder, 11) as roller:
        await roller.set_time(1_795_362_060_000)
        await roller.upload(Program((step(Zone.CHEEK_LEFT, 2000), step(Zone.CHEEK_RIGHT, 2000))))
        await roller.archive.store_program()


@in_virtual_time
async def press_button(folder: Path) -> None:
    async with VirtualRoller.open(Air(), folder / "sim", Scenario(), seed=11) as roller:
        roller.press_button(0.2)
        await asyncio.sleep(6.0)
        assert roller.machine.quiet


def test_a_massage_by_the_button_counts_once_and_is_whose_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host, place = Host(tmp_path), Place("sim", tmp_path)
    pair_and_store(tmp_path)
    ann, ben = screened(tmp_path, "Ann"), screened(tmp_path, "Ben")
    press_button(tmp_path)
    assert "count for everybody today" in host.call_here(capsys, "logs", "fetch").err
    assert "count for everybody today" not in host.call_here(capsys, "logs", "fetch").err, "nothing is new then"
    had = app.doses.dose_today(place, ann.id)
    assert had == app.doses.dose_today(place, ben.id)
    assert had.vibration_s == pytest.approx(4.0, abs=0.2)
    listed = host.call_here(capsys, "safety", "ledger", "--nobody", "--json").document()["massages"]
    assert isinstance(listed, list)
    (massage,) = listed
    assert massage["source"] == "record"

    assert host.call_here(capsys, "safety", "claim", massage["massage"], "--person", "Ben").status == 0
    assert app.doses.dose_today(place, ann.id) == NO_DOSE
    assert app.doses.dose_today(place, ben.id) == had
    assert host.call_here(capsys, "safety", "claim", massage["massage"], "--person", "Ann").status == 3
    assert host.call_here(capsys, "logs", "fetch").status == 0
    assert app.doses.dose_today(place, ben.id) == had, "fetched again, it still counts once"

    press_button(tmp_path)
    assert host.call_here(capsys, "logs", "fetch", "--person", "Ann", "--remove").status == 0
    assert app.doses.dose_today(place, ann.id).vibration_s == pytest.approx(4.0, abs=0.2)
    assert [line.kind for line in app.proving.audit_lines(place, 9)] == ["fetched", "fetched"]
