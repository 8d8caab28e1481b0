"""What the roller reports, and when; and what it keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.firmware.dose import CURRENT_US_MAX, VIBRATION_US_MAX, DayDose
from glowsim.firmware.memory import VolatileMemory, restored
from glowsim.firmware.reporter import Essence, Reporter
from glowsim.physics.types import Drive
from glowtool.protocol.control import Opcode, SetTime
from glowtool.protocol.status import NO_STEP, Status, encode_feature
from glowtool.protocol.vocabulary import Interlock, Result, State, Waveform
from glowtool.protocol.wire import decode, encode
from support.firmware_bench import SKIN, Bench, bench_in, step

WHAT, OTHER = (0, 255, 0, 0, 0), (1, 255, 1, 0, 0)
ZERO, SOME = (0, 0, 0, 0), (100, 750, 0, 0)
BOTH_ON = Drive(0.1, 75.0, 10.0, 10.0, Waveform.MODULATED)
HOUR_US = 3600 * 1_000_000
DAY_MS = 86_400_000


def test_a_change_is_reported_at_once_outputs_five_times_a_second_and_rest_once() -> None:
    reporter = Reporter()
    assert reporter.due(0, Essence(WHAT, ZERO))
    assert not reporter.due(999_999, Essence(WHAT, ZERO))
    assert reporter.due(1_000_000, Essence(WHAT, ZERO))
    assert not reporter.due(1_199_999, Essence(WHAT, SOME))
    assert reporter.due(1_200_000, Essence(WHAT, SOME))
    assert reporter.due(1_200_001, Essence(OTHER, SOME))


def test_statuses_tell_the_story_of_a_massage() -> None:
    bench = Bench()
    bench.start(step(3000), step(3000))
    seen: list[Status] = []
    for _ in range(26):
        for _ in range(50):
            bench.tick()
            status = bench.firmware.take_status(bench.now_us)
            seen += [] if status is None else [status]
        bench.send(Opcode.HEARTBEAT)
    steps = list(dict.fromkeys((status.state, status.step) for status in seen))
    assert steps == [(State.RUNNING, 0), (State.RUNNING, 1), (State.READY, NO_STEP)]
    assert len(seen) < 6.5 * 5 + 10
    assert all(decode(Status, encode(status)) == status for status in seen)
    first_of_second = next(status for status in seen if status.step == 1)
    assert first_of_second.step_elapsed_ms < 10
    assert first_of_second.massage_elapsed_ms == pytest.approx(3000, abs=10)


def test_interlocks_of_the_hand_are_reported() -> None:
    bench = bench_in(State.RUNNING)
    bench.sensed = replace(SKIN, cells_raw=(1400, 300, 300, 300))
    bench.tick()
    flags = bench.firmware.status(bench.now_us).interlocks
    assert {Interlock.PRESSURE_CAUTION, Interlock.PRESSURE_ZERO} <= set(flags)
    assert bench.firmware.status(bench.now_us).outputs.zero


def test_the_feature_is_the_table_of_ceilings() -> None:
    assert len(encode_feature(Bench().firmware.feature)) > 100


def test_the_day_dose_counts_each_output_and_is_spent_at_its_ceiling() -> None:
    dose = DayDose()
    spent = []
    for dt_us, drive in (
        (CURRENT_US_MAX - 1, BOTH_ON),
        (1, BOTH_ON),
        (VIBRATION_US_MAX, replace(BOTH_ON, peak_ua=0.0)),
    ):
        dose.pass_time(dt_us, 10, drive)
        spent.append((dose.current_spent, dose.vibration_spent))
    assert spent == [(False, False), (True, False), (True, True)]


def test_a_new_day_brings_a_new_dose_and_one_that_is_over_does_not() -> None:
    dose = DayDose(day=11, current_us=CURRENT_US_MAX)
    dose.pass_time(5000, 11, Drive())
    assert dose.current_spent
    dose.pass_time(5000, 9, Drive())
    assert dose.current_spent
    dose.pass_time(5000, 10, Drive())
    assert not dose.current_spent


def test_without_a_clock_a_day_is_24_hours_with_the_power_on() -> None:
    dose = DayDose(current_us=CURRENT_US_MAX)
    dose.pass_time(23 * HOUR_US, None, Drive())
    assert dose.current_spent
    dose.pass_time(HOUR_US, None, Drive())
    assert not dose.current_spent


def test_a_loss_of_power_forgets_no_more_than_five_seconds_of_the_dose() -> None:
    bench = Bench()
    bench.start(step(60_000))
    bench.run(12.0)
    kept = restored(bench.memory.load()).dose
    assert 7_000_000 <= kept.vibration_us <= 12_000_000


def test_a_spent_dose_ends_the_massage_and_outlives_the_power() -> None:
    dose = {"day": None, "on_us": 0, "current_us": CURRENT_US_MAX - 3_000_000, "vibration_us": 0}
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


def test_a_clock_moved_while_it_runs_gives_no_new_dose() -> None:
    dose = {"current_us": CURRENT_US_MAX, "day": 20_000}
    bench = Bench(memory=VolatileMemory({"dose": dose}))
    bench.load(step())
    bench.send(Opcode.SET_TIME, SetTime(20_000 * 86_400_000))
    bench.tick()
    bench.send(Opcode.SET_TIME, SetTime(20_001 * 86_400_000))
    bench.tick()
    assert bench.result(Opcode.START) is Result.OVER_CEILING


@given(st.lists(st.integers(19_000 * DAY_MS, 21_000 * DAY_MS), max_size=4), st.integers(1, DAY_MS - 10_000))
def test_a_clock_moved_to_the_eve_of_a_day_brings_none_sooner(moves: list[int], first_ms: int) -> None:
    bench = Bench(memory=VolatileMemory({"dose": {"current_us": CURRENT_US_MAX, "day": 20_000}}))
    bench.load(step())
    bench.send(Opcode.SET_TIME, SetTime(20_000 * DAY_MS + first_ms))
    for unix_ms in (*moves, 20_001 * DAY_MS - 500):
        bench.send(Opcode.SET_TIME, SetTime(unix_ms))
        bench.run(1.0)
    assert bench.result(Opcode.START) is Result.OVER_CEILING
    bench.tick((DAY_MS - first_ms) * 1000)
    assert bench.result(Opcode.START) is Result.SUCCESS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
KEYS = st.sampled_from(("settings", "tare", "dose", "counters", "runtime_us", "watchdog_ms", "current_us"))


@given(st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=3), max_size=5))
def test_a_damaged_memory_gives_a_roller_that_works(content: dict[str, object]) -> None:
    kept = restored(content)
    assert restored(kept.kept()).kept() == kept.kept()
    bench = Bench(memory=VolatileMemory(content))
    assert bench.tick().quiet


def test_what_is_kept_comes_back() -> None:
    bench = bench_in(State.RUNNING)
    bench.result(Opcode.STOP)
    bench.tick()
    dose = restored(bench.memory.load()).dose
    assert dose.vibration_us == pytest.approx(2_000_000, abs=20_000)
