"""When a massage's host is killed or its radio goes away, the roller stops by itself and the log is kept."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glowsim.adapter.server import serving
from glowsim.air.air import Air
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import load
from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.session.do.runner import Session
from glowtool.store.journal.recover import recover
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.state import LogState
from support.processes.warm import Copy, begin
from support.stack.massage import Display, Waiting, delivered, paired_roller, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TESTS = Path(__file__).parents[2]
SILENCE_S = 1.0


@asynccontextmanager
async def served_roller(folder: Path, display: Display) -> AsyncIterator[str]:
    """Switch a virtual roller on, reachable by TCP; yields the adapter specification."""
    air = Air()
    async with (
        VirtualRoller.open(air, folder / "sim", load(None), display=display.show),
        serving(air, "127.0.0.1", 0) as port,
    ):
        yield f"tcp:127.0.0.1:{port}"


def run_child(spec: str, folder: Path) -> Copy:
    return begin([TESTS / "support" / "processes" / "massage_child.py", spec, folder])


def read_until_on(child: Copy, elapsed_ms: int) -> Path:
    """Return where the child's log is, once its outputs have been on until `elapsed_ms` of the massage."""
    assert child.stdout is not None
    path = Path(child.stdout.readline().strip())
    for line in child.stdout:
        if int(line.split()[1]) >= elapsed_ms:
            return path
    raise AssertionError("the child ended before its outputs were on")


@pytest.mark.slow
async def test_kill_9_in_mid_step_stops_the_roller_within_a_second_and_loses_no_more_than_that(tmp_path: Path) -> None:
    display = Display()
    async with served_roller(tmp_path, display) as spec:
        async with paired_roller(tmp_path, spec, display) as bench:
            pass
        with run_child(spec, tmp_path) as child:
            async with asyncio.timeout(30):
                path = await asyncio.to_thread(read_until_on, child, 3000)
            killed_us = time.time_ns() // 1000
            child.kill()
        await asyncio.sleep(SILENCE_S + 0.2)  # what the roller does on its own in this time is what is judged

        async with paired_roller(tmp_path, spec, display) as bench:
            assert not bench.paired_now
            result = await Session(bench.plan(step(Zone.CHEEK_LEFT, 1000))).run()
        assert result.ending is Ending.COMPLETED

    record = delivered(bench)
    before = record["unix_us"] < killed_us + (SILENCE_S + 0.2) * 1e6
    on = before & ((record["peak_ua"] > 0) | (record["amplitude"] > 0) | (record["drive_peak_ua"] > 0))
    assert record["unix_us"][on].max() - killed_us < SILENCE_S * 1e6

    manifest = recover(path)
    assert manifest.state is LogState.RECOVERED
    log = SessionLog.open(path)
    samples = log.samples("sample", "host_time_us")
    assert np.array_equal(samples["sample"], np.arange(len(samples["sample"])))
    assert killed_us - int(samples["host_time_us"].astype("int64")[-1]) < SILENCE_S * 1e6


@pytest.mark.slow
async def test_a_radio_that_goes_away_ends_the_massage_as_a_lost_link(tmp_path: Path) -> None:
    display = Display()
    view = Waiting()
    async with served_roller(tmp_path, display) as spec:
        host, port = spec.removeprefix("tcp:").split(":")
        proxy = Proxy(host, int(port))
        async with proxy.listening() as through, paired_roller(tmp_path, through, display) as bench:
            running = asyncio.create_task(Session(bench.plan(step(Zone.CHEEK_LEFT, 20_000))).run(view.publish))
            async with asyncio.timeout(10):
                await view.delivering.wait()
                proxy.cut()
                result = await running
    assert result.ending is Ending.LINK_LOST
    assert SessionLog.open(result.path).manifest.state is LogState.FINISHED
    record = delivered(bench)
    assert record["drive_peak_ua"][-1] == 0
    assert record["drive_amplitude"][-1] == 0


class Proxy:
    """Passes bytes between a host and the simulator's server until it is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._writers: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"tcp:127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self.cut()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers += [writer, far_writer]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pass(reader, far_writer))
            group.create_task(self._pass(far_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4096):
                writer.write(data)
        except ConnectionError:
            pass  # cut, as was asked
        writer.close()
