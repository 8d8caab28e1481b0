"""The whole roller streams telemetry, runs programs, and ends them as it should."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from bumble.keys import MemoryKeyStore

from glowsim.evidence.record import read_delivered
from glowsim.scene.scenario import Scenario
from glowsim.scene.scenario_parts import Battery
from glowtool.errors import AdapterUnavailableError, InputError
from glowtool.model.channel import Stream
from glowtool.model.state import Interlock, State
from glowtool.protocol.channels import ALL_FAST, CHANNELS, select
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import SetTime, TelemetryStart
from glowtool.protocol.commands.payloads import TelemetryEnded
from glowtool.protocol.samples import decode_frame, sample_dtype
from glowtool.protocol.vocabulary import Result
from support.air.radio import host_on_air
from support.air.rollers import Console, bench, bonded_console, last_driven_unix_us, start, until, until_driven

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("rate_hz", [50, 200, 400])
async def test_telemetry_frames_follow_each_other_without_a_gap(rate_hz: int, tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        granted = await console.ask(Opcode.TELEMETRY_START, TelemetryStart(rate_hz, ALL_FAST))
        assert granted.head.result is Result.SUCCESS
        await until(lambda: len(console.frames) >= 30)
        ended = await console.ask(Opcode.TELEMETRY_STOP)
    dtypes = {stream: sample_dtype(select(CHANNELS, stream, ALL_FAST)) for stream in Stream}
    frames = [decode_frame(data, dtypes) for data in console.frames]
    assert [frame.header.sequence for frame in frames] == list(range(len(frames)))
    assert ended.payload == TelemetryEnded(len(frames)), "every frame that was sent has arrived before the answer"
    fast = [frame.header for frame in frames if frame.header.kind is Stream.FAST]
    assert [header.first_sample for header in fast] == [
        sum(header.count for header in fast[:number]) for number in range(len(fast))
    ]
    spans = np.diff([header.device_time_us for header in fast])
    assert set(spans) == {fast[0].count * 1_000_000 // rate_hz}


async def test_a_silent_host_is_cut_off_by_the_watchdog(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        fell_silent_us = time.time_ns() // 1000
        await until(lambda: there.roller.machine.quiet, 5)
        status = await console.status()
        assert (status.state, status.interlocks & Interlock.WATCHDOG) == (State.PAUSED, Interlock.WATCHDOG)
    assert last_driven_unix_us(tmp_path) - fell_silent_us <= 1_000_000


async def test_a_lost_link_ends_outputs_and_a_new_one_does_not_bring_them_back(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            await start(console)
            await until_driven(console)
            lost_us = time.time_ns() // 1000
        await until(lambda: there.roller.machine.quiet, 5)
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            await host.encrypt()
            status = await Console(host).status()
            assert status.state is State.PAUSED
            assert Interlock.LINK_LOSS in status.interlocks
            assert status.outputs.zero
    assert last_driven_unix_us(tmp_path) - lost_us <= 1_000_000


async def test_a_stalled_process_lets_the_device_live_through_every_tick(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        machine = there.roller.machine
        before_us = machine.now_us
        time.sleep(1.6)  # noqa: ASYNC251 - the stall itself
        await until(lambda: there.roller.machine.quiet, 5)
        await until(lambda: machine.due_at_s >= asyncio.get_running_loop().time())
        assert machine.now_us - before_us >= 1_600_000
        assert (await console.status()).state is State.PAUSED
    times = read_delivered(tmp_path)["time_us"]
    assert set(np.diff(times)) == {5_000}, "no tick was left out while anything was driven"
    assert int(times[-1]) - before_us <= 1_500_000


async def test_switching_off_ends_the_record_at_zero(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
    last = read_delivered(tmp_path)[-1]
    assert (last["peak_ua"], last["amplitude"], last["drive_amplitude"]) == (0, 0, 0)


async def test_status_is_notified_while_nothing_is_asked(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await until(lambda: len(console.statuses) >= 2)
        assert {status.state for status in console.statuses} == {State.IDLE}


async def test_the_clock_that_was_set_is_read_as_current_time(tmp_path: Path) -> None:
    from glowtool.protocol import gatt

    async with bench(tmp_path) as there, bonded_console(there) as console:
        assert await console.host.find(gatt.CURRENT_TIME).read_value() == bytes(10)
        await console.ask(Opcode.SET_TIME, SetTime(1_795_362_060_000))
        value = await console.host.find(gatt.CURRENT_TIME).read_value()
        assert (int.from_bytes(value[:2], "little"), *value[2:8]) == (2026, 11, 22, 15, 41, 0, 7)


async def test_two_rollers_cannot_live_in_one_directory(tmp_path: Path) -> None:
    async with bench(tmp_path):
        with pytest.raises(AdapterUnavailableError, match=r"in use by process \d+"):
            async with bench(tmp_path):
                pass
    async with bench(tmp_path):
        pass


async def test_an_error_of_the_user_comes_out_as_itself(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="mine"):
        async with bench(tmp_path):
            raise LookupError("mine")


async def test_damaged_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "bonds.json").write_text('{"C4:11:22:33:44:55": {"ltk": 5}}')
    with pytest.raises(InputError, match=r"bonds\.json is damaged"):
        async with bench(tmp_path):
            pass
    (tmp_path / "bonds.json").write_text("{")
    with pytest.raises(InputError, match=r"bonds\.json is damaged"):
        async with bench(tmp_path):
            pass


async def test_the_battery_is_kept_and_charges_between_uses(tmp_path: Path) -> None:
    async with bench(tmp_path, scenario=Scenario(battery=Battery(percent=41))) as there:
        assert there.roller.machine.battery_percent in {40, 41}
    async with bench(tmp_path) as there:
        assert there.roller.machine.battery_percent in {40, 41}
