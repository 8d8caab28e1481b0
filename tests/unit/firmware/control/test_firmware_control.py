"""The control point survives hostile bytes, takes uploads, and answers each command as specified."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.firmware.clock import LAST_MS
from glowsim.peripheral.gatt.services import current_time
from glowtool.errors import DecodeError
from glowtool.model.face import Zone
from glowtool.model.output import Pattern
from glowtool.model.state import State
from glowtool.protocol.ceilings import REARM_GRACE_MS
from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.codec import RESPONSE_MARKER, ResponseHead, decode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import (
    Extend,
    ProgramBegin,
    ProgramData,
    SetTime,
    SettingGet,
    SettingSet,
    TelemetryStart,
    Trim,
)
from glowtool.protocol.commands.payloads import SettingValue, TelemetryEnded
from glowtool.protocol.program import StepRecord, decode_program, encode_program, program_crc
from glowtool.protocol.vocabulary import Result, Setting
from glowtool.protocol.wire import LATEST_UNIX_MS, size_of
from support.device.firmware_bench import MTU, SKIN, Bench, bench_in, step
from support.device.programs import any_programs, raw_program

HEAD_SIZE = size_of(ResponseHead)
RISES = frozenset({Opcode.START, Opcode.RESUME})
JUNK = st.one_of(
    st.binary(max_size=40),
    st.builds(lambda op, rest: bytes((op,)) + rest, st.sampled_from(Opcode), st.binary(max_size=20)),
)


@given(state=st.sampled_from(State), writes=st.lists(JUNK, min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_answered_and_raise_no_output(state: State, writes: list[bytes]) -> None:
    bench = bench_in(state)
    for data in writes:
        before = bench.firmware.drive
        answer = bench.firmware.on_control(bench.now_us, data, MTU)
        after = bench.firmware.drive
        head = decode_response(answer).head
        assert HEAD_SIZE <= len(answer) <= HEAD_SIZE + 4
        assert head.marker == RESPONSE_MARKER
        assert (head.opcode, head.sequence) == ((data + b"\0\0")[0] if data else 0, data[1] if len(data) > 1 else 0)
        # A command can only ever lower an output by itself; a start or a resume begins at zero in the next tick.
        assert after in (before, replace(after, amplitude=0.0, peak_ua=0.0))
        if bench.state is State.RUNNING and state is not State.RUNNING:
            assert any(write and write[0] in RISES for write in writes)


@pytest.mark.parametrize(
    ("data", "result"),
    [
        (b"", Result.BAD_LENGTH),
        (b"\x10", Result.BAD_LENGTH),
        (b"\x10\x01\x02", Result.BAD_LENGTH),
        (b"\xee\x01", Result.UNKNOWN_OPCODE),
        (b"\x15\x01\x65\x00", Result.OUT_OF_RANGE),
        (b"\x02\x01\x00\x00", Result.BAD_LENGTH),
        (b"\x02\x01\x00\x00\x00", Result.NO_PROGRAM),
        (b"\x03\x01", Result.NO_PROGRAM),
        (b"\x34\x01\x63", Result.UNKNOWN_SETTING),
        (b"\x35\x01\x63\x00\x00\x00\x00", Result.UNKNOWN_SETTING),
        (b"\x40\x01\x33\x00\x01\x00\x00\x00", Result.OUT_OF_RANGE),
        (b"\x40\x01\xc8\x00\x00\x02\x00\x00", Result.OUT_OF_RANGE),
    ],
    ids=lambda value: value.hex() if isinstance(value, bytes) else value.name,
)
def test_a_bad_request_gets_its_code(data: bytes, result: Result) -> None:
    bench = Bench()
    assert decode_response(bench.firmware.on_control(bench.now_us, data, MTU)).head.result is result


def test_a_host_that_is_not_authenticated_moves_nothing() -> None:
    bench = bench_in(State.READY)
    bench.firmware.on_link(bench.now_us, up=False, authenticated=False)
    bench.firmware.on_link(bench.now_us, up=True, authenticated=False)
    assert bench.result(Opcode.START) is Result.NOT_FROM_THIS_HOST
    assert bench.tick().quiet
    assert bench.state is State.READY


def test_a_link_that_loses_its_authentication_is_a_lost_link() -> None:
    bench = bench_in(State.RUNNING)
    bench.firmware.on_link(bench.now_us, up=True, authenticated=False)
    assert bench.state is State.PAUSED


# Uploads


@given(steps=any_programs())
@settings(max_examples=100, deadline=None)
def test_a_commit_succeeds_exactly_for_what_the_protocol_decodes(steps: list[StepRecord]) -> None:
    bench = bench_in(State.READY)
    data = raw_program(steps)
    try:
        allowed = bool(decode_program(data))
    except DecodeError:
        allowed = False
    result = bench.upload(data)
    assert (result is Result.SUCCESS) == allowed
    assert bench.firmware.status(bench.now_us).steps == (len(steps) if allowed else 2)
    assert bench.state is State.READY


def test_a_broken_upload_changes_nothing() -> None:
    bench = bench_in(State.READY)
    data = encode_program((step(),))
    assert bench.upload(data, crc32=program_crc(data) ^ 1) is Result.BAD_CRC
    begin = ProgramBegin(1, len(data), program_crc(data))
    bench.result(Opcode.PROGRAM_BEGIN, begin)
    bench.result(Opcode.PROGRAM_DATA, ProgramData(0), data[:-1])
    assert bench.result(Opcode.PROGRAM_COMMIT) is Result.BAD_CRC
    assert bench.result(Opcode.PROGRAM_COMMIT) is Result.NO_PROGRAM
    assert bench.firmware.status(bench.now_us).steps == 2


def test_pieces_come_in_any_order_and_again_but_not_beyond_the_end() -> None:
    bench = Bench()
    data = encode_program((step(), step()))
    bench.result(Opcode.PROGRAM_BEGIN, ProgramBegin(2, len(data), program_crc(data)))
    assert bench.result(Opcode.PROGRAM_DATA, ProgramData(30), data[30:]) is Result.SUCCESS
    assert bench.result(Opcode.PROGRAM_DATA, ProgramData(0), b"\xff" * 10) is Result.SUCCESS
    assert bench.result(Opcode.PROGRAM_DATA, ProgramData(0), data[:30]) is Result.SUCCESS
    assert bench.result(Opcode.PROGRAM_DATA, ProgramData(30), data[30:] + b"\0") is Result.OUT_OF_RANGE
    assert bench.result(Opcode.PROGRAM_COMMIT) is Result.SUCCESS


def test_an_announcement_whose_length_is_not_its_steps_is_out_of_range() -> None:
    assert Bench().result(Opcode.PROGRAM_BEGIN, ProgramBegin(2, 24, 0)) is Result.OUT_OF_RANGE


def test_an_upload_ends_with_its_link() -> None:
    bench = Bench()
    data = encode_program((step(),))
    bench.result(Opcode.PROGRAM_BEGIN, ProgramBegin(1, len(data), program_crc(data)))
    bench.firmware.on_link(bench.now_us, up=False, authenticated=False)
    bench.firmware.on_link(bench.now_us, up=True, authenticated=True)
    assert bench.result(Opcode.PROGRAM_DATA, ProgramData(0), data) is Result.NO_PROGRAM


def test_a_program_that_is_only_together_too_long_is_over_the_ceiling() -> None:
    places = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.JAW_LEFT, Zone.JAW_RIGHT, Zone.FOREHEAD_LEFT)
    steps = [replace(step(300_000), zone=zone) for zone in places]
    assert Bench().upload(raw_program(steps)) is Result.OVER_CEILING
    assert Bench().upload(raw_program(steps[:4])) is Result.SUCCESS


def test_a_program_over_a_setting_is_refused_at_commit_and_at_start() -> None:
    bench = Bench()
    bench.load(step(peak_ua=200))
    assert bench.result(Opcode.SETTING_SET, SettingSet(Setting.PEAK_UA_MAX, 100)) is Result.SUCCESS
    assert bench.result(Opcode.START) is Result.OVER_CEILING
    assert bench.upload(encode_program((step(peak_ua=200),))) is Result.OVER_CEILING
    assert bench.upload(encode_program((step(peak_ua=100),))) is Result.SUCCESS


# Commands while a massage runs


def test_extend_is_bounded_by_the_step_and_by_the_massage() -> None:
    bench = Bench()
    cheek, other = step(299_000), replace(step(299_000), zone=Zone.CHEEK_RIGHT)
    bench.start(cheek, other, cheek, other)
    assert bench.result(Opcode.EXTEND, Extend(1001)) is Result.OVER_CEILING
    assert bench.result(Opcode.EXTEND, Extend(1000)) is Result.SUCCESS
    full = Bench()
    full.start(*[replace(step(240_000), zone=zone) for zone in tuple(Zone)[:5]])
    assert full.result(Opcode.EXTEND, Extend(1)) is Result.OVER_CEILING


def test_an_extended_step_lasts_longer() -> None:
    bench = Bench()
    bench.start(step(1000), step(1000))
    assert bench.result(Opcode.EXTEND, Extend(1000)) is Result.SUCCESS
    bench.run(1.9)
    assert bench.firmware.status(bench.now_us).step == 0
    bench.run(0.2)
    assert bench.firmware.status(bench.now_us).step == 1


def test_a_trim_lowers_at_once_and_raises_softly() -> None:
    bench = Bench()
    bench.start(step(30_000, 800, 0))
    bench.run(5.0)
    bench.send(Opcode.TRIM, Trim(50, 100))
    assert bench.tick().amplitude == pytest.approx(0.4)
    bench.send(Opcode.TRIM, Trim(100, 100))
    assert bench.tick().amplitude == pytest.approx(0.4, abs=0.002)
    bench.run(1.7)
    assert bench.drive.amplitude == pytest.approx(0.8)


def test_a_new_start_forgets_the_trim() -> None:
    bench = Bench()
    bench.start(step())
    bench.send(Opcode.TRIM, Trim(10, 10))
    bench.send(Opcode.STOP)
    bench.send(Opcode.START)
    assert bench.firmware.status(bench.now_us).vibration_percent == 100


def test_skip_goes_on_softly_and_ends_after_the_last_step() -> None:
    bench = Bench()
    bench.start(step(), step(pattern=Pattern.STEADY))
    bench.run(3.0)
    assert bench.send(Opcode.SKIP).head.step == 1
    assert bench.tick().amplitude < 0.002
    assert bench.send(Opcode.SKIP).head.state is State.READY
    assert bench.tick().quiet


def test_rearm_waits_for_its_grace_and_every_emergency_stop_begins_it_anew() -> None:
    bench = bench_in(State.LATCHED)
    bench.run(REARM_GRACE_MS / 1000 - 0.1)
    assert bench.result(Opcode.REARM) is Result.GRACE
    assert bench.result(Opcode.EMERGENCY_STOP) is Result.SUCCESS
    bench.run(0.2)
    assert bench.result(Opcode.REARM) is Result.GRACE
    bench.run(REARM_GRACE_MS / 1000)
    assert bench.result(Opcode.REARM) is Result.SUCCESS
    assert bench.state is State.IDLE


# Care


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (Setting.WATCHDOG_MS, 249),
        (Setting.WATCHDOG_MS, 1001),
        (Setting.PEAK_UA_MAX, 401),
        (Setting.PEAK_UA_MAX, -1),
        (Setting.AMPLITUDE_PERMILLE_MAX, 1001),
    ],
)
def test_a_setting_outside_its_range_changes_nothing(setting: Setting, value: int) -> None:
    bench = Bench()
    before = bench.send(Opcode.SETTING_GET, SettingGet(setting)).payload
    assert bench.result(Opcode.SETTING_SET, SettingSet(setting, value)) is Result.OUT_OF_RANGE
    assert bench.send(Opcode.SETTING_GET, SettingGet(setting)).payload == before


def test_a_setting_survives_the_power() -> None:
    bench = Bench()
    answer = bench.send(Opcode.SETTING_SET, SettingSet(Setting.WATCHDOG_MS, 400))
    assert answer.payload == SettingValue(400)
    again = Bench(memory=bench.memory)
    assert again.send(Opcode.SETTING_GET, SettingGet(Setting.WATCHDOG_MS)).payload == SettingValue(400)


def test_a_shorter_watchdog_trips_earlier_and_only_success_feeds_it() -> None:
    bench = Bench()
    bench.result(Opcode.SETTING_SET, SettingSet(Setting.WATCHDOG_MS, 250))
    bench.start(step(peak_ua=0))
    for _ in range(49):
        bench.tick()
        assert bench.result(Opcode.REARM) is Result.WRONG_STATE
    assert bench.state is State.PAUSED


def test_the_clock_goes_on_from_what_was_set() -> None:
    bench = Bench()
    assert bench.firmware.status(bench.now_us).unix_ms == 0
    bench.send(Opcode.SET_TIME, SetTime(1_790_000_000_000))
    assert bench.firmware.status(bench.now_us + 1_500_000).unix_ms == 1_790_000_001_500


def test_a_clock_that_jumps_stands_at_the_last_moment_that_current_time_can_say() -> None:
    bench = Bench()
    bench.send(Opcode.SET_TIME, SetTime(LATEST_UNIX_MS))
    bench.firmware.jump_clock(bench.now_us, 2**63)
    bench.run(1.0)
    assert bench.firmware.status(bench.now_us).unix_ms == LAST_MS
    assert current_time(LAST_MS)[:7] == (9999).to_bytes(2, "little") + bytes((12, 31, 23, 59, 59))
    bench.firmware.jump_clock(bench.now_us, -(2**63))
    assert bench.firmware.status(bench.now_us).unix_ms == 1


def test_identify_blinks_for_a_while_and_moves_nothing() -> None:
    bench = Bench()
    bench.send(Opcode.IDENTIFY)
    assert bench.firmware.identifying(bench.now_us)
    assert bench.tick().quiet
    assert not bench.firmware.identifying(bench.now_us + 3_000_000)


def test_a_signal_beeps_in_a_massage_and_leaves_the_outputs_as_they_are() -> None:
    bench = Bench()
    assert bench.result(Opcode.SIGNAL) is Result.WRONG_STATE
    assert not bench.firmware.signalling(bench.now_us)
    bench.start(step(30_000, 500, 100))
    bench.run(6.0)
    before = bench.tick()
    assert bench.result(Opcode.SIGNAL) is Result.SUCCESS
    assert bench.firmware.signalling(bench.now_us)
    assert bench.tick() == before
    assert not bench.firmware.signalling(bench.now_us + 300_000)


@pytest.mark.parametrize(("percent", "peak_ua", "result"), [
    (4, 0, Result.BATTERY_LOW),
    (5, 0, Result.SUCCESS),
    (9, 100, Result.BATTERY_LOW),
    (9, 0, Result.SUCCESS),
    (10, 100, Result.SUCCESS),
])  # fmt: skip
def test_a_start_needs_the_battery_for_what_the_program_does(percent: int, peak_ua: int, result: Result) -> None:
    bench = Bench()
    bench.load(step(peak_ua=peak_ua))
    bench.sensed = replace(SKIN, battery_percent=percent)
    bench.tick()
    assert bench.result(Opcode.START) is result


def test_telemetry_needs_an_mtu_that_holds_a_sample_and_is_counted_to_its_end() -> None:
    bench = Bench()
    assert bench.send(Opcode.TELEMETRY_START, TelemetryStart(200, ALL_FAST), mtu=23).head.result is Result.MTU_TOO_SMALL
    assert bench.send(Opcode.TELEMETRY_STOP).payload == TelemetryEnded(0)
    bench.send(Opcode.TELEMETRY_START, TelemetryStart(200, ALL_FAST))
    bench.run(1.0)
    frames = bench.firmware.take_frames()
    assert bench.send(Opcode.TELEMETRY_STOP).payload == TelemetryEnded(len(frames))
    bench.tick()
    assert bench.firmware.take_frames() == []
