"""The takeover of massages that a roller recorded: fetched, written to disk, verified, and only then deleted there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glowtool.device.archive import ResumingArchive, UnknownRecordError, WrongRecordError
from glowtool.store.rollers.begun import Begun, drop_all
from glowtool.store.rollers.massages import id_of, keep_massage, massage_of, whole_massage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from glowtool.device.archive import Archive, RecordedMassage, RecordEntry
    from glowtool.store.rollers.massages import KeptMassage, Massages


@dataclass(frozen=True, slots=True)
class Source:
    """The roller from which massages come."""

    serial: str
    device: str
    address: str


@dataclass(frozen=True, slots=True)
class Taken:
    """One massage on disk: whether it is new there, and whether the roller has deleted it."""

    massage: KeptMassage
    fresh: bool
    removed: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that this glowtool does not understand; it stays in the roller."""

    record: int
    problem: str


@dataclass(slots=True)
class Takeover:
    """The result of taking over a roller's records, over one connection or several.

    `lost` massages did not fit and were never kept. `gone` are records that were there when the fetch began and, though
    not here whole, are not there any more: another host had them deleted.
    """

    taken: list[Taken] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    lost: int = 0
    gone: tuple[int, ...] = ()
    #: Grows with each piece and each massage that is on disk: while it grows, a broken connection is worth another.
    progress: int = 0
    _seen: set[int] = field(default_factory=set)
    #: On disk, and asked to be deleted; the connection broke before the roller said that it is.
    _asked: dict[int, tuple[KeptMassage, bool]] = field(default_factory=dict)

    def meet(self, listed: Sequence[RecordEntry]) -> tuple[Taken, ...]:
        """Take note of what the roller lists now; return those of an earlier connection that it has deleted."""
        there = {record.number for record in listed}
        deleted = [number for number in self._asked if number not in there]
        known = {taken.massage.record for taken in self.taken} | {each.record for each in self.unreadable}
        self.gone = tuple(sorted(self._seen - there - known - set(self._asked)))
        self._seen |= there
        return tuple(Taken(*self._asked.pop(number), removed=True) for number in deleted)

    def asks_to_delete(self, record: int, massage: KeptMassage, *, fresh: bool) -> None:
        """Note that a massage is safe on disk and its record is about to be deleted."""
        _, was_fresh = self._asked.get(record, (massage, False))
        self._asked[record] = massage, fresh or was_fresh

    def takes(self, taken: Taken) -> None:
        """Note that a massage is done with."""
        _, was_fresh = self._asked.pop(taken.massage.record, (taken.massage, False))
        self.taken.append(Taken(taken.massage, taken.fresh or was_fresh, taken.removed))
        self.progress += 1

    def is_done(self, record: int) -> bool:
        """Return whether a record needs nothing more."""
        return any(taken.massage.record == record for taken in self.taken) or any(
            each.record == record for each in self.unreadable
        )


async def nothing_to_count(_massage: KeptMassage) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class Taking:
    """The terms of taking over: from whom, to where, when, whether the roller deletes what is safe here.

    `count` is awaited with each massage that is on disk, before its record may be deleted; `tell` hears of each as soon
    as it is done, since a connection may end before the last.
    """

    source: Source
    massages: Massages
    now_utc: datetime
    remove: bool = False
    count: Callable[[KeptMassage], Awaitable[None]] = nothing_to_count
    tell: Callable[[Taken], None] = lambda _taken: None


async def take_over(archive: Archive, taking: Taking, outcome: Takeover | None = None) -> Takeover:
    """Fetch every massage record into a folder, oldest first, and say what came of it, adding to an earlier outcome.

    With `remove`, each is deleted once it is safe on disk: synced, read back, and counted. What is on disk already is
    not asked for again, be it the whole of a record or its beginning. Raises `ConnectionLostError`, `ProtocolError`
    when a record arrived damaged, `CommandRefusedError`, `StoreError`; nothing that was taken over before is lost then,
    and it can be done again, with the same outcome.
    """
    outcome = outcome or Takeover()
    outcome.lost = (await archive.count()).lost
    listed = await archive.records()
    for taken in outcome.meet(listed):
        outcome.takes(taken)
        taking.tell(outcome.taken[-1])
    for record in listed:
        if outcome.is_done(record.number):
            continue
        try:
            massage, fresh = await _filed(archive, record, taking, outcome)
        except UnknownRecordError as error:
            outcome.unreadable.append(Unreadable(record.number, str(error)))
            continue
        await taking.count(massage)
        if taking.remove:
            outcome.asks_to_delete(record.number, massage, fresh=fresh)
            await archive.delete(record.number, bytes.fromhex(massage.record_hex))
        outcome.takes(Taken(massage, fresh, removed=taking.remove))
        taking.tell(outcome.taken[-1])
    drop_all(taking.massages.folder)
    return outcome


async def _filed(archive: Archive, record: RecordEntry, taking: Taking, outcome: Takeover) -> tuple[KeptMassage, bool]:
    """Return a massage that is safe on disk, and whether it is new there."""
    if not isinstance(archive, ResumingArchive):
        massage = _massage(record, await archive.fetch(record), taking)
        return massage, keep_massage(taking.massages, massage)
    crc32 = await archive.crc32_of(record.number)
    there = whole_massage(taking.massages, id_of(taking.source.serial, record.number, crc32))
    if there is not None and len(there.record_hex) == 2 * record.size_bytes:
        return there, False
    begun = Begun(taking.massages.folder, record.number, crc32)
    data = await _whole(archive, record, begun, outcome)
    massage = _massage(record, archive.recorded_in(data), taking)
    fresh = keep_massage(taking.massages, massage)
    begun.drop()
    return massage, fresh


async def _whole(archive: ResumingArchive, record: RecordEntry, begun: Begun, outcome: Takeover) -> bytes:
    """Return a record's bytes, after those that are here; these are asked for again only if the whole is wrong."""
    here = begun.read(record.size_bytes)
    try:
        return await _resumed(archive, record, begun, here, outcome)
    except WrongRecordError:
        begun.drop()
        if not here:
            raise
    return await _resumed(archive, record, begun, b"", outcome)


async def _resumed(
    archive: ResumingArchive, record: RecordEntry, begun: Begun, here: bytes, outcome: Takeover
) -> bytes:
    with begun.going_on(here) as keep:

        def kept(piece: bytes) -> None:
            keep(piece)
            outcome.progress += 1

        return await archive.resume(record, begun.crc32, here, kept)


def _massage(record: RecordEntry, recorded: RecordedMassage, taking: Taking) -> KeptMassage:
    return massage_of(
        record.number,
        recorded,
        serial=taking.source.serial,
        device=taking.source.device,
        address=taking.source.address,
        fetched_utc=taking.now_utc,
    )
