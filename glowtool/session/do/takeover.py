"""The takeover of massages that a roller recorded: fetched, written to disk, verified, and only then deleted there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glowtool.device.archive import UnknownRecordError
from glowtool.store.rollers.massages import keep_massage, massage_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from glowtool.device.archive import Archive
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
    """The result of taking over a roller's records; `lost` massages did not fit and were never kept."""

    taken: list[Taken] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    lost: int = 0


async def take_over(
    archive: Archive,
    source: Source,
    massages: Massages,
    now_utc: datetime,
    *,
    remove: bool = False,
    tell: Callable[[Taken], None] = lambda _taken: None,
) -> Takeover:
    """Fetch every massage record into a folder, oldest first; with `remove`, delete each once it is safe on disk.

    `tell` hears of each as soon as it is done, since a connection may end before the last. What is on disk already
    is not written again. Raises `ConnectionLostError`, `ProtocolError` when a record arrived damaged,
    `CommandRefusedError`, `StoreError`; nothing that was taken over before is lost then, and it can be done again.
    """
    outcome = Takeover(lost=(await archive.count()).lost)
    for record in await archive.records():
        try:
            recorded = await archive.fetch(record)
        except UnknownRecordError as error:
            outcome.unreadable.append(Unreadable(record.number, str(error)))
            continue
        massage = massage_of(
            record.number,
            recorded,
            serial=source.serial,
            device=source.device,
            address=source.address,
            fetched_utc=now_utc,
        )
        fresh = keep_massage(massages, massage)
        if remove:
            await archive.delete(record.number, recorded.data)
        taken = Taken(massage, fresh, removed=remove)
        outcome.taken.append(taken)
        tell(taken)
    return outcome
