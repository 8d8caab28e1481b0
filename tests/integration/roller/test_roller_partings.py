"""A host that has gone leaves nothing when it asked for that, and the count of its frames is kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bumble import core, hci
from bumble.keys import MemoryKeyStore

from glowsim.time.virtual_time import in_virtual_time
from glowtool.model.state import State
from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.records import Diagnostic, DiagnosticGet, DiagnosticValue
from glowtool.protocol.vocabulary import Result
from support.air.radio import ADDRESS, host_on_air
from support.air.rollers import Bench, Console, bench, bonded, bonded_console, start, until

if TYPE_CHECKING:
    from pathlib import Path


@in_virtual_time
async def test_a_host_that_asks_to_be_forgotten_is_so_when_its_connection_ends(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            assert (await console.ask(Opcode.FORGET_HOST)).head.result is Result.SUCCESS
            assert there.roller.bonds.addresses == [ADDRESS], "it holds until the connection ends"
            assert (await console.status()).state is State.IDLE
            await console.host.disconnect()
        assert there.roller.bonds.addresses == []
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            with pytest.raises(core.ProtocolError) as caught:
                await host.encrypt()
            assert caught.value.error_code == hci.HCI_ErrorCode.PIN_OR_KEY_MISSING_ERROR
    assert bonded(tmp_path) == []


@in_virtual_time
async def test_a_lost_link_forgets_as_well_and_only_the_host_that_asked(tmp_path: Path) -> None:
    other = "C4:11:22:33:55:66"
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, address=other):
            pass
        there.roller.press_button(2.5)
        async with bonded_console(there, keys) as console:
            await console.ask(Opcode.FORGET_HOST)
            there.air.cut(there.roller.address)
            assert await console.host.gone == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        await until(lambda: there.roller.bonds.addresses == [other])


@in_virtual_time
async def test_nobody_is_forgotten_while_a_massage_waits_for_its_host(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        assert (await console.ask(Opcode.FORGET_HOST)).head.result is Result.WRONG_STATE
        await console.ask(Opcode.PAUSE)
        assert (await console.ask(Opcode.FORGET_HOST)).head.result is Result.WRONG_STATE
        await console.host.disconnect()
        await until(lambda: not there.roller.connected)
        assert there.roller.bonds.addresses == [ADDRESS]


@in_virtual_time
async def test_a_loss_of_power_before_that_leaves_the_bond(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await console.ask(Opcode.FORGET_HOST)
        there.roller.power_cycle()
        await until(lambda: not there.roller.machine.out)
        assert there.roller.bonds.addresses == [ADDRESS]


async def _frames(console: Console) -> int:
    answer = await console.ask(Opcode.DIAGNOSTICS, DiagnosticGet(Diagnostic.LAST_STREAM_FRAMES))
    assert isinstance(answer.payload, DiagnosticValue)
    return answer.payload.value


async def _again(there: Bench, keys: MemoryKeyStore) -> int:
    async with host_on_air(there.air, keys) as host:
        await host.connect(there.roller.address)
        await host.encrypt()
        console = Console(host)
        await console.open()
        return await _frames(console)


@in_virtual_time
async def test_frames_of_a_stream_that_a_lost_link_has_ended_are_told_in_the_next_connection(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            assert await _frames(console) == 0
            await console.ask(Opcode.TELEMETRY_START, TelemetryStart(200, ALL_FAST))
            await asyncio.sleep(2)
            there.air.cut(there.roller.address)
            await console.host.gone
            heard = len(console.frames)
        assert heard > 40
        assert heard <= await _again(there, keys) <= heard + 1
        there.roller.power_cycle()
        await until(lambda: not there.roller.machine.out)
        assert await _again(there, keys) == 0


@in_virtual_time
async def test_the_count_is_that_of_the_newest_stream(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        for rate_hz in (50, 200):
            await console.ask(Opcode.TELEMETRY_START, TelemetryStart(rate_hz, ALL_FAST))
            await asyncio.sleep(1)
            running = await _frames(console)
            ended = (await console.ask(Opcode.TELEMETRY_STOP)).payload
            assert running <= await _frames(console)
            assert ended is not None
            assert ended.frames_sent == await _frames(console) == len(console.frames)  # type: ignore[attr-defined]  # a TelemetryEnded
            console.frames.clear()
