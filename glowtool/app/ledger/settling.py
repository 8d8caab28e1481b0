"""The settling of massages that were begun: by their logs, once nobody runs them any more; else by their plan."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogNotFoundError, StoreError
from glowtool.kit.storage import lock
from glowtool.kit.system.process import start_of
from glowtool.safety.dose import NO_DOSE
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import DoseEntry, Settled, Source, reckon
from glowtool.store.names import EVENTS_NAME
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.safety.day import Reading
    from glowtool.safety.delivery import Delivery
    from glowtool.safety.dose import Dose
    from glowtool.store.ledger.lines import Begun, Reckoning
    from glowtool.store.logs.log import SessionLog

#: The id of a log is the name of its folder, and nothing else is.
_ID: Final = re.compile("[0-9A-Za-z-]{1,64}")


def settle_open(place: Place, book: Book, now: Reading) -> Reckoning:
    """Settle what was cut off, and return what the book comes to then; raises `StoreError`.

    A massage that still runs stays open. A disk that takes nothing leaves all of them open: they count as planned.
    """
    reckoning = book.reckoning(now)
    found = [settled_by_log(place, begun, at_us) for begun, at_us in reckoning.open if not is_running(place, begun)]
    if not found:
        return reckoning
    with suppress(StoreError):
        for settled in found:
            book.settle(settled, now)
        return book.reckoning(now)
    return reckoning


def open_massages(place: Place, person: str) -> tuple[Begun, ...]:
    """Return the massages of a person that were begun and not settled, and change nothing; raises `StoreError`."""
    lines = Book(place.ledger_dir, person).prove().lines
    return tuple(begun for begun, _ in reckon(lines).open)


def settled_by_log(place: Place, begun: Begun, begun_us: int, heard: Delivery | None = None) -> Settled:
    """Return what a massage that is over delivered: by its log, else by what was `heard` of it, else all its plan.

    Without a log, nobody knows what became of it. A log that was discarded, since nothing was started, is not missing:
    whoever discards it settles the massage as well.
    """
    folder = place.logs_dir / begun.massage
    planned_end_us = begun_us + round(begun.duration_s * MICROSECONDS_PER_SECOND)
    otherwise = (begun.planned.dose, Source.PLAN) if heard is None else (heard.ended(), Source.STATUSES)
    zero_us = None if heard is None else heard.zero_us
    try:
        log = _open(folder)
        dose, source, times_us = _delivered(log, zero_us), Source.SAMPLES, _times_us(log, planned_end_us)
    except StoreError:
        dose, source, times_us = *otherwise, (begun_us, planned_end_us)
    if dose is None:
        dose, source = otherwise
    return _settled(begun.massage, dose, source, times_us)


def settled_as_nothing(massage: str, at_us: int) -> Settled:
    """Return that a massage never began, so that nothing was delivered."""
    return _settled(massage, NO_DOSE, Source.NOTHING, (at_us, at_us))


def is_running(place: Place, begun: Begun) -> bool:
    """Return whether somebody may still be running a massage: its process lives, or its log is being recorded."""
    if begun.pid and begun.process and start_of(begun.pid) == int(begun.process):
        return True
    with suppress(OSError):
        return lock.is_held(place.logs_dir / begun.massage / EVENTS_NAME)
    return False


def this_process() -> tuple[int, str]:
    """Return number and start of this process, as a line of the ledger has them."""
    started = start_of(os.getpid())
    return os.getpid(), "" if started is None else str(started)


def _open(folder: Path) -> SessionLog:
    from glowtool.store.logs.log import SessionLog  # noqa: PLC0415 - loads pyarrow, only when something is to be settled

    if not _ID.fullmatch(folder.name):
        raise LogNotFoundError(f"{folder.name!r} is not the id of a log")
    return SessionLog.open(folder)


def _delivered(log: SessionLog, zero_us: int | None) -> Dose | None:
    from glowtool.analysis.log import delivered_in  # noqa: PLC0415 - as above

    return delivered_in(log, zero_us)


def _times_us(log: SessionLog, planned_end_us: int) -> tuple[int, int]:
    """Return begin and end of a log by the calendar; one that was cut off may have gone on for as long as planned."""
    started_us, ended = _us(log.manifest.started_utc), log.manifest.ended_utc
    return started_us, max(started_us, planned_end_us if ended is None else _us(ended))


def _us(moment: datetime) -> int:
    return round(moment.timestamp() * MICROSECONDS_PER_SECOND)


def _settled(massage: str, dose: Dose, source: Source, times_us: tuple[int, int]) -> Settled:
    started_us, ended_us = times_us
    return Settled(massage=massage, dose=DoseEntry.of(dose), source=source, started_us=started_us, ended_us=ended_us)
