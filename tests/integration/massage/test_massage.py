"""A massage runs over the whole stack, from the session to the electrode."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import ConnectionLostError, InterruptedSessionError
from glowtool.model.ending import Ending
from glowtool.model.event import EventKind
from glowtool.model.face import Zone
from glowtool.model.state import State
from glowtool.safety.gate import Gate
from glowtool.session.do.runner import Session
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.state import LogState
from support.stack.massage import Waiting, delivered, paired_roller, step

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
async def test_a_massage_of_six_seconds_is_run_and_recorded_whole(tmp_path: Path) -> None:
    async with paired_roller(tmp_path) as bench:
        result = await Session(bench.plan(step(Zone.CHEEK_LEFT, 3000), step(Zone.CHEEK_RIGHT, 3000))).run()
    assert (result.ending, result.problem, result.confirmed) == (Ending.COMPLETED, None, True)

    books = result.counters
    assert books.received + books.lost + books.duplicate + books.late == books.sent
    assert (books.lost, books.duplicate, books.late, books.decode_errors, books.dropped) == (0, 0, 0, 0, 0)
    assert books.sent > 100

    log = SessionLog.open(result.path)
    assert log.manifest.state is LogState.FINISHED
    samples = log.samples("sample", "device_time_us", "step", "amplitude", "peak_ua", "pressure_l_kpa")
    assert np.array_equal(samples["sample"], np.arange(len(samples["sample"])))
    assert [span.index for span in result.steps] == [0, 1]
    for span in result.steps:
        assert span.end_us - span.start_us == pytest.approx(3_000_000, abs=50_000)
        during = samples["step"] == span.index
        assert during.sum() == pytest.approx(600, abs=12)
    assert np.any(samples["peak_ua"].astype(float)[samples["step"] == 0] > 0)
    assert np.any(samples["pressure_l_kpa"].astype(float) > 1)

    record = delivered(bench)
    assert record["peak_ua"].max() > 20
    assert record["amplitude"].max() > 0.05
    assert record["peak_ua"][-1] == 0
    assert record["amplitude"][-1] == 0


@pytest.mark.slow
async def test_a_stop_in_mid_step_makes_the_electrode_zero_at_once(tmp_path: Path) -> None:
    async with paired_roller(tmp_path) as bench:
        view = Waiting()
        session = Session(bench.plan(step(Zone.CHEEK_LEFT, 20_000)))
        running = asyncio.create_task(session.run(view.publish))
        await view.delivering.wait()
        asked_us = time.time_ns() // 1000
        session.request_stop()
        result = await running
    assert (result.ending, result.confirmed) == (Ending.STOPPED, True)
    assert isinstance(result.problem, InterruptedSessionError)
    assert result.counters.lost == 0
    assert SessionLog.open(result.path).events()[-1].kind is EventKind.STOP

    record = delivered(bench)
    assert record["peak_ua"].max() > 0
    driven = record["unix_us"][(record["drive_peak_ua"] > 0) | (record["drive_amplitude"] > 0)]
    flowing = record["unix_us"][record["peak_ua"] > 0]
    assert (driven.max() - asked_us) / 1000 < 250
    assert (flowing.max() - asked_us) / 1000 < 250
    assert record["amplitude"][-1] == 0


@pytest.mark.slow
async def test_a_link_that_dies_in_mid_step_stops_the_roller_and_keeps_the_log(tmp_path: Path) -> None:
    async with paired_roller(tmp_path) as bench:
        view = Waiting()
        session = Session(bench.plan(step(Zone.CHEEK_LEFT, 20_000)))
        running = asyncio.create_task(session.run(view.publish))
        await view.delivering.wait()
        cut_us = time.time_ns() // 1000
        await bench.clients[-1].disconnect()
        result = await running
    assert result.ending is Ending.LINK_LOST
    assert isinstance(result.problem, ConnectionLostError)
    log = SessionLog.open(result.path)
    assert log.manifest.ending is Ending.LINK_LOST
    assert len(log.samples("sample")["sample"]) > 0

    record = delivered(bench)
    driven = record["unix_us"][(record["drive_peak_ua"] > 0) | (record["drive_amplitude"] > 0)]
    assert (driven.max() - cut_us) / 1000 < 1000
    assert record["drive_peak_ua"][-1] == 0
    assert record["drive_amplitude"][-1] == 0


@pytest.mark.slow
async def test_after_a_lost_link_the_next_massage_needs_no_pairing_and_begins_at_zero(tmp_path: Path) -> None:
    async with paired_roller(tmp_path) as bench:
        view = Waiting()
        running = asyncio.create_task(Session(bench.plan(step(Zone.CHEEK_LEFT, 20_000))).run(view.publish))
        await view.delivering.wait()
        await bench.clients[-1].disconnect()
        await running
        async with Roller.open(bench.client_for, Gate()) as roller:
            assert roller.status.state in {State.IDLE, State.READY}
            assert roller.status.levels.zero
        result = await Session(bench.plan(step(Zone.CHEEK_LEFT, 1000))).run()
        assert result.ending is Ending.COMPLETED


@pytest.mark.slow
async def test_a_bond_outlives_the_process(tmp_path: Path) -> None:
    results = []
    for _ in range(2):
        async with paired_roller(tmp_path) as bench:
            results.append(await Session(bench.plan(step(Zone.CHEEK_LEFT, 1000))).run())
            assert bench.paired_now == (len(results) == 1)
    assert [result.ending for result in results] == [Ending.COMPLETED] * 2
    first, second = (SessionLog.open(result.path).manifest for result in results)
    assert first.device == second.device
    assert first.session_id != second.session_id
