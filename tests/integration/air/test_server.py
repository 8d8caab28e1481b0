"""Each host over TCP has a controller of its own, and one that vanishes is a supervision timeout."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import time
from typing import TYPE_CHECKING

import pytest
from bumble.keys import MemoryKeyStore
from pyarrow import parquet

from glowsim.adapter.server import serving
from glowsim.evidence.truth import CONTACTS_NAME, STROKES_NAME
from glowtool.errors import AdapterUnavailableError, UsageError
from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from support.air.radio import ADDRESS, RadioHost, host_over_tcp
from support.air.rollers import STEP, Bench, Console, bench, bonded, last_driven_unix_us, start, until, until_driven
from support.processes.console import command

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from support.processes.console import Running

LOOPBACK = "127.0.0.1"


async def _paired(there: Bench, host: RadioHost) -> Console:
    await host.connect(there.roller.address)
    await host.pair(lambda: there.display.passkey)
    console = Console(host)
    await console.open()
    return console


async def test_a_host_over_tcp_pairs_and_comes_back_with_its_bond(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there, serving(there.air, LOOPBACK, 0) as port:
        async with host_over_tcp(port, keys) as host:
            await _paired(there, host)
        await until(lambda: not there.roller.connected)
        async with host_over_tcp(port, keys) as host:
            await host.connect(there.roller.address)
            await host.encrypt()
            assert (await Console(host).status()).outputs.zero


async def test_a_host_that_vanishes_in_mid_step_leaves_outputs_at_zero_within_a_second(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, serving(there.air, LOOPBACK, 0) as port:
        async with host_over_tcp(port) as host:
            console = await _paired(there, host)
            await start(console)
            await until_driven(console)
            vanished_us = time.time_ns() // 1000
        await until(lambda: not there.roller.connected and there.roller.machine.quiet, 2)
    assert last_driven_unix_us(tmp_path) - vanished_us <= 1_000_000


async def test_several_hosts_share_the_air(tmp_path: Path) -> None:
    came: list[str] = []
    gone: list[str] = []
    async with bench(tmp_path) as there:
        async with (
            serving(there.air, LOOPBACK, 0, on_come=came.append, on_gone=gone.append) as port,
            host_over_tcp(port) as one,
            host_over_tcp(port, address="C4:11:22:33:44:66") as two,
        ):
            console = await _paired(there, one)
            heard = asyncio.Event()
            two.device.on("advertisement", lambda _advertisement: heard.set())
            await two.device.start_scanning()
            assert (await console.status()).outputs.zero
            assert not heard.is_set(), "a connected roller does not advertise"
            await one.disconnect()
            async with asyncio.timeout(5):
                await heard.wait()
        await until(lambda: len(gone) == 2)
        assert came == gone or came == gone[::-1]


async def test_what_is_in_flight_to_a_host_that_does_not_keep_up_is_bounded(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, serving(there.air, LOOPBACK, 0) as port, host_over_tcp(port) as host:
        console = await _paired(there, host)
        await console.ask(Opcode.TELEMETRY_START, TelemetryStart(400, ALL_FAST))
        assert there.roller.peripheral is not None
        controllers = [one for one in there.air.controllers if one.name != there.roller.name]
        (of_host,) = controllers
        of_host.pause()  # type: ignore[attr-defined]  # a VirtualController, as every one on this air
        backlog = there.roller.peripheral.backlog
        await until(lambda: backlog() > 64)
        before = len(console.frames)
        await asyncio.sleep(1.5)  # long enough for 30 frames more to be due
        assert backlog() <= 100
        of_host.resume()  # type: ignore[attr-defined]  # as above
        await until(lambda: len(console.frames) > before + 40)
        assert (await console.status()).outputs.zero


async def test_a_port_in_use_and_a_foreign_address_are_refused_in_one_sentence(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, serving(there.air, LOOPBACK, 0) as port:
        with pytest.raises(AdapterUnavailableError, match=f"port {port} on 127.0.0.1 is in use"):
            async with serving(there.air, LOOPBACK, port):
                pass
        with pytest.raises(UsageError, match=r"0\.0\.0\.0"):
            async with serving(there.air, "0.0.0.0", 0):  # noqa: S104 - to be refused
                pass


async def test_junk_over_tcp_harms_nobody_else(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, serving(there.air, LOOPBACK, 0) as port:
        _reader, writer = await asyncio.open_connection(LOOPBACK, port)
        for junk in (b"\xff" * 100, b"\x01\xff\xff\x00", bytes(range(256)), b"\x02\x01\x20\x04\x00\x00\x00\x04\x00"):
            writer.write(junk)
            await writer.drain()
        async with host_over_tcp(port) as host:
            assert (await (await _paired(there, host)).status()).outputs.zero
        writer.close()
        await writer.wait_closed()


def glowsim_serve(*arguments: str) -> AbstractContextManager[Running]:
    return command("glowsim", "serve", *arguments)


async def _line(running: Running, pattern: str) -> re.Match[str]:
    found = re.search(pattern, await asyncio.to_thread(running.wait_for, pattern))
    assert found is not None
    return found


STARTED = r"\((.*)\) is on; glowtool --adapter tcp:127\.0\.0\.1:(\d+)"
PASSKEY = r"^passkey (\d{6})$"


@pytest.mark.parametrize("way", ["quit", "SIGINT", "SIGTERM"])
async def test_the_command_serves_and_ends_cleanly(way: str, tmp_path: Path) -> None:
    with glowsim_serve("--port", "0", "--state-dir", str(tmp_path), "--seed", "7") as running:
        await _line(running, PASSKEY)
        found = await _line(running, STARTED)
        running.type("hold")
        passkey = await _line(running, PASSKEY)
        async with host_over_tcp(int(found[2])) as host:
            await host.connect(found[1])
            await host.pair(lambda: int(passkey[1]))
        if way == "quit":
            running.type("quit")
        else:
            running.process.send_signal(getattr(signal, way))
        said = await asyncio.to_thread(running.finish)
    lines = said.out.splitlines()
    assert "paired" in lines
    assert lines[-1] == "switched off"
    assert (said.status, said.err) == (0, "")
    assert bonded(tmp_path) == [ADDRESS]


async def test_the_command_writes_what_the_hand_really_did(tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    arguments = ("--port", "0", "--state-dir", str(tmp_path / "s"), "--scenario", "hasty", "--seed", "7")
    with glowsim_serve(*arguments, "--truth", str(truth)) as running:
        passkey = int((await _line(running, PASSKEY))[1])
        found = await _line(running, STARTED)
        async with host_over_tcp(int(found[2])) as host:
            await host.connect(found[1])
            await host.pair(lambda: passkey)
            console = Console(host)
            await console.open()
            await start(console)
            began_us = (await console.status()).device_time_us
            await until_driven(console)
            for _ in range(15):
                await console.ask(Opcode.HEARTBEAT)
                await asyncio.sleep(0.1)
            ended_us = (await console.status()).device_time_us
        assert not list(truth.iterdir()), "it is written when the roller is switched off"
        running.type("quit")
        said = await asyncio.to_thread(running.finish)
        assert (said.status, said.err) == (0, "")
    strokes, contacts = (parquet.read_table(truth / name) for name in (STROKES_NAME, CONTACTS_NAME))
    assert {STEP.direction.name.lower()} == set(strokes["asked"].to_pylist())
    for row in strokes.to_pylist():
        assert began_us <= row["start_us"] < row["end_us"]
        assert row["start_us"] <= ended_us
        assert 0.0 < abs(row["length_mm"]) < 100.0
        assert row["step"] == 0
        assert any(
            one["head"] == row["head"]
            and one["start_us"] <= row["start_us"] + 200_000
            and one["end_us"] > row["start_us"]
            for one in contacts.to_pylist()
        ), "no stroke without a contact"
    assert strokes.num_rows >= 4, "two strokes of two heads at least, in a second and a half"
    assert {"l", "r"} == set(contacts["head"].to_pylist())
    assert strokes.schema.metadata[b"seed"] == b"7"


async def test_the_command_says_in_one_sentence_why_it_cannot_serve(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        arguments = ("--port", str(taken.getsockname()[1]), "--state-dir", str(tmp_path))
        with glowsim_serve(*arguments) as running:
            said = await asyncio.to_thread(running.finish)
    assert said.status == AdapterUnavailableError.exit_code
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "is in use" in said.err
