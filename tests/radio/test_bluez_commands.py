"""The installed commands work on BlueZ as processes of their own, and leave nothing when they are ended."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from support.people import screened
from support.processes.console import Host, Running, Said
from support.processes.routine_file import IN_CONTACT, routine_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from radio.stacks.bluez_stack import BluezStack
    from radio.stacks.held_roller import HeldRoller

PROMPT = "^Passkey \\("


@asynccontextmanager
async def begun(host: Host, *arguments: str) -> AsyncIterator[Running]:
    """Run a command while the loop, and with it the roller, goes on."""
    with host.running(*arguments) as running:
        yield running


async def call(host: Host, *arguments: str) -> Said:
    return await asyncio.to_thread(host.call, *arguments)


async def pair(host: Host, held: HeldRoller, *options: str) -> Said:
    async with begun(host, "pair", held.name, "--json", *options) as pairing:
        await asyncio.to_thread(pairing.wait_for, PROMPT, on_stderr=True)
        pairing.type(f"{held.passkey:06d}")
        return await asyncio.to_thread(pairing.finish)


@pytest.fixture
def host(stack: BluezStack, tmp_path: Path) -> Host:
    screened(tmp_path / "data")
    return Host(tmp_path / "data", stack.adapter_name)


async def test_from_pairing_to_forgetting(stack: BluezStack, host: Host, tmp_path: Path) -> None:
    async with stack.roller() as held:
        paired = await pair(host, held)
        assert paired.status == 0, paired.err
        assert paired.document()["method"] == "passkey"
        assert await stack.host_bonds() == [held.address]
        info = await call(host, "info", "--json")
        assert info.document()["serial"] == paired.document()["serial"]
        ran = await call(host, "run", routine_file(tmp_path, 2, current=True), "--json")
        assert ran.status == 0, ran.err
        result = ran.documents()[-1]
        assert (result["ending"], result["confirmed"]) == ("completed", True)
        await stack.no_traces()
        forgot = await call(host, "devices", "forget", held.name, "--yes", "--json")
        assert forgot.status == 0, forgot.err
        assert (await stack.host_bonds(), held.roller.bonds.addresses) == ([], [])
    await stack.no_traces()


async def test_ctrl_c_while_the_passkey_is_asked_for_leaves_nothing(stack: BluezStack, host: Host) -> None:
    async with stack.roller() as held:
        async with begun(host, "pair", held.name) as pairing:
            await asyncio.to_thread(pairing.wait_for, PROMPT, on_stderr=True)
            stack.daemon.agents.read_on()
            assert stack.daemon.agents.registered
            pairing.process.send_signal(signal.SIGINT)
            said = await asyncio.to_thread(pairing.finish)
        assert said.status == 130, said.err
        await stack.no_traces()
        assert (await stack.host_bonds(), held.roller.bonds.addresses) == ([], [])
        assert (await pair(host, held)).status == 0


async def test_killed_while_the_passkey_is_asked_for_leaves_no_agent_and_can_be_done_again(
    stack: BluezStack, host: Host
) -> None:
    async with stack.roller() as held:
        async with begun(host, "pair", held.name) as pairing:
            await asyncio.to_thread(pairing.wait_for, PROMPT, on_stderr=True)
            pairing.process.kill()
            await asyncio.to_thread(pairing.finish)
        again = await pair(host, held)
        assert again.status == 0, again.err
    await stack.no_traces()


async def test_a_killed_run_is_taken_over_by_the_next(stack: BluezStack, host: Host, tmp_path: Path) -> None:
    async with stack.roller() as held:
        assert (await pair(host, held)).status == 0
        async with begun(host, "run", routine_file(tmp_path, 20, current=True), "--json") as running:
            await asyncio.to_thread(running.wait_for, IN_CONTACT)
            running.process.kill()
            await asyncio.to_thread(running.finish)
        again = await call(host, "run", routine_file(tmp_path, 2, current=True), "--json")
        assert again.status == 0, again.err
        assert again.documents()[-1]["ending"] == "completed"
    await stack.no_traces()


async def test_a_bond_that_the_roller_has_lost_is_explained_and_repaired(stack: BluezStack, host: Host) -> None:
    async with stack.roller() as held:
        assert (await pair(host, held)).status == 0
        held.forget_bonds()
        refused = await call(host, "info", "--json")
        assert refused.document()["error"]["exit_status"] == 14, refused.out  # type: ignore[index]  # JSON
        assert "--repair" in refused.err
        held.open_window()
        repaired = await pair(host, held, "--repair", "--yes")
        assert repaired.status == 0, repaired.err
        assert (await call(host, "info")).status == 0
    await stack.no_traces()


def stopped_by(said: Said) -> tuple[object, object, object]:
    """Return through which command and process the only roller was stopped, and whether it confirmed that."""
    rollers = said.document()["rollers"]
    assert isinstance(rollers, list)
    (how,) = rollers
    return how["by"], how["pid"], how["confirmed"]


async def test_a_second_glowtool_is_told_who_uses_the_roller_and_can_stop_it(
    stack: BluezStack, host: Host, tmp_path: Path
) -> None:
    async with stack.roller() as held:
        assert (await pair(host, held)).status == 0
        async with begun(host, "run", routine_file(tmp_path, 30, current=True), "--json") as running:
            await asyncio.to_thread(running.wait_for, IN_CONTACT)
            second = await call(host, "info")
            stopped = await call(host, "stop", "--json")
            said = await asyncio.to_thread(running.finish)
        pid = running.process.pid
        assert (second.status, said.status) == (20, 130)
        assert f"is in use by run, process {pid}, since " in second.err
        assert stopped.status == 0, stopped.err
        assert stopped_by(stopped) == ("run", pid, True)
        await stack.no_traces()

        itself = await call(host, "stop", "--json")
        assert itself.status == 0, itself.err
        assert stopped_by(itself)[::2] == ("stop", True)
    await stack.no_traces()
