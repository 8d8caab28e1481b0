"""An upload that fails, of whatever driver: nothing starts behind it, since nobody knows what the device holds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.device.gated_driver import GatedDriver
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import CommandRefusedError, LinkError, ProtocolError, SafetyError
from glowtool.model.program import Program
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result
from glowtool.safety import Gate
from support.host.foreign_driver import ForeignDriver
from support.host.masseur import STEP
from support.host.scripted_client import ScriptedRoller
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from glowtool.model.answer import Answer

BEFORE, AFTER = Program((replace(STEP, duration_s=9.0),)), Program((replace(STEP, duration_s=8.0),))
UPLOAD = (Opcode.PROGRAM_BEGIN, Opcode.PROGRAM_DATA, Opcode.PROGRAM_COMMIT)


class Failing(ForeignDriver):
    """Fails in the middle of an upload; what it holds then is its own affair, as the contract allows."""

    failing: BaseException | None = None

    async def upload(self, program: Program) -> None:
        await super().upload(program)
        if self.failing is not None:
            self._program = None
            raise self.failing


async def nothing_starts(*orders: Callable[[], Awaitable[Answer]]) -> None:
    for order in orders:
        with pytest.raises(SafetyError, match="upload it again"):
            await order()


@pytest.mark.parametrize(
    "failing", [LinkError("lost"), CommandRefusedError("no"), ProtocolError("what?"), asyncio.CancelledError()]
)
@in_virtual_time
async def test_nothing_starts_behind_an_upload_that_failed(failing: BaseException) -> None:
    driver = Failing()
    gated = GatedDriver(driver, Gate())
    await gated.upload(BEFORE)
    driver.failing = failing
    with pytest.raises(type(failing)):
        await gated.upload(AFTER)
    await nothing_starts(gated.start, gated.resume)
    driver.failing = None
    await gated.upload(AFTER)
    await gated.start()
    assert driver.done.count("start") == 1


@pytest.mark.parametrize("refused", UPLOAD)
@in_virtual_time
async def test_nor_behind_one_that_a_gr1_refused_at_any_command(refused: Opcode) -> None:
    scripted = ScriptedRoller()
    async with Roller.open(scripted.client_for, Gate()) as roller:
        gated = GatedDriver(roller, Gate())
        await gated.upload(BEFORE)
        scripted.refused[refused] = Result.WRONG_STATE
        with pytest.raises(CommandRefusedError):
            await gated.upload(AFTER)
        await nothing_starts(gated.start, gated.resume)
        assert Opcode.START not in scripted.opcodes
