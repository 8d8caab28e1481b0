"""The simulator tells the person who presses the button what it did, or why nothing starts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from glowsim.air.air import Air
from glowsim.console.console import Console
from glowsim.firmware.flash.layout import Kind
from glowsim.roller.roller import Roller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.protocol.program import encode_program
from support.device.firmware_bench import step

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (step(80_000), step(45_000))


@in_virtual_time
async def _told(path: Path, *lines: str, stored: bool = True) -> list[str]:
    """Type lines at the console of a roller, half a second apart, and return what it says to each."""
    async with Roller.open(Air(), path / "state", Scenario(), seed=1) as roller:
        if stored:
            roller.memory.records.put(Kind.PROGRAM, 0, encode_program(PROGRAM))
        console = Console(roller, lambda: None)
        said = []
        for line in lines:
            said.append(console.obey(line))
            await asyncio.sleep(0.5)
        return said


def test_a_stored_massage_starts_stops_and_shows_in_the_status(tmp_path: Path) -> None:
    status, started, stopped, again, held = _told(tmp_path, "status", "button", "button", "button", "hold")
    assert "button: starts a massage of 2 steps, 2:05 min" in status.splitlines()
    assert started == again == "the stored massage starts: 2 steps, 2:05 min"
    assert stopped == "the massage stops"
    assert held == "button held; the massage stops; the pairing window is open"


def test_where_nothing_is_stored_it_is_said_who_stores_it(tmp_path: Path) -> None:
    status, pressed, again = _told(tmp_path, "status", "button", "button", stored=False)
    assert (
        "button: starts nothing, no program is stored; a host stores one with `glowtool button store ROUTINE`" in status
    )
    assert (
        pressed
        == again
        == "nothing starts: no program is stored; a host stores one with `glowtool button store ROUTINE`"
    )


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("charge on", "nothing starts: outputs are locked, on the charger or during an update"),
        ("battery 8.5", "nothing starts: the battery is too low for it, 8 %"),
        ("fault dead-battery", "the roller is off; its button does nothing"),
    ],
)
def test_why_nothing_starts(before: str, said: str, tmp_path: Path) -> None:
    assert _told(tmp_path, before, "button")[1] == said


def test_what_is_pressed_while_the_power_is_out_happens_neither_then_nor_later(tmp_path: Path) -> None:
    _, pressed, held, status, _, after = _told(
        tmp_path, "fault dead-battery", "button", "hold", "status", "fault dead-battery off", "status"
    )
    assert pressed == held == "the roller is off; its button does nothing"
    assert "button: starts nothing while the roller is off" in status
    assert "state: idle" in after


@in_virtual_time
async def _pressed_while_out(path: Path) -> tuple[list[int], bool]:
    """Press the button of a roller without power, shortly and long; returns its massages afterwards, and its window."""
    async with Roller.open(Air(), path / "state", Scenario(), seed=1) as roller:
        roller.memory.records.put(Kind.PROGRAM, 0, encode_program(PROGRAM))
        await asyncio.sleep(130.0)
        assert not roller.pairing_open
        roller.faults.start("dead-battery")
        await asyncio.sleep(1.0)
        for held_s in (0.2, 2.5):
            roller.press_button(held_s)
        roller.faults.stop("dead-battery")
        await asyncio.sleep(1.0)
        assert not roller.machine.out
        return roller.memory.records.keys(Kind.MASSAGE), roller.pairing_open


def test_a_test_that_presses_it_while_the_power_is_out_starts_no_massage_and_opens_no_window(tmp_path: Path) -> None:
    assert _pressed_while_out(tmp_path) == ([], False)


@in_virtual_time
async def _power_fails(path: Path) -> tuple[str, bool]:
    async with Roller.open(Air(), path / "state", Scenario(), seed=1) as roller:
        roller.memory.records.put(Kind.PROGRAM, 0, encode_program(PROGRAM))
        roller.memory.chip.cut = lambda write: write.size // 2
        return Console(roller, lambda: None).obey("button"), roller.machine.quiet


def test_power_that_fails_as_the_massage_is_begun_is_told(tmp_path: Path) -> None:
    assert _power_fails(tmp_path) == ("the power failed while the roller was writing to its flash", True)
