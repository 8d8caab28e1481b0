"""Massages by the button that a roller still keeps: they count in the ledger before anything is started on it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from glowtool.app.ledger.pseudonyms import record_of
from glowtool.app.ledger.recorded import LATELY, count_unfetched, counted_records
from glowtool.app.news import NotWritten, Unfetched, Warned
from glowtool.device.archive import UnknownRecordError
from glowtool.device.refusals import CommandLackingError
from glowtool.drivers.gr1.archive import Archive
from glowtool.errors import (
    CommandRefusedError,
    ConnectionLostError,
    LinkError,
    NotOfferedError,
    ProtocolError,
    StoreError,
)
from glowtool.store.rollers.massages import id_of, massage_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.archive import Archive as AnyArchive
    from glowtool.device.archive import RecordEntry
    from glowtool.store.rollers.known import KnownRoller
    from glowtool.store.rollers.massages import KeptMassage

#: No visit waits longer for what a roller keeps. Usually it is asked for one record, which is known.
LEARN_S: Final = 10.0


async def learn(place: Place, known: KnownRoller, serial: str, archive: AnyArchive | None, tell: Tell) -> None:
    """Have the massages in a connected roller that may count today, and are in no book, count in the ledger.

    Nothing is fetched or deleted: `logs fetch` does. What cannot be read or written is told, and hinders nothing.
    Raises `ConnectionLostError`.
    """
    if archive is None:
        return
    found: list[KeptMassage] = []
    try:
        async with asyncio.timeout(LEARN_S), aclosing(_uncounted(place, known, serial, archive)) as uncounted:
            async for massage in uncounted:
                found.append(massage)  # noqa: PERF401 - what was found before it fails counts
    except (CommandLackingError, NotOfferedError):  # this kind of roller keeps none
        return
    except ConnectionLostError:
        raise
    except (TimeoutError, ProtocolError, CommandRefusedError, LinkError) as error:
        tell(Warned(f"what the button of {known.spoken} gave was not read to its end ({error}); it may count as less"))
    if not found:
        return
    try:
        counted = await asyncio.to_thread(count_unfetched, place, found, tell)
    except StoreError as error:
        tell(NotWritten("a massage by the button", error))
        return
    if not counted:  # another command counted them meanwhile
        return
    current_s, vibration_s = (
        sum(getattr(each.massage, name) for each in counted) for name in ("current_s", "vibration_s")
    )
    person = counted[0].person
    tell(Unfetched(len(counted), current_s, vibration_s, None if person is None else person.name))


async def _uncounted(
    place: Place, known: KnownRoller, serial: str, archive: AnyArchive
) -> AsyncGenerator[KeptMassage, None]:
    """Yield the newest massages, as far back as one that is in a book, or was before yesterday."""
    counted, now = await asyncio.to_thread(counted_records, place), datetime.now(UTC)
    async with aclosing(_newest_first(archive, serial)) as entries:
        async for entry, massage_id in entries:
            if massage_id and record_of(place, massage_id) in counted:
                return
            try:
                recorded = await archive.fetch(entry)
            except UnknownRecordError:  # `logs fetch` tells of it
                continue
            massage = massage_of(
                entry.number, recorded, serial=serial, device=known.name, address=known.address, fetched_utc=now
            )
            if record_of(place, massage.massage_id) in counted or _is_past(massage, now):
                return
            yield massage


async def _newest_first(archive: AnyArchive, serial: str) -> AsyncGenerator[tuple[RecordEntry, str], None]:
    """Yield the records of a roller and their ids, where they can be told before they are fetched."""
    if isinstance(archive, Archive):
        async with aclosing(archive.newest_first()) as entries:
            async for entry, crc32 in entries:
                yield entry, id_of(serial, entry.number, crc32)
    else:
        for entry in reversed(await archive.records()):
            yield entry, ""


def _is_past(massage: KeptMassage, now: datetime) -> bool:
    started = massage.started_utc
    return started is not None and now - started - timedelta(seconds=massage.duration_s) > LATELY
