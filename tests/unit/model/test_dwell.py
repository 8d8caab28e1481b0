"""Lint, gate and firmware share one rule: no place is worked for more than 300 s without as much rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glowsim.firmware.retained.dose import LEASE_US
from glowsim.firmware.retained.dwell import PLACE_US_MAX, PlaceDwell, dwell_from
from glowsim.firmware.retained.memory import restored
from glowsim.physics.types import TICK_US
from glowtool.drivers.gr1.commands.wire_gate import WireGate
from glowtool.errors import SafetyError
from glowtool.model.dwell import overruns, stretches
from glowtool.model.face import Zone
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.codec import Request
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, NoOperands, ProgramBegin, ProgramData, Trim
from glowtool.protocol.program import STEP_SIZE, StepRecord, program_crc, step_of
from glowtool.protocol.vocabulary import Result
from glowtool.routine import compile_routine
from glowtool.safety import Gate
from glowtool.safety.lint import lint_program
from glowtool.safety.rules.finding import Rule, Severity
from glowtool.store.routines.load import builtin_names, load_routine
from support.device.firmware_bench import Bench, step
from support.device.programs import raw_program
from support.device.volatile_memory import VolatileMemory

CHEEK: Final = step(300_000)
OTHER: Final = replace(CHEEK, zone=Zone.CHEEK_RIGHT)


def rest(duration_ms: int) -> StepRecord:
    return step(duration_ms, 0, 0)


PLACES = st.sampled_from((Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.CHIN))
STEPS = st.builds(
    lambda zone, seconds, output: replace(step(seconds * 1000, *output), zone=zone),
    PLACES,
    st.integers(1, 300),
    st.sampled_from(((400, 200), (400, 0), (0, 200), (0, 0))),
)
PROGRAMS = st.lists(STEPS, min_size=1, max_size=10).filter(lambda steps: sum(s.duration_ms for s in steps) <= 1_200_000)


def second_by_second(steps: list[StepRecord]) -> bool:
    """Return whether a place holds more than 300 s at any second: the rule as people would count it."""
    held: dict[Zone, int] = dict.fromkeys(Zone, 0)
    for item in steps:
        for _ in range(item.duration_ms // 1000):
            for zone in Zone:
                working = zone == item.zone and (item.amplitude_permille or item.peak_ua)
                held[zone] = held[zone] + 1 if working else max(0, held[zone] - 1)
            if max(held.values()) > 300:
                return True
    return False


def gate_takes(data: bytes) -> bool:
    gate = WireGate(Gate())
    begin = ProgramBegin(len(data) // STEP_SIZE, len(data), program_crc(data))
    try:
        gate.check(Request(Opcode.PROGRAM_BEGIN, 0, begin))
        gate.check(Request(Opcode.PROGRAM_DATA, 0, ProgramData(0), data))
        gate.check(Request(Opcode.PROGRAM_COMMIT, 0, NoOperands()))
    except SafetyError:
        return False
    return True


@given(PROGRAMS)
@example([CHEEK] * 4)
@example([CHEEK, OTHER] * 2)
@example([CHEEK, rest(300_000), CHEEK])
@example([CHEEK, rest(299_000), CHEEK])
@settings(max_examples=60, deadline=None)
def test_lint_gate_and_firmware_agree_on_it(steps: list[StepRecord]) -> None:
    too_long = second_by_second(steps)
    assert too_long == any(item.what.startswith("time on") for item in lint_program(map(step_of, steps)))
    data = raw_program(steps)
    assert too_long == (not gate_takes(data))
    assert Bench().upload(data) is (Result.OVER_CEILING if too_long else Result.SUCCESS)


def test_four_times_five_minutes_on_one_cheek_is_refused_with_the_rest_that_it_needs() -> None:
    found = [item for item in lint_program([step_of(CHEEK)] * 4) if item.severity is Severity.REFUSE]
    assert [(item.rule, item.step) for item in found] == [(Rule.CEILING, 1), (Rule.CEILING, 2), (Rule.CEILING, 3)]
    assert str(found[0]) == (
        "steps[1]: time on cheek-left is 600 s; it must be at most 300 s "
        "(one place is not worked longer without as much rest; auto-off of comparable devices)"
    )
    assert found[0].fix == "let it rest for 300 s before this step, or work other zones for as long"


@given(PROGRAMS)
@settings(max_examples=60, deadline=None)
def test_the_rests_that_are_told_make_it_right(steps: list[StepRecord]) -> None:
    told = {over.index: over.rest for over in overruns(stretches(steps), 300_000)}
    rested = [item for n, each in enumerate(steps) for item in ((None, told.get(n, 0)), *stretches([each]))]
    assert overruns(rested, 300_000) == ()


@pytest.mark.parametrize("name", builtin_names())
def test_every_built_in_routine_is_in_order(name: str) -> None:
    assert lint_program(compile_routine(load_routine(name))) == ()


def filled(seconds: float, zone: Zone = Zone.CHEEK_LEFT) -> Bench:
    """Return a roller whose flash says that a place was worked for this long."""
    return Bench(memory=VolatileMemory({"dose": {"places": {str(int(zone)): round(seconds * 1e6)}}}))


def test_a_massage_after_another_needs_the_rest_that_is_missing() -> None:
    bench = filled(290.0)
    bench.load(step(20_000))
    assert bench.result(Opcode.START) is Result.OVER_CEILING
    bench.run(10.1)
    assert bench.result(Opcode.START) is Result.SUCCESS
    other = filled(290.0)
    other.start(replace(step(20_000), zone=Zone.CHEEK_RIGHT))


def test_uploads_and_losses_of_power_give_nothing_back() -> None:
    bench = filled(290.0)
    for _ in range(3):
        bench.load(step(20_000))
        assert bench.result(Opcode.START) is Result.OVER_CEILING
        bench = Bench(memory=bench.memory)


def test_power_lost_again_and_again_ends_at_the_ceiling() -> None:
    """Each massage of 4 s costs at most its lease; never is a place worked for longer than the flash says."""
    memory, worked_us = VolatileMemory({"dose": {"places": {"5": 260_000_000}}}), 260_000_000
    for _ in range(12):
        bench = Bench(memory=memory)
        bench.load(step(8000, peak_ua=0))
        if bench.result(Opcode.START) is not Result.SUCCESS:
            break
        worked_us += TICK_US * sum(drive.amplitude > 0.0 for drive in bench.run(4.0))
        held_us = restored(memory.load()).dwell.worked_us(Zone.CHEEK_LEFT)
        assert worked_us <= held_us <= worked_us + 12 * LEASE_US
    else:
        pytest.fail("it never ended")
    assert worked_us <= PLACE_US_MAX


def test_a_rest_that_is_needed_cannot_be_skipped_and_a_step_not_lengthened_over_it() -> None:
    bench = filled(280.0)
    bench.start(step(15_000), rest(20_000), step(15_000))
    assert bench.result(Opcode.EXTEND, Extend(6000)) is Result.OVER_CEILING
    assert bench.result(Opcode.EXTEND, Extend(1000)) is Result.SUCCESS
    bench.run(16.2)
    assert bench.firmware.status(bench.now_us).step == 1
    assert bench.result(Opcode.SKIP) is Result.OVER_CEILING
    bench.run(12.0)
    assert bench.result(Opcode.SKIP) is Result.SUCCESS


def test_at_the_ceiling_outputs_are_held_back_there_and_the_massage_goes_on_elsewhere() -> None:
    bench = Bench()
    bench.start(step(10_000), replace(step(10_000), zone=Zone.CHEEK_RIGHT))
    bench.firmware._core.retained.dwell = PlaceDwell({5: PLACE_US_MAX - 3_000_000})
    drives = bench.run(9.9)
    assert not drives[590].quiet
    assert all(drive.quiet for drive in drives[605:])
    assert Interlock.DOSE in bench.firmware.status(bench.now_us).interlocks
    bench.run(2.0)
    assert bench.state is State.RUNNING
    assert not bench.drive.quiet
    assert Interlock.DOSE not in bench.firmware.status(bench.now_us).interlocks


def test_a_pause_and_a_trim_to_nothing_give_back() -> None:
    bench = filled(200.0)
    bench.start(step(60_000))
    bench.run(5.0)
    bench.result(Opcode.TRIM, Trim(0, 0))
    bench.tick()
    dwell = bench.firmware._core.retained.dwell
    before_us = dwell.worked_us(Zone.CHEEK_LEFT)
    bench.run(2.0)
    bench.result(Opcode.PAUSE)
    bench.run(2.0)
    assert before_us - dwell.worked_us(Zone.CHEEK_LEFT) == pytest.approx(4_000_000, abs=20_000)


def test_the_button_starts_nothing_on_a_place_that_has_had_enough() -> None:
    bench = filled(0.0)
    bench.load(step(20_000))
    bench.result(Opcode.PROGRAM_STORE)
    for seconds, state in ((290.0, State.IDLE), (200.0, State.RUNNING)):
        memory = bench.memory
        memory.save({"dose": {"places": {"5": round(seconds * 1e6)}}})
        again = Bench(memory=memory)
        again.firmware.press_button(again.now_us, 0.2)
        assert again.state is state


KEPT = st.none() | st.integers() | st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=2), max_size=3)


@given(KEPT)
def test_what_cannot_be_read_counts_as_full(kept: object) -> None:
    dwell = dwell_from(kept)
    whole = isinstance(kept, dict) and all(
        place.isdecimal() and isinstance(us, int) and us >= 0 for place, us in kept.items()
    )
    if not whole and kept is not None:
        assert all(dwell.worked_us(zone) == PLACE_US_MAX for zone in Zone)
    assert dwell_from(dwell.kept()).kept() == dwell.kept()
