"""A roller and a host on the virtual air pay for loss, delay and silence what a real radio makes them pay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from glowsim.air.air import Air
from glowsim.air.conditions import USUAL, LinkConditions
from glowsim.evidence.record import read_delivered
from glowsim.roller.state_dir import seeded
from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.protocol import gatt
from glowtool.protocol.commands.opcode import Opcode
from glowtool.session.do.runner import Session
from support.air.radio import host_on_air
from support.air.rollers import bench, bonded_console, start, until_driven
from support.air.streaming import sequences_of, stream
from support.host.virtual_time import in_virtual_time
from support.stack.massage import paired_roller, step

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.session.plan import SessionResult


@in_virtual_time
async def test_a_lossy_link_with_jitter_delivers_every_frame_in_order(tmp_path: Path) -> None:
    rough = LinkConditions(interval_s=0.03, loss=0.2, jitter_s=0.02, delay_s=0.005, supervision_s=4.0)
    async with bench(tmp_path) as there:
        there.air.set_conditions(rough, there.roller.address)
        async with bonded_console(there) as console:
            await stream(console)
            await start(console)
            for _ in range(30):
                await console.ask(Opcode.HEARTBEAT)
                await asyncio.sleep(0.2)
            await console.ask(Opcode.STOP)
            sequences = sequences_of(console.frames)
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
            await stream(console, 400)
            await asyncio.sleep(2.0)
    assert len(moments) > 50
    for moment in moments:
        events = (moment - moments[0]) / 0.05
        assert events == pytest.approx(round(events), abs=1e-4)
    assert len(set(moments)) < len(moments), "what was due in one interval arrives at one event"


@in_virtual_time
async def test_a_short_silence_costs_time_but_no_frame(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        there.air.set_conditions(USUAL)
        async with bonded_console(there) as console:
            await stream(console)
            await asyncio.sleep(0.5)
            there.air.set_conditions(LinkConditions(loss=1.0, supervision_s=4.0))
            await asyncio.sleep(0.1)
            before = len(console.frames)
            await asyncio.sleep(1.0)
            assert len(console.frames) == before
            there.air.set_conditions(USUAL)
            await asyncio.sleep(1.0)
            sequences = sequences_of(console.frames)
    assert sequences == list(range(len(sequences)))
    assert len(sequences) > before + 20


@in_virtual_time
async def test_a_long_silence_loses_what_the_roller_cannot_keep_and_the_numbers_say_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        there.air.set_conditions(LinkConditions(interval_s=0.03, supervision_s=30.0))
        async with bonded_console(there) as console:
            await stream(console)
            await asyncio.sleep(0.5)
            there.air.set_conditions(LinkConditions(loss=1.0, supervision_s=30.0))
            await asyncio.sleep(0.1)
            before = len(console.frames)
            await asyncio.sleep(10.0)
            assert there.roller.peripheral is not None
            assert there.roller.peripheral.backlog() <= 100
            there.air.set_conditions(LinkConditions(interval_s=0.03, supervision_s=30.0))
            await asyncio.sleep(1.0)
            sequences = sequences_of(console.frames)
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
        await stream(console)
        there.air.set_conditions(LinkConditions(duplicate=1.0), there.roller.address)
        await asyncio.sleep(1.0)
        there.air.set_conditions(LinkConditions(host_drop=0.5), there.roller.address)
        doubled = sequences_of(console.frames)
        await asyncio.sleep(2.0)
        for _ in range(20):
            await console.ask(Opcode.HEARTBEAT)
        thinned = sequences_of(console.frames)[len(doubled) :]
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
