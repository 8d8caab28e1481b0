"""The roller reports a change at once and the rest in due time, and works with a damaged memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.firmware.reporter import Essence, Reporter
from glowsim.firmware.retained.memory import restored
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.status import WIRE_NO_STEP, Status, encode_feature
from glowtool.protocol.wire import decode, encode
from support.device.firmware_bench import SKIN, Bench, bench_in, step
from support.device.volatile_memory import VolatileMemory

WHAT, OTHER = (0, 255, 0, 0, 0), (1, 255, 1, 0, 0)
ZERO, SOME = (0, 0, 0, 0), (100, 750, 0, 0)


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
    assert steps == [(State.RUNNING, 0), (State.RUNNING, 1), (State.READY, WIRE_NO_STEP)]
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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
KEYS = st.sampled_from(("settings", "tare", "dose", "counters", "runtime_us", "watchdog_ms", "current_us", "hours"))


@given(st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=3), max_size=5))
def test_a_damaged_memory_gives_a_roller_that_works(content: dict[str, object]) -> None:
    kept = restored(content)
    assert restored(kept.kept()).kept() == kept.kept()
    bench = Bench(memory=VolatileMemory(content))
    assert bench.tick().quiet
