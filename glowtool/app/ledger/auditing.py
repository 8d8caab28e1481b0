"""The writing of the audit: in order, without the event loop waiting for the disk, and never in the way of a stop."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowtool.app.ledger.clock import reading_now
from glowtool.app.ledger.pseudonyms import person_of, roller_of
from glowtool.app.news import NotWritten, untold
from glowtool.errors import StoreError
from glowtool.model.event import Event, EventKind
from glowtool.model.names import key_of
from glowtool.model.state import Interlock
from glowtool.session.news import Ends, Lost, OutputsZero, Restored, Steered
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.audit.trail import Note, Trail
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.session.news import MassageNews
    from glowtool.store.rollers.known import KnownRoller

#: Lines come to the disk at least this often; a process that is killed loses no more.
_EVERY_S: Final = 0.5

#: So many lines wait for a disk that takes none; what comes then is counted, and lost.
_MOST: Final = 2000

_WHAT: Final = "the audit"

#: Outputs that rise are no news: they do so at each beginning.
_RISING: Final = key_of(Interlock.SOFT_START)


class Auditor:
    """Takes what is to be written about one person, by id, and one roller; nothing that takes it waits."""

    def __init__(self, place: Place, person: str, known: KnownRoller, tell: Tell) -> None:
        self._place = place
        self._person = person
        self._known = known
        self._tell = tell
        self._waiting: list[Note] = []
        self._held: tuple[str, ...] = ()
        self._failed = False

    def note(self, kind: AuditKind, **data: object) -> None:
        """Take a line."""
        if len(self._waiting) < _MOST:
            self._waiting.append(Note(now_us(), kind, data=data))

    def witness(self, order: str, numbers: Mapping[str, object], refused: str) -> None:
        """Take what the gate judged."""
        if refused:
            self.note(AuditKind.REFUSED, order=order, **numbers, why=refused)
        else:
            self.note(AuditKind.ORDERED, order=order, **numbers)

    def take(self, news: MassageNews) -> None:
        """Take news of a massage, as far as the audit tells of them."""
        match news:
            case Event(kind=EventKind.INTERLOCK, data=data):
                self._hold(data.get("in_force"))
            case Event(kind=EventKind.PAUSE):
                self.note(AuditKind.PAUSED)
            case Event(kind=EventKind.RESUME):
                self.note(AuditKind.RESUMED)
            case Lost():
                self.note(AuditKind.LINK, change="lost")
            case Restored(away_s=away_s):
                self.note(AuditKind.LINK, change="restored", away_s=round(away_s, 1))
            case Steered(ask=ask, done=done, why=why):
                shares = {"vibration_percent": news.vibration_percent, "current_percent": news.current_percent}
                self.note(AuditKind.STEERED, asked=ask.wish.value, by=ask.by.value, done=done, why=why, **shares)
            case Ends(ending=ending):
                self.note(AuditKind.STOPPED, ending=ending.value)
            case OutputsZero(stop_ms=stop_ms):
                self.note(AuditKind.STOPPED, zero=True, stop_ms=None if stop_ms is None else round(stop_ms, 1))
            case _:
                pass

    async def write(self) -> None:
        """Write what was taken; a disk that does not take it is told once, and tried again the next time."""
        notes, self._waiting = self._waiting, []
        if not notes:
            return
        try:
            await asyncio.to_thread(self._write, notes)
        except StoreError as error:
            self._waiting = [*notes, *self._waiting][:_MOST]
            if not self._failed:
                self._failed = True
                self._tell(NotWritten(_WHAT, error))

    async def keep_writing(self) -> None:
        """Write again and again, until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            await self.write()

    def _write(self, notes: list[Note]) -> None:
        person = person_of(self._place, self._person) if self._person else ""
        roller = roller_of(self._place, self._known)
        Trail(self._place.audit_dir).write([replace(note, person=person, roller=roller) for note in notes])

    def _hold(self, in_force: object) -> None:
        held = tuple(str(each) for each in in_force if each != _RISING) if isinstance(in_force, list) else ()
        if held != self._held:
            self._held = held
            self.note(AuditKind.HELD, in_force=list(held))


@asynccontextmanager
async def auditing(place: Place, person: str, known: KnownRoller, tell: Tell = untold) -> AsyncIterator[Auditor]:
    """Write the audit for the time of the block; all that was taken is on disk when it ends, if the disk takes it."""
    auditor = Auditor(place, person, known, tell)
    task = asyncio.create_task(auditor.keep_writing())
    try:
        yield auditor
    finally:
        task.cancel()
        await asyncio.wait({task})
        await auditor.write()


def audit(
    place: Place,
    kind: AuditKind,
    data: Mapping[str, object] | None = None,
    *,
    person: str = "",
    known: KnownRoller | None = None,
    tell: Tell = untold,
) -> None:
    """Write one line at once, about a person by id; a disk that does not take it is told, and hinders nothing."""
    try:
        roller = "" if known is None else roller_of(place, known)
        whose = person_of(place, person) if person else ""
        Trail(place.audit_dir).write([Note(now_us(), kind, whose, roller, data or {})])
    except StoreError as error:
        tell(NotWritten(_WHAT, error))


def now_us() -> int:
    """Return the calendar time in unix µs."""
    return round(reading_now().unix_s * MICROSECONDS_PER_SECOND)
