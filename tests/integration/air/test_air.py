"""The virtual air under conditions, with whole rollers and hosts on it."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from bumble import hci

from glowsim.adapter.radio import HciRadio
from glowsim.air.air import Air
from glowsim.air.conditions import IDEAL, USUAL, LinkConditions
from glowsim.evidence.record import read_delivered
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.roller.rollers import rollers_on
from glowsim.roller.state_dir import seeded
from glowsim.scene.scenario import Scenario
from glowtool.errors import AdapterUnavailableError, UsageError
from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.protocol import gatt
from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.telemetry import FrameHeader
from glowtool.protocol.wire import decode
from glowtool.session.do.runner import Session
from support.air.radio import host_on_air
from support.air.rollers import (
    Bench,
    Console,
    Display,
    bench,
    bonded_console,
    start,
    until,
    until_driven,
)
from support.host.virtual_time import in_virtual_time
from support.stack.massage import paired_roller, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bumble.device import Advertisement

    from glowtool.session.plan import SessionResult

SUPERVISION_TIMEOUT = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR


def _sequences(frames: list[bytes]) -> list[int]:
    return [decode(FrameHeader, frame).sequence for frame in frames]


async def _stream(console: Console, rate_hz: int = 200) -> None:
    await console.ask(Opcode.TELEMETRY_START, TelemetryStart(rate_hz, ALL_FAST))


@in_virtual_time
async def test_a_lossy_link_with_jitter_delivers_every_frame_in_order(tmp_path: Path) -> None:
    rough = LinkConditions(interval_s=0.03, loss=0.2, jitter_s=0.02, delay_s=0.005, supervision_s=4.0)
    async with bench(tmp_path) as there:
        there.air.set_conditions(rough, there.roller.address)
        async with bonded_console(there) as console:
            await _stream(console)
            await start(console)
            for _ in range(30):
                await console.ask(Opcode.HEARTBEAT)
                await asyncio.sleep(0.2)
            await console.ask(Opcode.STOP)
            sequences = _sequences(console.frames)
    assert len(sequences) > 120
    assert sequences == list(range(len(sequences)))


@in_virtual_time
async def _massage(folder: Path) -> SessionResult:
    async with paired_roller(folder) as bench:
        return await Session(bench.plan(step(Zone.CHEEK_LEFT, 8_000), step(Zone.CHEEK_RIGHT, 8_000))).run()


@pytest.mark.parametrize(
    ("conditions", "lossless"),
    [
        (LinkConditions(interval_s=0.03, loss=0.15, jitter_s=0.03, delay_s=0.01, supervision_s=4.0), True),
        (LinkConditions(interval_s=0.015, duplicate=0.2, host_drop=0.1), False),
    ],
    ids=["lossy radio", "careless host"],
)
def test_a_massage_adds_up_to_the_last_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conditions: LinkConditions, lossless: bool
) -> None:
    """Loss on the radio costs time and no frame; what the host's side doubles and drops is all in the books."""

    def impaired() -> Air:
        air = Air(seed=4)
        air.set_conditions(conditions)
        return air

    monkeypatch.setattr("glowsim.adapter.adapter.Air", impaired)
    result = _massage(tmp_path)
    books = result.counters
    assert (result.ending, result.problem) == (Ending.COMPLETED, None)
    assert books.sent > 300
    assert books.received + books.lost + books.duplicate + books.late == books.sent
    assert (books.decode_errors, books.dropped) == (0, 0)
    if lossless:
        assert (books.lost, books.duplicate, books.late) == (0, 0, 0)
    else:
        assert 0.04 < books.lost / books.sent < 0.16
        assert 0.08 < books.duplicate / books.sent < 0.3


@in_virtual_time
async def test_pdus_arrive_at_connection_events_only(tmp_path: Path) -> None:
    loop, moments = asyncio.get_running_loop(), list[float]()
    async with bench(tmp_path) as there:
        there.air.set_conditions(LinkConditions(interval_s=0.05), there.roller.address)
        async with bonded_console(there) as console:
            telemetry = console.host.find(gatt.TELEMETRY)
            await telemetry.subscribe(lambda _frame: moments.append(loop.time()))
            await _stream(console, 400)
            await asyncio.sleep(2.0)
    assert len(moments) > 50
    for moment in moments:
        events = (moment - moments[0]) / 0.05
        assert events == pytest.approx(round(events), abs=1e-4)
    assert len(set(moments)) < len(moments), "what was due in one interval arrives at one event"


async def _heard_rssi(there: Bench) -> int:
    async with host_on_air(there.air) as host:
        rssi: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def hear(advertisement: Advertisement) -> None:
            if not rssi.done():
                rssi.set_result(advertisement.rssi)

        host.device.on("advertisement", hear)
        await host.device.start_scanning()
        async with asyncio.timeout(3):
            return await rssi


@in_virtual_time
async def test_a_scanner_sees_the_rssi_of_the_distance_and_nothing_from_out_of_reach(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        heard = []
        for distance_m in (1, 3, 10, 30):
            there.air.set_conditions(LinkConditions(distance_m=distance_m), there.roller.address)
            heard.append(await _heard_rssi(there))
        assert heard == sorted(heard, reverse=True)
        assert heard[0] == -50
        assert len(set(heard)) == 4
        there.air.set_conditions(LinkConditions(distance_m=300), there.roller.address)
        with pytest.raises(TimeoutError):
            await _heard_rssi(there)
        there.air.set_conditions(LinkConditions(advertising_drop=1.0), there.roller.address)
        with pytest.raises(TimeoutError):
            await _heard_rssi(there)


@in_virtual_time
async def test_a_host_that_scans_under_another_address_keeps_its_connection(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        # What the Linux kernel does before it scans.
        await console.host.device.send_command(
            hci.HCI_LE_Set_Random_Address_Command(random_address=hci.Address("41:22:33:44:55:66"))
        )
        assert (await console.status()).state is not None
        assert there.roller.connected


@pytest.mark.parametrize("timeout_s", [0.72, 4.0])
@in_virtual_time
async def test_a_host_that_vanishes_is_noticed_after_the_supervision_timeout(tmp_path: Path, timeout_s: float) -> None:
    loop = asyncio.get_running_loop()
    links: list[tuple[float, str | None]] = []
    async with bench(tmp_path, on_link=lambda address: links.append((loop.time(), address))) as there:
        there.air.set_conditions(LinkConditions(supervision_s=timeout_s), there.roller.address)
        async with bonded_console(there) as console:
            await start(console)
            await until_driven(console)
        vanished_s = loop.time()
        await until(lambda: not there.roller.connected)
        await until(lambda: there.roller.machine.quiet, 0.05)
    assert links[-1][1] is None
    assert links[-1][0] - vanished_s == pytest.approx(timeout_s, abs=0.01)


@in_virtual_time
async def test_walking_out_of_reach_ends_the_connection_for_both(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with bench(tmp_path) as there, bonded_console(there) as console:
        there.air.set_conditions(LinkConditions(distance_m=300, supervision_s=2.0), there.roller.address)
        left_s = loop.time()
        async with asyncio.timeout(3):
            reason = await console.host.gone
        assert reason == SUPERVISION_TIMEOUT
        assert loop.time() - left_s == pytest.approx(2.0, abs=0.01)
        await until(lambda: not there.roller.connected)
        there.air.set_conditions(IDEAL, there.roller.address)
        await console.host.connect(there.roller.address)
        await console.host.encrypt()


@in_virtual_time
async def test_a_connection_can_be_cut_at_a_moment(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with bench(tmp_path) as there, bonded_console(there) as console:
        there.air.cut(there.roller.address, after_s=1.25)
        began_s = loop.time()
        assert await console.host.gone == SUPERVISION_TIMEOUT
        assert loop.time() - began_s == pytest.approx(1.25, abs=0.01)
        await until(lambda: not there.roller.connected)
        await console.host.connect(there.roller.address)


@in_virtual_time
async def test_a_short_silence_costs_time_but_no_frame(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        there.air.set_conditions(USUAL)
        async with bonded_console(there) as console:
            await _stream(console)
            await asyncio.sleep(0.5)
            there.air.set_conditions(LinkConditions(loss=1.0, supervision_s=4.0))
            await asyncio.sleep(0.1)
            before = len(console.frames)
            await asyncio.sleep(1.0)
            assert len(console.frames) == before
            there.air.set_conditions(USUAL)
            await asyncio.sleep(1.0)
            sequences = _sequences(console.frames)
    assert sequences == list(range(len(sequences)))
    assert len(sequences) > before + 20


@in_virtual_time
async def test_a_long_silence_loses_what_the_roller_cannot_keep_and_the_numbers_say_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        there.air.set_conditions(LinkConditions(interval_s=0.03, supervision_s=30.0))
        async with bonded_console(there) as console:
            await _stream(console)
            await asyncio.sleep(0.5)
            there.air.set_conditions(LinkConditions(loss=1.0, supervision_s=30.0))
            await asyncio.sleep(0.1)
            before = len(console.frames)
            await asyncio.sleep(10.0)
            assert there.roller.peripheral is not None
            assert there.roller.peripheral.backlog() <= 100
            there.air.set_conditions(LinkConditions(interval_s=0.03, supervision_s=30.0))
            await asyncio.sleep(1.0)
            sequences = _sequences(console.frames)
            assert there.roller.peripheral.backlog() < 3
    assert sequences == sorted(set(sequences))
    kept = sequences[before:]
    assert 90 <= sum(1 for number in kept if number < before + 150) <= 100
    assert kept[-1] >= before + 200


@in_virtual_time
async def test_outputs_end_within_an_interval_and_ten_milliseconds_of_a_stop(tmp_path: Path) -> None:
    loop, chance = asyncio.get_running_loop(), seeded(6, "moments")
    stopped_us: list[int] = []
    async with bench(tmp_path) as there:
        there.air.set_conditions(LinkConditions(interval_s=0.03))
        async with bonded_console(there) as console:
            ahead_us = there.roller.machine.now_us - loop.time() * 1e6
            for _ in range(8):
                await start(console)
                await until_driven(console)
                await asyncio.sleep(chance.uniform(0, 0.4))
                stopped_us.append(round(loop.time() * 1e6 + ahead_us))
                await console.ask(Opcode.STOP)
                await asyncio.sleep(1.0)
    record = read_delivered(tmp_path)
    for stop_us in stopped_us:
        soon = (record["time_us"] >= stop_us + 40_000) & (record["time_us"] < stop_us + 900_000)
        assert not (record["peak_ua"][soon] > 0).any()
        assert not (record["drive_amplitude"][soon] > 0).any()
        assert (record["peak_ua"][record["time_us"] <= stop_us][-1]) > 0


@in_virtual_time
async def test_only_notifications_are_doubled_or_dropped_at_the_hosts_side(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await _stream(console)
        there.air.set_conditions(LinkConditions(duplicate=1.0), there.roller.address)
        await asyncio.sleep(1.0)
        there.air.set_conditions(LinkConditions(host_drop=0.5), there.roller.address)
        doubled = _sequences(console.frames)
        await asyncio.sleep(2.0)
        for _ in range(20):
            await console.ask(Opcode.HEARTBEAT)
        thinned = _sequences(console.frames)[len(doubled) :]
    assert len(doubled) >= 2 * (len(set(doubled)) - 2)
    assert sorted(doubled) == doubled
    missing = thinned[-1] - thinned[0] + 1 - len(thinned)
    assert 0.25 * len(thinned) < missing < 4 * len(thinned)


@in_virtual_time
async def test_the_same_seed_gives_the_same_course(tmp_path: Path) -> None:
    courses = []
    for run in range(2):
        loop = asyncio.get_running_loop()
        async with bench(tmp_path / str(run)) as there:
            there.air.set_conditions(LinkConditions(interval_s=0.015, loss=0.3, supervision_s=4.0))
            async with host_on_air(there.air) as host:
                began_s = loop.time()
                await host.connect(there.roller.address)
                courses.append(round(loop.time() - began_s, 6))
    assert courses[0] == courses[1]


async def test_several_rollers_have_conditions_of_their_own_and_several_hosts(tmp_path: Path) -> None:
    air, displays = Air(), [Display() for _ in range(3)]
    async with rollers_on(
        air, tmp_path, Scenario(), 3, seed=7, display=lambda number, line: displays[number - 1].show(line)
    ) as rollers:
        assert len({roller.address for roller in rollers}) == 3
        for number in (1, 2, 3):
            assert read_delivered(tmp_path / f"roller-{number}").size == 0
        air.set_conditions(LinkConditions(interval_s=0.015), rollers[1].address)
        assert air.conditions(rollers[0].address) == IDEAL

        async def talk(number: int, roller: VirtualRoller) -> int:
            there = Bench(air, roller, displays[number], tmp_path)
            async with bonded_console(there, address=f"C4:11:22:33:44:{number:02X}") as console:
                await _stream(console)
                await until(lambda: len(console.frames) > 20)
                sequences = _sequences(console.frames)
                assert sequences == list(range(len(sequences)))
            return len(sequences)

        async with asyncio.TaskGroup() as group:
            for number, roller in enumerate(rollers):
                group.create_task(talk(number, roller))


async def test_one_roller_lives_in_the_directory_itself_and_a_wrong_count_is_refused(tmp_path: Path) -> None:
    async with rollers_on(Air(), tmp_path, Scenario(), 1, seed=7) as (only,):
        assert only.name.startswith("GR-1")
    assert (tmp_path / "identity.json").exists()
    with pytest.raises(UsageError, match="allowed: 1 to"):
        async with rollers_on(Air(), tmp_path, Scenario(), 0):
            pass


#: A controller and a host in another process: what a radio and a phone are to the roller. Prints the port of the
#: controller, then what the host found.
_OTHER_PROCESS = """
import asyncio, sys
from glowsim.air.air import Air
from glowsim.adapter.server import serving
from support.air.radio import host_on_air
from support.air.rollers import Console

async def main():
    air = Air()
    async with serving(air, "127.0.0.1", 0) as port, host_on_air(air) as host:
        print(port, flush=True)
        loop = asyncio.get_running_loop()
        address, passkey = (await loop.run_in_executor(None, sys.stdin.readline)).split()
        await host.connect(address)
        await host.pair(lambda: int(passkey))
        console = Console(host)
        await console.open()
        print("zero" if (await console.status()).outputs.zero else "driven", flush=True)

asyncio.run(main())
"""


@asynccontextmanager
async def _other_process() -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _OTHER_PROCESS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.slow
async def test_the_roller_works_on_an_hci_controller_in_another_process(tmp_path: Path) -> None:
    """HCI over TCP to a virtual controller in another process replaces the radio, which this machine does not have."""
    display = Display()
    async with asyncio.timeout(30), _other_process() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        radio = HciRadio(f"tcp-client:127.0.0.1:{port}")
        async with VirtualRoller.open(radio, tmp_path, Scenario(), seed=1, display=display.show) as roller:
            process.stdin.write(f"{roller.address} {display.passkey}\n".encode())
            assert (await process.stdout.readline()).decode().strip() == "zero"
            await process.wait()


@pytest.mark.parametrize("transport", ["tcp-client:127.0.0.1:1", "no-such-transport:1", "usb:no-such-thing"])
async def test_a_radio_that_is_not_there_is_named(tmp_path: Path, transport: str) -> None:
    with pytest.raises(AdapterUnavailableError, match=transport):
        async with VirtualRoller.open(HciRadio(transport), tmp_path, Scenario()):
            pass
