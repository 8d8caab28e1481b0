"""The day's dose never exceeds its ceiling in 24 h of runtime, whatever clocks say and power does.

Judged by what electrode and motor received, and never by what the firmware says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glowsim.firmware.retained.dose import AFTER_US, CURRENT_US_MAX, DAY_US, VIBRATION_US_MAX, DayDose, Hour, dose_from
from glowsim.firmware.watchdog import RUN_DOWN_US
from glowsim.physics.types import Drive
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import SetTime
from glowtool.protocol.records import Diagnostic, DiagnosticGet, DiagnosticValue
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import LATEST_UNIX_MS
from support.device.firmware_bench import Bench, step
from support.device.held_dose import BOTH_ON, MOTOR_ON
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from collections.abc import Mapping


HOUR_US: Final = 3600 * 1_000_000
SPENT: Final = {"runtime_us": 0, "hours": [[0, CURRENT_US_MAX, 0]]}


def test_each_output_is_counted_and_spent_before_its_ceiling() -> None:
    dose = DayDose()
    spent = []
    for dt_us, drive in (
        (CURRENT_US_MAX - AFTER_US, BOTH_ON),
        (1, BOTH_ON),
        (VIBRATION_US_MAX, replace(BOTH_ON, peak_ua=0.0)),
    ):
        dose.pass_time(dt_us, drive)
        spent.append((dose.current_spent, dose.vibration_spent))
    assert spent == [(False, False), (True, False), (True, True)]


def test_what_was_used_comes_back_after_24_hours_of_runtime_hour_by_hour() -> None:
    dose = DayDose()
    dose.take_lease(BOTH_ON)
    dose.pass_time(60_000_000, BOTH_ON)
    dose.pass_time(5 * HOUR_US, Drive())
    dose.take_lease(BOTH_ON)
    dose.pass_time(30_000_000, BOTH_ON)
    assert dose.current_us == 90_000_000
    assert dose.returns_in_us == DAY_US + RUN_DOWN_US - 5 * HOUR_US - 30_000_000
    dose.pass_time(dose.returns_in_us - 1, Drive())
    assert dose.current_us == 90_000_000
    dose.pass_time(1, Drive())
    assert dose.current_us == 30_000_000
    dose.pass_time(6 * HOUR_US, Drive())
    assert (dose.current_us, dose.returns_in_us) == (0, 0)


def test_a_day_has_24_hours() -> None:
    """Written out, since everything else is reckoned with the firmware's own number."""
    dose = DayDose(0, [Hour(0, CURRENT_US_MAX, 0)])
    dose.pass_time(86_399_999_999, Drive())
    assert dose.current_spent
    dose.pass_time(1, Drive())
    assert not dose.current_spent


USE = st.tuples(st.integers(0, 30 * HOUR_US), st.integers(1, 6000), st.booleans())


@given(st.lists(USE, max_size=12))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_24_hours_of_runtime_hold_more_than_the_ceiling(uses: list[tuple[int, int, bool]]) -> None:
    """The power is lost after some uses, and with it the runtime since the last write.

    The 24 hours are those of a clock that never stops, wherever they begin.
    """
    dose, now_us, flash = DayDose(), 0, DayDose().kept()
    on: list[tuple[int, int]] = []
    for wait_us, ticks, power_lost in uses:
        dose.pass_time(wait_us, Drive())
        now_us += wait_us
        for _ in range(ticks):
            drive = Drive() if dose.vibration_spent else MOTOR_ON
            if dose.due(drive):
                dose.take_lease(drive)
                flash = dose.kept()
            now_us += 100_000
            dose.pass_time(100_000, drive)
            on += [] if drive.quiet else [(now_us, 100_000)]
        if power_lost:
            dose = dose_from(flash)
    first, within_us = 0, 0
    for at_us, dt_us in on:
        within_us += dt_us
        while on[first][0] - on[first][1] < at_us - DAY_US:
            within_us -= on[first][1]
            first += 1
        assert within_us <= VIBRATION_US_MAX


def test_a_spent_dose_ends_the_massage_and_outlives_the_power() -> None:
    dose = {"runtime_us": 0, "hours": [[0, CURRENT_US_MAX - 3_000_000, 0]]}
    bench = Bench(memory=VolatileMemory({"dose": dose}))
    bench.start(step(20_000))
    bench.run(5.0)
    assert bench.state is State.READY
    assert bench.drive.quiet
    assert Interlock.DOSE in bench.firmware.status(bench.now_us).interlocks
    assert bench.result(Opcode.START) is Result.OVER_CEILING
    again = Bench(memory=bench.memory)
    again.load(step())
    assert again.result(Opcode.START) is Result.OVER_CEILING


CLOCKS = st.lists(st.integers(1, LATEST_UNIX_MS), max_size=4)


@given(st.lists(CLOCKS, min_size=1, max_size=3))
@settings(max_examples=30, deadline=None)
def test_a_clock_set_to_any_day_gives_no_new_dose(cycles: list[list[int]]) -> None:
    bench = Bench(memory=VolatileMemory({"dose": SPENT}))
    for clocks in cycles:
        for unix_ms in clocks:
            bench.result(Opcode.SET_TIME, SetTime(unix_ms))
            bench.tick()
        bench.load(step())
        assert bench.result(Opcode.START) is Result.OVER_CEILING
        bench = Bench(memory=bench.memory)
    bench.load(step())
    bench.tick(DAY_US)
    assert bench.result(Opcode.START) is Result.SUCCESS


@pytest.mark.parametrize(
    "kept",
    [
        {"day": 20_000, "on_us": 7, "current_us": CURRENT_US_MAX, "vibration_us": 0},
        {"runtime_us": -1, "hours": []},
        {"runtime_us": 0, "hours": [[0, 1]]},
        {"runtime_us": 0, "hours": [[0, "x", 1]]},
        {"hours": None},
        [],
        "spent",
    ],
)
def test_a_dose_of_older_firmware_counts_and_one_that_cannot_be_read_is_spent(kept: Mapping[str, object]) -> None:
    bench = Bench(memory=VolatileMemory({"dose": kept}))
    bench.load(step())
    assert bench.result(Opcode.START) is Result.OVER_CEILING


def test_diagnostics_tell_what_counts_and_when_it_comes_back() -> None:
    bench = Bench(
        memory=VolatileMemory({"dose": {"hours": [[0, 600_000_001, 7_000_000]], "places": {"5": 290_000_000}}})
    )
    bench.load(step(20_000))
    told = {
        item: bench.send(Opcode.DIAGNOSTICS, DiagnosticGet(item)).payload
        for item in (
            Diagnostic.DAY_CURRENT_S,
            Diagnostic.DAY_VIBRATION_S,
            Diagnostic.DAY_RETURNS_MINUTES,
            Diagnostic.PROGRAM_REST_S,
        )
    }
    assert list(told.values()) == [DiagnosticValue(number) for number in (601, 7, 24 * 60, 10)]
