"""The first check that a request fails is its answer, whatever else is wrong with it."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.firmware.watchdog import silent_too_long
from glowsim.physics.types import TICK_US
from glowtool.model.state import State
from glowtool.protocol.ceilings import WATCHDOG_MS_MIN
from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.codec import decode_response
from glowtool.protocol.commands.command import Giver
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import ProgramBegin, SettingSet
from glowtool.protocol.commands.states import refusal
from glowtool.protocol.liveness import heartbeat_period_ms, latest_heartbeat_ms, longest_wait_ms
from glowtool.protocol.program import PROGRAM_SIZE_MAX, STEP_SIZE
from glowtool.protocol.vocabulary import Result, Setting
from glowtool.protocol.wire import layout
from support.device.borders import borders, good
from support.device.firmware_bench import MTU, Bench, bench_in, step

if TYPE_CHECKING:
    from collections.abc import Iterator

STRANGER = "another host"

#: What breaks each rule over fields and tables, every field being within its own range.
RULE_BREAKERS = {
    Opcode.PROGRAM_BEGIN: [struct.pack("<BHI", 2, STEP_SIZE, 0), struct.pack("<BHI", 1, STEP_SIZE + 1, 0)],
    Opcode.PROGRAM_DATA: [struct.pack("<H", PROGRAM_SIZE_MAX - 1) + bytes(2)],
    Opcode.SETTING_GET: [bytes([0]), bytes([255])],
    Opcode.SETTING_SET: [
        struct.pack("<Bi", 255, 0),
        struct.pack("<Bi", Setting.WATCHDOG_MS, WATCHDOG_MS_MIN - 1),
        struct.pack("<Bi", Setting.PEAK_UA_MAX, -1),
    ],
    Opcode.TELEMETRY_START: [struct.pack("<HI", 201, ALL_FAST), struct.pack("<HI", 200, ALL_FAST | 1 << 31)],
}

EVERY_STATE = pytest.mark.parametrize("state", State, ids=lambda state: state.name)


def of_wrong_length(opcode: Opcode) -> Iterator[bytes]:
    """Yield operands of every other length about the declared one, of bytes that are in no range either."""
    size = sum(item.wire.size for item in layout(opcode.command.operands))
    lengths = range(size + 1) if opcode.command.tail else (*range(size), size + 1, size + 2, 200)
    yield from (b"\xff" * length for length in lengths)


def out_of_range(opcode: Opcode) -> Iterator[bytes]:
    """Yield operands of the right length that a field's range or a rule forbids."""
    fields = layout(opcode.command.operands)
    for item in fields:
        for value in borders(item):
            known = item.enumeration is None or value in set(map(int, item.enumeration))
            if item.low <= value <= item.high and known:
                continue
            body = bytearray(good(opcode))
            body[item.offset : item.offset + item.wire.size] = value.to_bytes(
                item.wire.size, "little", signed=item.wire.lowest < 0
            )
            yield bytes(body)
    yield from RULE_BREAKERS.get(opcode, ())


def ask(bench: Bench, opcode: int, body: bytes) -> Result:
    """Write a request and return the result of its answer."""
    return decode_response(bench.firmware.on_control(bench.now_us, bytes((opcode, 7)) + body, MTU)).head.result


def strangers(state: State) -> Bench:
    """Return a roller in a state to which now a host is connected that neither program nor massage belongs to."""
    bench = bench_in(state)
    bench.firmware.on_link(bench.now_us, up=False, authenticated=False)
    bench.firmware.on_link(bench.now_us, up=True, authenticated=True, host=STRANGER)
    return bench


def test_the_rules_of_the_page_are_all_tried() -> None:
    assert set(RULE_BREAKERS) == {opcode for opcode in Opcode if opcode.command.rule is not None}


@EVERY_STATE
def test_length_and_ranges_come_before_state_and_host(state: State) -> None:
    bench = strangers(state)
    before = bench.state
    for opcode in Opcode:
        for body in of_wrong_length(opcode):
            assert ask(bench, opcode, body) is Result.BAD_LENGTH, (opcode, body)
        for body in out_of_range(opcode):
            unknown = opcode in {Opcode.SETTING_GET, Opcode.SETTING_SET} and body[0] not in set(Setting)
            wanted = Result.UNKNOWN_SETTING if unknown else Result.OUT_OF_RANGE
            assert ask(bench, opcode, body) is wanted, (opcode, body)
    assert ask(bench, 0xEE, b"\xff" * 200) is Result.UNKNOWN_OPCODE
    assert bench.state is before


@EVERY_STATE
def test_state_comes_before_host_and_host_before_everything_else(state: State) -> None:
    for opcode in Opcode:
        bench = strangers(state)
        now = bench.state
        result = ask(bench, opcode, good(opcode))
        refused = refusal(now, opcode)
        if refused is not None:
            assert result is refused, opcode
        elif opcode.command.giver is Giver.ANY:
            assert result not in {Result.WRONG_STATE, Result.LOCKED, Result.NOT_FROM_THIS_HOST}, opcode
        else:
            assert result is Result.NOT_FROM_THIS_HOST, opcode


def test_a_stranger_is_told_whose_the_program_is_also_with_an_empty_battery() -> None:
    bench = strangers(State.READY)
    bench.sensed = replace(bench.sensed, battery_percent=1)
    bench.run(2.1)
    assert ask(bench, Opcode.START, b"") is Result.NOT_FROM_THIS_HOST


def test_an_upload_that_there_is_not_comes_after_the_range_of_its_piece() -> None:
    bench = Bench()
    assert ask(bench, Opcode.PROGRAM_DATA, RULE_BREAKERS[Opcode.PROGRAM_DATA][0]) is Result.OUT_OF_RANGE
    assert ask(bench, Opcode.PROGRAM_DATA, good(Opcode.PROGRAM_DATA)) is Result.NO_PROGRAM
    bench.send(Opcode.PROGRAM_BEGIN, ProgramBegin(1, STEP_SIZE, 0))
    assert ask(bench, Opcode.PROGRAM_DATA, struct.pack("<H", STEP_SIZE) + b"\0") is Result.OUT_OF_RANGE


@given(silence_us=st.integers(0, 1_100_000), watchdog_ms=st.integers(WATCHDOG_MS_MIN, 1000))
def test_a_host_is_given_up_when_the_page_says(silence_us: int, watchdog_ms: int) -> None:
    assert silent_too_long(silence_us, 0, watchdog_ms) is (silence_us >= latest_heartbeat_ms(watchdog_ms) * 1000)


@pytest.mark.parametrize("watchdog_ms", [WATCHDOG_MS_MIN, 500, 1000])
def test_a_massage_runs_on_with_heartbeats_just_in_time_and_pauses_with_later_ones(watchdog_ms: int) -> None:
    latest_us = latest_heartbeat_ms(watchdog_ms) * 1000
    for period_us, state in ((latest_us - TICK_US, State.RUNNING), (latest_us + TICK_US, State.PAUSED)):
        bench = Bench()
        bench.send(Opcode.SETTING_SET, SettingSet(Setting.WATCHDOG_MS, watchdog_ms))
        bench.start(step())
        for _ in range(3):
            for _ in range(period_us // TICK_US):
                bench.tick()
            bench.send(Opcode.HEARTBEAT)
        assert bench.state is state


@pytest.mark.parametrize("watchdog_ms", [WATCHDOG_MS_MIN, 500, 1000])
def test_a_write_that_waits_as_long_as_the_page_allows_is_in_time_even_sent_twice(watchdog_ms: int) -> None:
    gap_ms = heartbeat_period_ms(watchdog_ms) + 2 * longest_wait_ms(watchdog_ms)
    assert latest_heartbeat_ms(watchdog_ms) - 2 <= gap_ms <= latest_heartbeat_ms(watchdog_ms)
