"""The contents of the roller's flash: its button's program, the massages done with it, and its lifetime counters."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.device.archive import (
    Inventory,
    RecordedMassage,
    RecordedStep,
    RecordEntry,
    UnknownRecordError,
    WrongRecordError,
)
from glowtool.drivers.gr1.commands.answers import payload_of
from glowtool.errors import CommandRefusedError, DecodeError, ProtocolError
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.records import (
    Diagnostic,
    DiagnosticGet,
    DiagnosticValue,
    Massage,
    RecordAt,
    RecordCount,
    RecordDelete,
    RecordHash,
    RecordHashGet,
    RecordInfo,
    RecordRead,
    decode_massage,
    record_crc,
)
from glowtool.protocol.wire import Message

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

    from glowtool.protocol.commands.codec import Response
    from glowtool.protocol.records import MassageStep

    Ask = Callable[[Opcode, Message | None], Awaitable[Response]]

_M = TypeVar("_M", bound=Message)

#: What a file of a massage says when its record is not one of ours; of ours it says nothing, as ever.
KIND: Final = "gr1"

#: A list of a thousand records takes half of it on a slow link.
LIST_S: Final = 120.0

#: The longest possible record, in pieces of three bytes (the smallest MTU), takes half of it on a usual link.
FETCH_S: Final = 60.0


@asynccontextmanager
async def _within(limit_s: float, doing: str) -> AsyncIterator[None]:
    """Limit the time of the block, so that a roller that answers without end is detected."""
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError as error:
        raise ProtocolError(
            f"{doing} did not end within {limit_s:g} s", advice="bring the roller near and try again"
        ) from error


class Archive:
    """The commands about a roller's memory; each raises `CommandLackingError` when the roller keeps nothing."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def store_program(self) -> None:
        """Make the roller store its present program, for use with its button."""
        await self._ask(Opcode.PROGRAM_STORE, None)

    async def erase_stored_program(self) -> None:
        """Make the roller forget the program for its button."""
        await self._ask(Opcode.PROGRAM_ERASE_STORED, None)

    async def diagnostic(self, item: Diagnostic) -> int:
        """Return one number of the roller's life."""
        return (await self._answer(DiagnosticValue, Opcode.DIAGNOSTICS, DiagnosticGet(item))).value

    async def last_stream_frames(self) -> int | None:
        """Return the number of frames of the newest telemetry stream, even if a lost connection ended it.

        Ask before telemetry is started again. None when the roller does not know (protocol before 1.2).
        """
        try:
            return await self.diagnostic(Diagnostic.LAST_STREAM_FRAMES)
        except CommandRefusedError:
            return None

    async def count(self) -> Inventory:
        """Return how many massages are kept, and how many did not fit."""
        said = await self._answer(RecordCount, Opcode.RECORD_COUNT)
        return Inventory(said.count, said.lost)

    async def records(self) -> list[RecordEntry]:
        """Return number and length of every massage record, the oldest first.

        Raises ProtocolError when a record is listed twice, or the list does not come to its end in time.
        """
        async with _within(LIST_S, "listing the massages that the roller keeps"):
            count = (await self.count()).count
            found = [await self._answer(RecordInfo, Opcode.RECORD_INFO, RecordAt(index)) for index in range(count)]
        numbers = [info.record for info in found]
        twice = next((number for number in numbers if numbers.count(number) > 1), None)
        if twice is not None:
            raise ProtocolError(
                f"the roller lists record {twice} more than once", advice="switch it off and on, and try again"
            )
        return [RecordEntry(info.record, info.length) for info in found]

    async def newest_first(self) -> AsyncGenerator[tuple[RecordEntry, int], None]:
        """Yield every massage record with its CRC-32, the newest first, asked of the roller one by one."""
        for index in reversed(range((await self.count()).count)):
            info = await self._answer(RecordInfo, Opcode.RECORD_INFO, RecordAt(index))
            yield RecordEntry(info.record, info.length), await self.crc32_of(info.record)

    async def fetch(self, record: RecordEntry) -> RecordedMassage:
        """Return the massage of a record; raises `UnknownRecordError`, and what `read` raises."""
        return recorded_in(await self.read(record))

    async def read(self, record: RecordEntry, begun: bytes = b"") -> bytes:
        """Return the bytes of a record, continuing after the bytes of an earlier, interrupted fetch.

        Raises ProtocolError when the data differs from the roller's, or does not end in time.
        """
        return await self.resume(record, await self.crc32_of(record.number), begun, lambda _piece: None)

    async def resume(self, record: RecordEntry, crc32: int, here: bytes, keep: Callable[[bytes], None]) -> bytes:
        """Return a whole record that has that CRC-32, asking only for what follows the bytes `here`.

        `keep` is given each further piece as it arrives. Raises `WrongRecordError` when the whole is another one,
        `ProtocolError` when it does not end in time.
        """
        data = here
        async with _within(FETCH_S, f"fetching record {record.number}"):
            while len(data) < record.size_bytes:
                piece = (await self._ask(Opcode.RECORD_READ, RecordRead(record.number, len(data)))).tail
                if not piece:
                    raise WrongRecordError(
                        f"record {record.number} ends after {len(data)} of {record.size_bytes} bytes"
                    )
                keep(piece)
                data += piece
        if len(data) > record.size_bytes:
            raise WrongRecordError(
                f"record {record.number} is longer than its {record.size_bytes} bytes", advice="fetch it again"
            )
        if record_crc(data) != crc32:
            raise WrongRecordError(f"record {record.number} arrived damaged", advice="fetch it again")
        return data

    def recorded_in(self, data: bytes) -> RecordedMassage:
        """Return the massage in a whole record; raises `UnknownRecordError`."""
        return recorded_in(data)

    async def delete(self, record: int, data: bytes) -> None:
        """Delete a record from the roller; the roller refuses when `data` is not the whole record."""
        await self._ask(Opcode.RECORD_DELETE, RecordDelete(record, record_crc(data)))

    async def massages(self) -> list[Massage]:
        """Fetch and decode every record; nothing is deleted."""
        return [decode_massage(await self.read(record)) for record in await self.records()]

    async def crc32_of(self, record: int) -> int:
        """Return the CRC-32 of a whole record, as the roller keeps it."""
        return (await self._answer(RecordHash, Opcode.RECORD_HASH, RecordHashGet(record))).crc32

    async def _answer(self, kind: type[_M], opcode: Opcode, operands: Message | None = None) -> _M:
        return payload_of(await self._ask(opcode, operands), kind)


def recorded_in(data: bytes) -> RecordedMassage:
    """Return the massage in a record, in people's units; raises `UnknownRecordError`."""
    try:
        massage = decode_massage(data)
    except DecodeError as error:
        raise UnknownRecordError(error.says, advice=error.advice) from error
    head = massage.head
    return RecordedMassage(
        kind=KIND,
        data=data,
        started_utc=datetime.fromtimestamp(head.start_unix_ms / 1000, UTC) if head.start_unix_ms else None,
        ending=head.end,
        interlocks=head.interlocks,
        program_crc32=head.program_crc32,
        current_s=head.current_ms / 1000,
        vibration_s=head.vibration_ms / 1000,
        steps=tuple(map(_step, massage.steps)),
    )


def _step(row: MassageStep) -> RecordedStep:
    return RecordedStep(row.elapsed_ms / 1000, row.contact_ms / 1000, row.mean_kpa, row.peak_kpa)
