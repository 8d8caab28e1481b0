"""A massage belongs to the host that began it, also when two bonded hosts take turns. In virtual time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from bumble import core, hci
from bumble.keys import MemoryKeyStore

from glowsim.time.virtual_time import in_virtual_time
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.codec import Request, decode_response, encode_request
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, NoOperands, Trim
from glowtool.protocol.vocabulary import Result
from support.air.radio import ADDRESS, host_on_air
from support.air.rollers import STEP, Bench, Console, bench, bonded_console, start, until, until_driven

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bumble.keys import KeyStore

BEN = "C4:11:22:33:55:66"


@asynccontextmanager
async def back(there: Bench, keys: KeyStore, address: str = ADDRESS) -> AsyncIterator[Console]:
    """Yield the console of a host that is bonded already."""
    await until(lambda: not there.roller.connected)
    async with host_on_air(there.air, keys, address) as host:
        await host.connect(there.roller.address)
        await host.encrypt()
        console = Console(host)
        await console.open()
        yield console


async def bond(there: Bench, keys: KeyStore, address: str) -> None:
    there.roller.press_button(2.5)
    async with bonded_console(there, keys, address):
        pass


@in_virtual_time
async def test_the_host_that_lost_its_link_resumes_and_another_one_can_only_stop(tmp_path: Path) -> None:
    anna, ben = MemoryKeyStore(), MemoryKeyStore()
    async with bench(tmp_path) as there:
        await bond(there, ben, BEN)
        there.roller.press_button(2.5)
        async with bonded_console(there, anna) as console:
            await start(console)
            await until_driven(console)
            there.air.cut(there.roller.address)
            await console.host.gone
        async with back(there, ben, BEN) as other:
            status = await other.status()
            assert (status.state, status.interlocks) == (State.PAUSED, Interlock.LINK_LOSS)
            for opcode, operands in (
                (Opcode.RESUME, None),
                (Opcode.SKIP, None),
                (Opcode.EXTEND, Extend(1000)),
                (Opcode.TRIM, Trim(50, 50)),
            ):
                head = (await other.ask(opcode, operands)).head
                assert (head.result, head.state, head.outputs.zero) == (
                    Result.NOT_FROM_THIS_HOST,
                    State.PAUSED,
                    True,
                )
            assert there.roller.machine.quiet
        async with back(there, anna) as console:
            assert (await console.ask(Opcode.RESUME)).head.result is Result.SUCCESS
            await until_driven(console)
            there.air.cut(there.roller.address)
            await console.host.gone
        async with back(there, ben, BEN) as other:
            assert (await other.ask(Opcode.STOP)).head.state is State.READY
            assert (await other.ask(Opcode.START)).head.result is Result.NOT_FROM_THIS_HOST
            await other.load(STEP)
            assert (await other.ask(Opcode.START)).head.result is Result.SUCCESS
            await until_driven(other)


@in_virtual_time
async def test_a_massage_ends_with_the_bond_of_its_host_and_pairing_anew_does_not_bring_it_back(tmp_path: Path) -> None:
    anna = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, anna) as console:
            await start(console)
            await until_driven(console)
            there.air.cut(there.roller.address)
            await console.host.gone
        await until(lambda: there.roller.machine.status().state is State.PAUSED)
        there.roller.bonds.drop(ADDRESS)
        status = there.roller.machine.status()
        assert (status.state, status.steps) == (State.IDLE, 0)
        there.roller.press_button(2.5)
        async with bonded_console(there, MemoryKeyStore()) as console:
            assert (await console.ask(Opcode.RESUME)).head.result is Result.WRONG_STATE


@in_virtual_time
async def test_the_link_of_a_host_ends_with_its_bond(tmp_path: Path) -> None:
    anna = MemoryKeyStore()
    async with bench(tmp_path) as there, bonded_console(there, anna) as console:
        await start(console)
        await until_driven(console)
        there.roller.bonds.drop(ADDRESS)
        status = there.roller.machine.status()
        assert (status.state, status.outputs.zero) == (State.IDLE, True), "at once, before the radio has ended the link"
        heard = there.roller.connected
        assert heard, "a host may stop any massage as long as its link is there"
        for opcode, result in ((Opcode.STOP, Result.SUCCESS), (Opcode.START, Result.NOT_FROM_THIS_HOST)):
            answer = there.roller.machine.on_control(encode_request(Request(opcode, 1, NoOperands())), 247)
            assert decode_response(answer).head.result is result
        async with asyncio.timeout(2):
            assert await console.host.gone == hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR
        assert not there.roller.connected
        await console.host.connect(there.roller.address)
        with pytest.raises((core.ProtocolError, hci.HCI_Error)):
            await console.host.encrypt()


@in_virtual_time
async def test_a_host_that_pairs_anew_over_its_link_keeps_the_link_and_may_start(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there, MemoryKeyStore()) as console:
        there.roller.press_button(2.5)
        await console.host.pair(lambda: there.display.passkey)
        await start(console)
        await until_driven(console)
        assert there.roller.connected


@asynccontextmanager
async def bonded_console_anew(there: Bench) -> AsyncIterator[Console]:
    there.roller.press_button(2.5)
    async with bonded_console(there, MemoryKeyStore()) as console:
        yield console


@in_virtual_time
async def test_a_bond_that_is_replaced_takes_the_program_with_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        async with bonded_console(there, MemoryKeyStore()) as console:
            await start(console)
            await until_driven(console)
            there.air.cut(there.roller.address)
            await console.host.gone
        await until(lambda: not there.roller.connected)
        there.roller.press_button(0.2)  # ends what waits; the next press is for the window
        async with bonded_console_anew(there) as console:
            assert (await console.status()).state is State.IDLE
