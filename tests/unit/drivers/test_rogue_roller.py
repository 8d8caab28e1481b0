"""A roller that lies in its bytes ends every errand in success or in an error that names it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from glowtool.device.archive import RecordEntry
from glowtool.device.refusals import why_not_begun
from glowtool.drivers.gr1 import archive
from glowtool.drivers.gr1.archive import Archive, recorded_in
from glowtool.drivers.gr1.commands.refusals import refused
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import DecodeError, GlowtoolError, ProtocolError
from glowtool.link.bumble.scan.advertisements import DATA_MAX_BYTES, Heard
from glowtool.model.channel import Channel
from glowtool.model.state import Interlock, State
from glowtool.protocol.channels import CHANNELS, encode_channel_table
from glowtool.protocol.commands.codec import Response, ResponseHead
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.payloads import SettingValue
from glowtool.protocol.gatt import CHANNEL_TABLE, CONTROL_POINT, SERIAL_NUMBER
from glowtool.protocol.meanings import meaning_of
from glowtool.protocol.records import RecordCount, RecordHash, RecordInfo, RecordPiece
from glowtool.protocol.status import Status
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import LATEST_TOLD_UNIX_MS, Message, decode, encode, layout
from glowtool.safety import Gate
from measure.hostile.rogue import KNOWN, NOW, lie, lie_on_the_air
from support.host.rogue import RECORD, Errand, RogueRoller, go
from support.host.scripted_client import IDLE_STATUS, ScriptedRoller
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 7


@pytest.fixture
def quiet() -> Iterator[None]:
    """What the stack says about packets that it cannot read is no finding."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("number", range(12))
def test_liars_in_values_answers_and_frames(number: int, quiet: None) -> None:
    kind, said = lie(SEED, number)
    assert kind not in {"INTERNAL", "HANG"}, said


@pytest.mark.parametrize("number", range(12))
def test_liars_in_packets(number: int, quiet: None) -> None:
    kind, said = lie_on_the_air(SEED, number)
    assert kind not in {"INTERNAL", "HANG"}, said


@pytest.mark.long
def test_more_liars(quiet: None) -> None:
    ends = [lie(SEED, number) for number in range(100, 400)] + [lie_on_the_air(SEED, number) for number in range(400)]
    assert [said for kind, said in ends if kind in {"INTERNAL", "HANG"}] == []


@pytest.mark.parametrize(
    ("name", "raw", "allowed"),
    [("step", 200, "0 to 63 or 255"), ("steps", 65, "0 to 64"), ("unix_ms", 2**64 - 1, f"0 to {LATEST_TOLD_UNIX_MS}")],
)
def test_a_status_out_of_range_is_named(name: str, raw: int, allowed: str) -> None:
    (item,) = (item for item in layout(Status) if item.name == name)
    data = bytearray(encode(IDLE_STATUS))
    data[item.offset : item.offset + item.wire.size] = raw.to_bytes(item.wire.size, "little")
    with pytest.raises(DecodeError, match=f"Status.{name} at byte {item.offset} is {raw}; it must be {allowed}"):
        decode(Status, data)


@in_virtual_time
async def test_an_answer_that_does_not_decode_is_named_to_whoever_asked() -> None:
    def step_200(uuid: str, data: bytes) -> bytes:
        is_answer = uuid == CONTROL_POINT.uuid and data[1] == Opcode.IDENTIFY
        return data[:5] + b"\xc8" + data[6:] if is_answer else data

    async with Roller.open(RogueRoller(mutate=step_200).client_for, Gate()) as roller:
        with pytest.raises(DecodeError, match=r"ResponseHead\.step at byte 5 is 200"):
            await roller.identify()


@in_virtual_time
async def test_a_result_of_a_later_version_is_a_refusal() -> None:
    def result_77(uuid: str, data: bytes) -> bytes:
        is_answer = uuid == CONTROL_POINT.uuid and data[1] == Opcode.IDENTIFY
        return data[:3] + b"\x4d" + data[4:] if is_answer else data

    async with Roller.open(RogueRoller(mutate=result_77).client_for, Gate()) as roller:
        with pytest.raises(GlowtoolError, match=r"gave a reason that this glowtool does not know \(unknown \(77\)"):
            await roller.identify()


@pytest.mark.parametrize("name", ["sample", "step", "contact_l", "pressure_l_kpa", "amplitude", "later"])
@in_virtual_time
async def test_a_further_channel_is_called_what_it_likes(name: str) -> None:
    """One that a log could not tell from another column is not asked for; the log holds its row all the same."""
    vibration = next(each for each in CHANNELS if each.name == "vibration")  # its column is called amplitude
    further = Channel(name, replace(vibration.row, number=len(CHANNELS)))

    def longer(uuid: str, data: bytes) -> bytes:
        return encode_channel_table((*CHANNELS, further)) if uuid == CHANNEL_TABLE.uuid else data

    with TemporaryDirectory() as folder:
        await go(Errand.RUN, RogueRoller(mutate=longer), Path(folder), KNOWN, NOW)


@pytest.mark.parametrize("errand", [Errand.RUN, Errand.INFO])
@in_virtual_time
async def test_a_table_with_a_channel_without_a_name_is_named(errand: Errand) -> None:
    def nameless(uuid: str, data: bytes) -> bytes:
        return data[:-15] + bytes(15) if uuid == CHANNEL_TABLE.uuid else data

    with TemporaryDirectory() as folder, pytest.raises(DecodeError, match="channel 10 is called ''"):
        await go(errand, RogueRoller(mutate=nameless), Path(folder), KNOWN, NOW)


@in_virtual_time
async def test_a_text_without_end_is_named() -> None:
    roller = ScriptedRoller()
    roller.values[SERIAL_NUMBER.uuid] = b"9" * 500
    with pytest.raises(DecodeError, match="Serial Number has 500 bytes; it must have at most 64"):
        async with Roller.open(roller.client_for, Gate()):
            pass


@pytest.mark.parametrize("watchdog_ms", [0, -1, 2**31 - 1])
@in_virtual_time
async def test_a_watchdog_that_no_roller_has_sets_no_pace(watchdog_ms: int) -> None:
    class Rogue(ScriptedRoller):
        def _payload(self, _: object) -> Message | None:
            return SettingValue(watchdog_ms)

    with pytest.raises(DecodeError, match=f"WATCHDOG_MS is {watchdog_ms} ms; it must be 250 to 1000"):
        async with Roller.open(Rogue().client_for, Gate()):
            pass


def answered(payload: Message, tail: bytes = b"") -> Response:
    head = ResponseHead(0x80, 0, 0, Result.SUCCESS, State.IDLE, 255, Interlock(0), 0, 0, 0, 0)
    return Response(head, payload, tail)


@in_virtual_time
async def test_records_without_end_come_to_one() -> None:
    asked = 0

    async def ask(opcode: Opcode, operands: Message | None) -> Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(1)
        if opcode is Opcode.RECORD_COUNT:
            return answered(RecordCount(1000, 0))
        if opcode is Opcode.RECORD_HASH:
            return answered(RecordHash(1))
        if opcode is Opcode.RECORD_READ:
            return answered(RecordPiece(1), b"x")
        return answered(RecordInfo(asked, 10_000))

    with pytest.raises(ProtocolError, match="listing the massages that the roller keeps did not end within 120 s"):
        await Archive(ask).records()
    with pytest.raises(ProtocolError, match="fetching record 3 did not end within 60 s"):
        await Archive(ask).fetch(RecordEntry(3, 10_000))
    assert asked < archive.LIST_S + archive.FETCH_S + 5


@in_virtual_time
async def test_a_record_that_is_listed_for_ever_is_named() -> None:
    async def ask(opcode: Opcode, operands: Message | None) -> Response:
        return answered(RecordCount(3, 0) if opcode is Opcode.RECORD_COUNT else RecordInfo(5, 10))

    with pytest.raises(ProtocolError, match="lists record 5 more than once"):
        await Archive(ask).records()


def test_a_record_beyond_the_calendar_is_named() -> None:
    data = RECORD[:7] + (2**63).to_bytes(8, "little") + RECORD[15:]
    with pytest.raises(DecodeError, match=f"MassageHead.start_unix_ms at byte 7 is {2**63}; it must be 0 to"):
        recorded_in(data)


def test_advertising_that_never_ends_keeps_no_memory() -> None:
    class Report:
        data_bytes = bytes(200)
        is_legacy = is_complete = is_truncated = is_scan_response = False

    heard = Heard()
    assert not any(heard.add(Report()) for _ in range(1000))  # type: ignore[arg-type]  # all that is asked of a report
    assert len(heard.fragments) <= DATA_MAX_BYTES


@pytest.mark.parametrize("result", range(256))
def test_every_result_that_a_byte_can_say_is_put_into_words(result: int) -> None:
    head = ResponseHead(0x80, Opcode.START, 0, Result(result), State.READY, 255, Interlock(0), 0, 0, 0, 0)
    said = refused(Opcode.START, head)
    assert str(said)
    assert meaning_of(Result(result))
    assert why_not_begun(said.answer.refusal, State.READY, Interlock(0), 50)
