"""The control point serves protocol 1.1, and a host of 1.0 as well."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.firmware.clock import DRIFT_PPM_MOST, Clock, drift_ppm
from glowsim.firmware.firmware import Firmware
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.model import GR1
from glowsim.firmware.outage import ResetCause
from glowsim.physics.types import TICK_US
from glowtool.errors import DecodeError
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Capability, Fault, Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.payloads import SelfTestReport
from glowtool.protocol.program import STEP_SIZE
from glowtool.protocol.records import (
    HEAD_SIZE,
    ROW_SIZE,
    Diagnostic,
    Massage,
    MassageHead,
    MassageStep,
    RecordAt,
    RecordCount,
    RecordDelete,
    RecordHash,
    RecordHashGet,
    RecordInfo,
    RecordPiece,
    RecordRead,
    decode_massage,
    encode_massage,
    record_crc,
)
from glowtool.protocol.status import encode_feature
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import V1_0
from support.device.firmware_bench import MTU, SKIN, Bench, step
from support.device.stored import diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.physics.types import Sensed

VECTORS = Path(__file__).parents[3] / "vectors"


def kept(*records: bytes) -> Bench:
    bench = Bench()
    for number, data in enumerate(records):
        bench.memory.records.put(Kind.MASSAGE, number * 7 + 3, data)
    return bench


def fetch(bench: Bench, record: int, mtu: int, offset: int = 0) -> bytes:
    found = b""
    while True:
        answer = bench.send(Opcode.RECORD_READ, RecordRead(record, offset + len(found)), mtu=mtu)
        assert answer.payload == RecordPiece(len(answer.tail))
        if not answer.tail:
            return found
        found += answer.tail


@pytest.mark.parametrize("mtu", [23, 64, MTU, 517])
@pytest.mark.parametrize("offset", [0, 1, 699, 700])
def test_a_record_can_be_read_from_any_offset_at_any_mtu(mtu: int, offset: int) -> None:
    record = bytes(range(250)) * 2 + bytes(200)
    assert fetch(kept(b"x", record), 10, mtu, offset) == record[offset:]


def test_no_answer_is_longer_than_the_link_carries() -> None:
    bench = kept(bytes(700))
    for mtu in range(23, 300, 7):
        answer = bench.send(Opcode.RECORD_READ, RecordRead(3, 0), mtu=mtu)
        assert len(answer.tail) <= max(0, mtu - 3 - 16 - 1)


def test_the_list_names_every_record_once_the_oldest_first() -> None:
    bench = kept(b"a", b"bb", b"ccc")
    assert bench.send(Opcode.RECORD_COUNT).payload == RecordCount(3, 0)
    infos = [bench.send(Opcode.RECORD_INFO, RecordAt(index)).payload for index in range(3)]
    assert infos == [RecordInfo(3, 1), RecordInfo(10, 2), RecordInfo(17, 3)]
    assert bench.result(Opcode.RECORD_INFO, RecordAt(3)) is Result.NO_RECORD


def test_a_record_is_deleted_only_for_its_hash() -> None:
    bench = kept(b"a", b"bb")
    assert bench.send(Opcode.RECORD_HASH, RecordHashGet(10)).payload == RecordHash(record_crc(b"bb"))
    assert bench.result(Opcode.RECORD_DELETE, RecordDelete(10, record_crc(b"b"))) is Result.BAD_CRC
    assert bench.send(Opcode.RECORD_COUNT).payload == RecordCount(2, 0)
    assert bench.result(Opcode.RECORD_DELETE, RecordDelete(10, record_crc(b"bb"))) is Result.SUCCESS
    assert bench.result(Opcode.RECORD_DELETE, RecordDelete(10, record_crc(b"bb"))) is Result.NO_RECORD
    assert bench.send(Opcode.RECORD_INFO, RecordAt(0)).payload == RecordInfo(3, 1)


def test_what_is_not_there_is_said_to_be_not_there() -> None:
    bench = kept(b"a")
    assert bench.result(Opcode.RECORD_READ, RecordRead(4, 0)) is Result.NO_RECORD
    assert bench.result(Opcode.RECORD_HASH, RecordHashGet(4)) is Result.NO_RECORD
    assert bench.result(Opcode.RECORD_READ, RecordRead(3, 2)) is Result.OUT_OF_RANGE


ROWS = st.builds(
    MassageStep, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 65535), st.integers(0, 65535)
)


@given(st.lists(ROWS, min_size=1, max_size=64), st.sampled_from(MassageEnd), st.integers(0, 5), st.integers(0, 5))
def test_a_massage_record_round_trips_also_when_its_head_and_rows_have_grown(
    rows: list[MassageStep], end: MassageEnd, more_head: int, more_row: int
) -> None:
    head = MassageHead(1, HEAD_SIZE, ROW_SIZE, len(rows), end, Interlock.DOSE, 7, 8, 9, 10)
    massage = Massage(head, tuple(rows))
    data = encode_massage(massage)
    assert decode_massage(data) == massage
    grown_head = replace(head, head_size=HEAD_SIZE + more_head, row_size=ROW_SIZE + more_row)
    grown = encode_massage(Massage(grown_head, massage.steps))[:HEAD_SIZE] + bytes(more_head)
    for at in range(HEAD_SIZE, len(data), ROW_SIZE):
        grown += data[at : at + ROW_SIZE] + bytes(more_row)
    assert decode_massage(grown).steps == massage.steps
    with pytest.raises(DecodeError):
        decode_massage(data[:-1])


def test_every_diagnostic_has_an_answer() -> None:
    bench = Bench()
    assert all(diagnostic(bench, item) >= 0 for item in Diagnostic)


def test_starts_are_counted_by_cause_and_outlive_the_power() -> None:
    bench = Bench()
    for cause in (ResetCause.BROWN_OUT, ResetCause.BROWN_OUT, ResetCause.WATCHDOG, ResetCause.SOFTWARE):
        bench.firmware.power_on(bench.now_us, cause)
        bench.firmware.on_link(bench.now_us, up=True, authenticated=True)
        bench.tick()
    counted = [
        diagnostic(bench, item)
        for item in (
            Diagnostic.RESET_CAUSE,
            Diagnostic.POWER_ONS,
            Diagnostic.BROWN_OUTS,
            Diagnostic.WATCHDOG_RESETS,
            Diagnostic.SOFTWARE_RESETS,
        )
    ]
    assert counted == [2, 1, 2, 1, 1]
    assert diagnostic(Bench(memory=bench.memory), Diagnostic.BROWN_OUTS) == 2


def test_errors_and_runtime_are_counted() -> None:
    bench = Bench()
    bench.start(step(), step())
    bench.run(1.2, heartbeat=False)
    assert diagnostic(bench, Diagnostic.HOST_SILENCES) == 1
    bench.tick(dt_us=125_000_000)
    assert diagnostic(bench, Diagnostic.RUNTIME_MINUTES) == 2
    bench.sensed = replace(SKIN, head_temp_raw=(-400, 320))
    bench.run(0.1)
    assert diagnostic(bench, Diagnostic.FAULTS) == 1


def failed(bench: Bench) -> Fault:
    payload = bench.send(Opcode.SELF_TEST).payload
    assert isinstance(payload, SelfTestReport)
    return payload.failed


def feel(bench: Bench, sense: Callable[[int], Sensed], ticks: int = 400) -> None:
    """Let the roller feel something, long after it was set down."""
    bench.run(7.0)
    for tick in range(ticks):
        bench.sensed = sense(tick)
        bench.tick()


def test_a_sound_roller_passes_its_self_test_at_rest_and_in_use() -> None:
    bench = Bench()
    assert failed(bench) == Fault(0)
    feel(bench, lambda tick: replace(SKIN, cells_raw=(tick, tick + 5, 400 - tick, 390), travel_raw=(tick * 2, tick)))
    feel(bench, lambda tick: replace(SKIN, cells_raw=(tick, tick // 2, tick, tick // 3), travel_raw=(tick, tick * 2)))
    assert failed(bench) == Fault(0)


@pytest.mark.parametrize(
    ("sense", "expected"),
    [
        (lambda tick: replace(SKIN, cells_raw=(tick, 350, 350, 350)), Fault.SENSOR),
        (lambda tick: replace(SKIN, cells_raw=(350, 350, 350, tick)), Fault.SENSOR),
        (lambda _tick: replace(SKIN, cells_raw=(350, 4000, 350, 350)), Fault.SENSOR),
        (lambda tick: replace(SKIN, travel_raw=(2 * tick, 0)), Fault.SENSOR),
        (lambda _tick: replace(SKIN, head_temp_raw=(320, 100)), Fault.TEMPERATURE_SENSOR),
    ],
    ids=["cell stuck", "other cell stuck", "cell saturated", "encoder stuck", "temperatures apart"],
)
def test_the_self_test_names_the_part_that_is_broken(sense: Callable[[int], Sensed], expected: Fault) -> None:
    bench = Bench()
    feel(bench, sense)
    assert failed(bench) == expected


def test_the_self_test_reads_the_flash() -> None:
    bench = kept(b"a massage")
    image = bench.memory.chip.image
    bench.memory.chip.corrupt(image.index(b"a massage"), 1)
    assert failed(bench) == Fault.FLASH
    assert bench.state is State.IDLE


def test_a_clock_drifts_by_its_own_amount_and_no_more_than_its_crystal_may() -> None:
    drifts = {drift_ppm(f"GR1-{number:04X}") for number in range(300)}
    assert min(drifts) >= -DRIFT_PPM_MOST
    assert max(drifts) <= DRIFT_PPM_MOST
    assert len(drifts) > 30
    clock = Clock(15)
    clock.put(0, 1_000_000)
    assert clock.unix_ms(86_400_000_000) - 1_000_000 == 86_400_000 + 1296
    assert drift_ppm("GR1-0001") == drift_ppm("GR1-0001")


def test_a_host_of_1_0_meets_nothing_that_it_does_not_know() -> None:
    """Every command of 1.0 is answered with what 1.0 knows, and the feature's head is the old one."""
    bench = Bench()
    known_results = range(0x0E)
    requests = [
        bytes.fromhex(row["hex"])
        for row in json.loads((VECTORS / "requests.json").read_text("utf-8"))
        if Opcode(row["value"]["opcode"]).command.since == V1_0
    ]
    assert {data[0] for data in requests} == {int(opcode) for opcode in Opcode if opcode.command.since == V1_0}
    for data in requests * 2:
        answer = bench.firmware.on_control(bench.now_us, data, MTU)
        assert answer[3] in known_results
        assert answer[4] in range(7)
        assert len(answer) - 16 in {0, 2, 3, 4}
        bench.tick()
    feature = encode_feature(bench.firmware.feature)
    assert (feature[0], feature[6], feature[7]) == (1, 10, 5)


def test_a_host_of_1_0_runs_a_massage_as_before() -> None:
    bench = Bench()
    bench.start(step(1000), step(1000, peak_ua=0))
    bench.run(2.1)
    assert bench.state is State.READY
    assert bench.memory.records.keys(Kind.MASSAGE) == []


def test_the_capability_says_that_there_are_records() -> None:
    assert Capability.RECORDS in GR1.capabilities
    assert Capability.RECORDS in Firmware(Bench().memory, "GR1-0001").feature.capabilities


def test_the_longest_record_fits_what_the_flash_takes() -> None:
    rows = (MassageStep(2**32 - 1, 2**32 - 1, 65535, 65535),) * 64
    data = encode_massage(
        Massage(MassageHead(1, HEAD_SIZE, ROW_SIZE, 64, MassageEnd.BUTTON, Interlock.DOSE, 1, 2, 3, 4), rows)
    )
    bench = Bench()
    for key in range(50):
        bench.memory.records.put(Kind.MASSAGE, key, data)
    bench.memory.records.put(Kind.PROGRAM, 0, bytes(64 * STEP_SIZE))
    assert len(bench.memory.records.keys(Kind.MASSAGE)) == 50
    assert bench.firmware.tick_us == TICK_US
