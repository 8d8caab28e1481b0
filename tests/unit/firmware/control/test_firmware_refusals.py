"""The last check of a request refuses exactly what the protocol page lists, and each refusal is reached."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import FlashFullError, RecordStore
from glowtool.model.face import Zone
from glowtool.model.state import State
from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.codec import decode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, ProgramBegin, ProgramData, SettingSet, TelemetryStart
from glowtool.protocol.commands.states import refusal
from glowtool.protocol.program import STEP_SIZE
from glowtool.protocol.records import RecordAt, RecordDelete, RecordHashGet, RecordRead, record_crc
from glowtool.protocol.vocabulary import Result, Setting
from glowtool.protocol.wire import encode
from support.device.borders import requests_of
from support.device.firmware_bench import MTU, SKIN, Bench, bench_in, step
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.protocol.program import StepRecord

RECORD: Final = b"as it lies in the flash"

#: A request that is not in order gets these in any state.
EARLIER: Final = {Result.BAD_LENGTH, Result.OUT_OF_RANGE, Result.UNKNOWN_SETTING}


def uploaded(*steps: StepRecord) -> Callable[[Bench], Result]:
    return lambda bench: bench.upload(b"".join(map(encode, steps)))


def beyond_the_length(bench: Bench) -> Result:
    bench.result(Opcode.PROGRAM_BEGIN, ProgramBegin(1, STEP_SIZE, 0))
    return bench.result(Opcode.PROGRAM_DATA, ProgramData(STEP_SIZE - 1), b"ab")


def started_with(percent: int, peak_ua: int) -> Callable[[Bench], Result]:
    def start(bench: Bench) -> Result:
        bench.load(step(peak_ua=peak_ua))
        bench.sensed = replace(SKIN, battery_percent=percent)
        bench.tick()
        return bench.result(Opcode.START)

    return start


def over_a_lowered_setting(bench: Bench) -> Result:
    bench.load(step())
    bench.result(Opcode.SETTING_SET, SettingSet(Setting.PEAK_UA_MAX, 10))
    return bench.result(Opcode.START)


def skipped_onto_a_full_place(_: Bench) -> Result:
    bench = Bench(memory=VolatileMemory({"dose": {"places": {str(int(Zone.CHEEK_LEFT)): 290_000_000}}}))
    bench.start(step(10_000), step(20_000, 0, 0), step(15_000))
    assert bench.result(Opcode.SKIP) is Result.SUCCESS
    return bench.result(Opcode.SKIP)


def extended_too_far(bench: Bench) -> Result:
    bench.start(step(10_000))
    return bench.result(Opcode.EXTEND, Extend(290_001))


def rearmed_at_once(bench: Bench) -> Result:
    bench.result(Opcode.EMERGENCY_STOP)
    return bench.result(Opcode.REARM)


def too_small_an_mtu(bench: Bench) -> Result:
    return bench.send(Opcode.TELEMETRY_START, TelemetryStart(200, ALL_FAST), mtu=23).head.result


def with_record(bench: Bench) -> Bench:
    bench.memory.records.put(Kind.MASSAGE, 1, RECORD)
    return bench


#: How each row of the table is reached, from an idle roller on the skin. `FLASH_FULL` has a test of its own.
REACHED: Final[dict[tuple[Opcode, Result], tuple[Callable[[Bench], Result], ...]]] = {
    (Opcode.PROGRAM_DATA, Result.NO_PROGRAM): (lambda bench: bench.result(Opcode.PROGRAM_DATA, ProgramData(0), b"a"),),
    (Opcode.PROGRAM_DATA, Result.OUT_OF_RANGE): (beyond_the_length,),
    (Opcode.PROGRAM_COMMIT, Result.NO_PROGRAM): (lambda bench: bench.result(Opcode.PROGRAM_COMMIT),),
    (Opcode.PROGRAM_COMMIT, Result.BAD_CRC): (
        lambda bench: bench.upload(encode(step()), crc32=1),
        lambda bench: bench.upload(b"short"),
    ),
    (Opcode.PROGRAM_COMMIT, Result.OUT_OF_RANGE): (lambda bench: bench.upload(bytes(STEP_SIZE)),),
    (Opcode.PROGRAM_COMMIT, Result.OVER_CEILING): (
        uploaded(*(replace(step(300_000), zone=zone) for zone in list(Zone)[:5])),
        uploaded(step(200_000), step(100_001)),
    ),
    (Opcode.START, Result.BATTERY_LOW): (started_with(9, 100), started_with(4, 0)),
    (Opcode.START, Result.OVER_CEILING): (over_a_lowered_setting,),
    (Opcode.SKIP, Result.OVER_CEILING): (skipped_onto_a_full_place,),
    (Opcode.EXTEND, Result.OVER_CEILING): (extended_too_far,),
    (Opcode.REARM, Result.GRACE): (rearmed_at_once,),
    (Opcode.TARE, Result.OUT_OF_RANGE): (lambda bench: bench.result(Opcode.TARE),),
    (Opcode.TELEMETRY_START, Result.MTU_TOO_SMALL): (too_small_an_mtu,),
    (Opcode.RECORD_INFO, Result.NO_RECORD): (lambda bench: bench.result(Opcode.RECORD_INFO, RecordAt(0)),),
    (Opcode.RECORD_READ, Result.NO_RECORD): (lambda bench: bench.result(Opcode.RECORD_READ, RecordRead(1, 0)),),
    (Opcode.RECORD_READ, Result.OUT_OF_RANGE): (
        lambda bench: with_record(bench).result(Opcode.RECORD_READ, RecordRead(1, len(RECORD) + 1)),
    ),
    (Opcode.RECORD_HASH, Result.NO_RECORD): (lambda bench: bench.result(Opcode.RECORD_HASH, RecordHashGet(1)),),
    (Opcode.RECORD_DELETE, Result.NO_RECORD): (lambda bench: bench.result(Opcode.RECORD_DELETE, RecordDelete(1, 0)),),
    (Opcode.RECORD_DELETE, Result.BAD_CRC): (
        lambda bench: with_record(bench).result(Opcode.RECORD_DELETE, RecordDelete(1, 0)),
    ),
}


def test_every_row_of_the_table_is_tried() -> None:
    rows = {(opcode, each.result) for opcode in Opcode for each in opcode.command.later}
    assert set(REACHED) == {row for row in rows if row[1] is not Result.FLASH_FULL}


@pytest.mark.parametrize("row", REACHED, ids=lambda row: f"{row[0].name}-{row[1].name}")
def test_a_refusal_of_the_table_is_given(row: tuple[Opcode, Result]) -> None:
    assert [reach(Bench()) for reach in REACHED[row]] == [row[1]] * len(REACHED[row])


def test_a_flash_that_takes_nothing_refuses_what_the_table_says_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = with_record(Bench())
    bench.load(step())

    def refuse(*_: object) -> None:
        raise FlashFullError("there is no room")

    monkeypatch.setattr(RecordStore, "put", refuse)
    monkeypatch.setattr(RecordStore, "delete", refuse)
    of_record = RecordDelete(1, record_crc(RECORD))
    asked = {Opcode.PROGRAM_STORE: None, Opcode.PROGRAM_ERASE_STORED: None, Opcode.RECORD_DELETE: of_record}
    assert set(asked) == {
        opcode for opcode in Opcode if Result.FLASH_FULL in {each.result for each in opcode.command.later}
    }
    assert {bench.result(opcode, operands) for opcode, operands in asked.items()} == {Result.FLASH_FULL}


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_no_command_is_refused_with_what_the_page_does_not_name(state: State) -> None:
    bench = with_record(bench_in(state))
    for opcode in Opcode:
        named = {each.result for each in opcode.command.later} | EARLIER | {Result.SUCCESS}
        for data in requests_of(opcode):
            if bench.state is not state:
                bench = with_record(bench_in(state))
            result = decode_response(bench.firmware.on_control(bench.now_us, data, MTU)).head.result
            assert result in named | {refusal(state, opcode)}, (opcode.name, data.hex())
