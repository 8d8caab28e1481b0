"""The host fetches massage records of the virtual firmware whole and verified, also in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.flash.layout import Kind
from glowtool.device.archive import Inventory, RecordEntry
from glowtool.drivers.gr1.archive import Archive, recorded_in
from glowtool.errors import ProtocolError
from glowtool.model.ending import MassageEnd
from glowtool.protocol.records import Diagnostic
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import Bench, step

if TYPE_CHECKING:
    from glowtool.protocol.commands.codec import Response
    from glowtool.protocol.commands.opcode import Opcode
    from glowtool.protocol.wire import Message


class Talk:
    """A link to a bench that breaks off after this many answers."""

    def __init__(self, bench: Bench, answers: int = 1000, mtu: int = 64) -> None:
        self.bench, self.answers, self.mtu = bench, answers, mtu
        self.last = Result.SUCCESS
        self.pieces: list[bytes] = []

    async def ask(self, opcode: Opcode, operands: Message | None) -> Response:
        if not self.answers:
            raise ConnectionError
        self.answers -= 1
        answer = self.bench.send(opcode, operands, mtu=self.mtu)
        self.last = answer.head.result
        self.pieces.append(answer.tail)
        return answer


async def test_a_massage_by_the_button_is_fetched_verified_and_deleted() -> None:
    talk = Talk(Bench())
    archive = Archive(talk.ask)
    talk.bench.load(step(1000), step(1000))
    await archive.store_program()
    talk.bench.firmware.on_link(talk.bench.now_us, up=False, authenticated=False)
    talk.bench.firmware.press_button(talk.bench.now_us, 0.2)
    talk.bench.run(2.1, heartbeat=False)
    talk.bench.firmware.on_link(talk.bench.now_us, up=True, authenticated=True)
    (massage,) = await archive.massages()
    assert massage.head.end is MassageEnd.PROGRAM_END
    (record,) = await archive.records()
    recorded = await archive.fetch(record)
    assert recorded == recorded_in(recorded.data)
    assert (recorded.ending, len(recorded.steps)) == (MassageEnd.PROGRAM_END, 2)
    await archive.delete(record.number, recorded.data[:-1])
    assert talk.last is Result.BAD_CRC
    await archive.delete(record.number, recorded.data)
    assert await archive.count() == Inventory(0, 0)
    assert await archive.diagnostic(Diagnostic.OFFLINE_MASSAGES) == 1
    await archive.erase_stored_program()
    assert await archive.diagnostic(Diagnostic.STORED_PROGRAM_CRC) == 0


async def test_a_fetch_that_broke_off_goes_on_where_it_was() -> None:
    bench, data = Bench(), bytes(range(256)) * 2
    bench.memory.records.put(Kind.MASSAGE, 5, data)
    record = RecordEntry(5, len(data))
    broken = Talk(bench, answers=3)
    with pytest.raises(ConnectionError):
        await Archive(broken.ask).read(record)
    begun = b"".join(broken.pieces)
    again = Talk(bench)
    assert await Archive(again.ask).read(record, begun) == data
    assert len(b"".join(again.pieces)) == len(data) - len(begun)


async def test_a_copy_that_is_not_the_record_is_refused() -> None:
    bench = Bench()
    bench.memory.records.put(Kind.MASSAGE, 5, b"as it is")
    with pytest.raises(ProtocolError, match="fetch it again"):
        await Archive(Talk(bench).ask).read(RecordEntry(5, 8), b"as it was"[:8])
    with pytest.raises(ProtocolError, match="ends after"):
        await Archive(Talk(bench).ask).read(RecordEntry(5, 9))
