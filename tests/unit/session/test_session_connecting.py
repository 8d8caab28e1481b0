"""A stop while a device is being connected ends that at once, and nothing is recorded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.device.host_clock import HostClock
from glowtool.errors import InterruptedSessionError
from glowtool.protocol.commands.opcode import Opcode
from glowtool.session.do.runner import Session
from support.host.masseur import Masseur, folders, plan
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.device.driver import Driver


@in_virtual_time
async def test_a_stop_while_connecting_ends_before_anything_is_recorded(tmp_path: Path) -> None:
    roller = Masseur()
    session = Session(plan(roller, tmp_path))
    running = asyncio.create_task(session.run())
    await asyncio.sleep(0.002)
    session.request_stop()
    with pytest.raises(InterruptedSessionError, match="nothing was recorded"):
        await running
    assert Opcode.START not in roller.opcodes
    assert folders(tmp_path) == []

    session = Session(plan(roller, tmp_path))
    session.request_stop()
    with pytest.raises(InterruptedSessionError):
        await session.run()


@in_virtual_time
async def test_a_stop_while_connecting_is_at_once_though_the_machine_has_slept(tmp_path: Path) -> None:
    slept_s = iter((0.0,))
    roller = Masseur()
    session = Session(plan(roller, tmp_path))
    session._clock = HostClock(slept=lambda: next(slept_s, 600.0))
    running = asyncio.create_task(session.run())
    await asyncio.sleep(0.002)
    session.request_stop()
    with pytest.raises(InterruptedSessionError, match="nothing was recorded"):
        await running
    assert folders(tmp_path) == []


class NeverOpen:
    """A device that is connecting for ever, and takes its time to part."""

    async def __aenter__(self) -> Driver:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(3)
        raise AssertionError("it was never to open")

    async def __aexit__(self, *_: object) -> None:
        raise AssertionError("it was never open")


@in_virtual_time
async def test_a_second_stop_while_connecting_leaves_at_once_though_the_driver_is_slow_to_part(tmp_path: Path) -> None:
    session = Session(replace(plan(Masseur(), tmp_path), open_driver=lambda *_: NeverOpen()))
    running = asyncio.create_task(session.run())
    for _ in range(2):
        await asyncio.sleep(0.1)
        session.request_stop()
    async with asyncio.timeout(0.1):
        with pytest.raises(InterruptedSessionError):
            await running
    assert folders(tmp_path) == []
