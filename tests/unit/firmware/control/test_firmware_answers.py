"""Every request gets exactly one answer, whatever its operands, in any state, also from a handler that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.firmware.control import commands
from glowsim.firmware.flash.layout import Kind
from glowsim.peripheral.gatt.services import current_time
from glowtool.model.state import Fault, State
from glowtool.protocol.commands.codec import decode_response, encode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import SetTime
from glowtool.protocol.commands.states import refusal
from glowtool.protocol.records import Diagnostic, DiagnosticGet, DiagnosticValue
from glowtool.protocol.status import Status
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import LATEST_UNIX_MS, decode, encode, layout, size_of
from support.device.borders import borders, good, requests_of
from support.device.firmware_bench import MTU, Bench, bench_in

if TYPE_CHECKING:
    from glowsim.firmware.control.call import Call

#: Numbers without a range narrower than their width are checked against what the roller has, or are any number.
ANY_NUMBER = {
    "crc32": "a CRC can be any number",
    "setting": "UNKNOWN_SETTING tells it from a value out of range",
    "value": "each setting has a range of its own",
    "rate_hz": "one of the rates in the feature",
    "channel_mask": "one bit for each fast channel",
    "index": "NO_RECORD beyond the last",
    "record": "NO_RECORD for one that there is not",
    "offset": "OUT_OF_RANGE behind the end of the record",
}


def read_everything(bench: Bench) -> None:
    """Read what a host can read of the firmware: each value encodes, decodes and is of its length."""
    status = bench.firmware.status(bench.now_us)
    assert decode(Status, encode(status)) == status
    assert len(current_time(status.unix_ms)) == 10
    assert 0 <= bench.firmware.battery_percent <= 100


def check(bench: Bench, data: bytes) -> Result:
    """Write a request; there is one answer to it, it says what was sent, and everything can be read afterwards."""
    answer = bench.firmware.on_control(bench.now_us, data, MTU)
    response = decode_response(answer)
    assert encode_response(response) == answer
    assert (response.head.opcode, response.head.sequence) == (data[0], data[1] if len(data) > 1 else 0)
    assert response.head.state is bench.state
    if bench.state is not State.RUNNING:
        assert bench.firmware.drive.quiet
    assert Fault.FIRMWARE not in bench.firmware.status(bench.now_us).faults, "a handler has failed"
    read_everything(bench)
    return response.head.result


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_every_operand_at_and_beyond_its_borders_gets_one_answer_in_every_state(state: State) -> None:
    bench = bench_in(state)
    bench.memory.records.put(Kind.MASSAGE, 1, b"as it lies in the flash")
    for opcode in Opcode:
        for data in requests_of(opcode):
            if bench.state is not state:
                bench = bench_in(state)
            check(bench, data)
        bench.tick()
        read_everything(bench)


@pytest.mark.parametrize("opcode", [op for op in Opcode if layout(op.command.operands)], ids=lambda opcode: opcode.name)
def test_a_value_beside_its_range_is_out_of_range_in_every_state(opcode: Opcode) -> None:
    fields = layout(opcode.command.operands)
    for item in fields:
        for value in borders(item):
            if item.low <= value <= item.high:
                continue
            for state in State:
                bench = bench_in(state)
                body = bytearray(next(iter(requests_of(opcode)))[2 : 2 + size_of(opcode.command.operands)])
                body[item.offset : item.offset + item.wire.size] = value.to_bytes(item.wire.size, "little")
                data = bytes((opcode, 7)) + bytes(body) + (b"\0" if opcode.command.tail else b"")
                assert check(bench, data) is Result.OUT_OF_RANGE
                assert bench.state is state


def test_every_number_that_a_host_sends_has_a_range_or_a_stated_reason_for_none() -> None:
    for opcode in Opcode:
        for item in layout(opcode.command.operands):
            whole = (item.low, item.high) == (item.wire.lowest, item.wire.highest)
            assert not whole or item.enumeration is not None or item.name in ANY_NUMBER, (opcode, item.name)


@given(unix_ms=st.integers(0, 2**64 - 1), drift_s=st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_current_time_can_be_read_after_any_set_time(unix_ms: int, drift_s: int) -> None:
    bench = Bench()
    result = check(bench, bytes((Opcode.SET_TIME, 1)) + unix_ms.to_bytes(8, "little"))
    assert (result is Result.SUCCESS) == (1 <= unix_ms <= LATEST_UNIX_MS)
    bench.now_us += drift_s * 1_000_000
    read_everything(bench)


@pytest.mark.parametrize("unix_ms", [2**64 - 1, 253_402_300_799_999, 253_402_300_800_000, LATEST_UNIX_MS + 1, 0])
def test_a_time_that_no_clock_has_is_refused_and_leaves_the_clock_as_it_was(unix_ms: int) -> None:
    bench = Bench()
    bench.send(Opcode.SET_TIME, SetTime(1_790_000_000_000))
    assert check(bench, bytes((Opcode.SET_TIME, 1)) + unix_ms.to_bytes(8, "little")) is Result.OUT_OF_RANGE
    assert bench.firmware.status(bench.now_us).unix_ms == pytest.approx(1_790_000_000_000, abs=100)


def _fail(_: Call) -> object:
    raise ZeroDivisionError("a defect")


@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_a_handler_that_fails_is_answered_and_shuts_the_outputs(
    opcode: Opcode, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = next(
        state
        for state in (State.RUNNING, State.PAUSED, State.READY, State.IDLE, State.LATCHED)
        if refusal(state, opcode) is None
    )
    bench = bench_in(state)
    monkeypatch.setitem(commands.HANDLERS, opcode, _fail)
    data = bytes((opcode, 7)) + good(opcode)
    head = decode_response(bench.firmware.on_control(bench.now_us, data, MTU)).head
    assert head.result is Result.WRONG_STATE
    assert head.outputs.zero
    assert bench.firmware.drive.quiet
    assert head.state is (State.LATCHED if state is State.LATCHED else State.FAULT)
    assert Fault.FIRMWARE in bench.firmware.status(bench.now_us).faults
    assert all(drive.quiet for drive in bench.run(0.5, heartbeat=False))
    monkeypatch.undo()
    payload = bench.send(Opcode.DIAGNOSTICS, DiagnosticGet(Diagnostic.FAULTS)).payload
    assert payload == DiagnosticValue(1), "the defect is noted"
    bench.firmware.power_on(0)
    assert Fault.FIRMWARE not in bench.firmware.status(0).faults
