"""Massages that the roller's button starts, for tests of what becomes of their records."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from glowsim.air.air import Air
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.model.face import Zone
from glowtool.model.program import Program
from support.stack.full_stack import known_roller
from support.stack.massage import step

if TYPE_CHECKING:
    from pathlib import Path

_SEED: Final = 11


@in_virtual_time
async def pair_and_store(folder: Path) -> None:
    """Pair, and leave a program of two steps of two seconds in the roller."""
    async with known_roller(folder, _SEED) as roller:
        await roller.set_time(1_795_362_060_000)
        await roller.upload(Program((step(Zone.CHEEK_LEFT, 2000), step(Zone.CHEEK_RIGHT, 2000))))
        await roller.archive.store_program()


@in_virtual_time
async def press_button(folder: Path) -> None:
    """Press the button of that roller, and let the massage run to its end without a host."""
    async with VirtualRoller.open(Air(), folder / "sim", Scenario(), seed=_SEED) as roller:
        roller.press_button(0.2)
        await asyncio.sleep(6.0)
        assert roller.machine.quiet
