"""The erasure of a person: logs, doses, plans and profile, and then a search whether anything is left."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.app.ledger.auditing import audit
from glowtool.app.ledger.leaving import leave_today
from glowtool.app.ledger.pseudonyms import record_of
from glowtool.app.ledger.settling import is_running, open_massages
from glowtool.app.logs.kept import kept_massages
from glowtool.app.logs.traces import Logs, erase_logs
from glowtool.app.news import untold
from glowtool.app.people.parts import PARTS
from glowtool.app.people.who import people_of
from glowtool.errors import StoreError
from glowtool.kit.storage.files import is_temporary, storing, sweep
from glowtool.kit.storage.lock import is_held
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.ledger.book import Book
from glowtool.store.logs.catalogue import list_sessions
from glowtool.store.names import EVENTS_NAME
from glowtool.store.regular import is_real_folder
from glowtool.store.rollers.massages import list_massages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.store.people.people import KnownPerson

_PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of a person: ids of logs, what was not and why, and files that still name the pseudonym."""

    logs: tuple[str, ...]
    problems: tuple[str, ...]
    left: tuple[str, ...]


def logs_of_person(place: Place, known: KnownPerson) -> Logs:
    """Return the logs of a person; one whose manifest cannot be read counts when a file of it has the pseudonym.

    Of the massages by the button, it is those that the ledger counts for the person.
    """
    sessions = tuple(entry.session_id for entry in list_sessions(place.logs_dir) if _is_of(entry.path, known))
    return Logs(sessions, tuple(_by_button(place, known)))


def _by_button(place: Place, known: KnownPerson) -> Iterator[str]:
    book = Book(place.ledger_dir, known.id)
    if not book.path.exists():
        return
    for entry in list_massages(kept_massages(place)):
        with suppress(StoreError):  # a damaged ledger tells nothing, and is erased as well
            if entry.massage is not None and book.mentions(record_of(place, entry.massage_id)):
                yield entry.massage_id


def erase(place: Place, known: KnownPerson, tell: Tell = untold) -> Erased:
    """Erase everything of a person, the name last, so that it can be repeated after a crash.

    Raises `StoreError`, also while the person is being massaged, since that would leave something afterwards.
    The audit keeps its lines, under the pseudonym, which leads to nobody then. What the person had today counts for
    everybody until the day is over, as nobody's: to be entered anew gives no second dose.
    """
    found = logs_of_person(place, known)
    _require_still(place, known, found)
    leave_today(place, known.id, tell)
    outcome = erase_logs(place, found)
    for part in PARTS:
        part.erase(place, known)
    people_of(place).remove(known)
    audit(place, AuditKind.ERASED, person=known.id, tell=tell)
    with storing(f"remove half-written files in {place.root}"):
        logs = place.logs_dir.iterdir() if place.logs_dir.is_dir() else ()
        for folder in (place.root, people_of(place).folder, *filter(is_real_folder, logs)):
            sweep(folder)
        for path in map(Path, _naming(place.root, known.id.encode())):
            if is_temporary(path.name):  # of the ledger, or of plans
                path.unlink()
    left = (path for path in _naming(place.root, known.id.encode()) if not Path(path).is_relative_to(place.audit_dir))
    return Erased(tuple(outcome.changed), tuple(outcome.problems), tuple(left))


def _require_still(place: Place, known: KnownPerson, found: Logs) -> None:
    """Raise `StoreError` while a massage of the person goes on; nothing was erased then."""
    goes_on = any(is_held(place.logs_dir / log / EVENTS_NAME) for log in found.sessions)
    with suppress(StoreError):  # a ledger that cannot be read tells nothing, and is erased as well
        goes_on = goes_on or any(is_running(place, each) for each in open_massages(place, known.id))
    if goes_on:
        raise StoreError(
            f"{known.name} is being massaged right now, so nothing was erased", advice="`glowtool stop` ends it"
        )


def _is_of(folder: Path, known: KnownPerson) -> bool:
    return next(_naming(folder, known.id.encode()), None) is not None


def _naming(folder: Path, word: bytes) -> Iterator[str]:
    """Yield the files below a folder that have a word in their content or their name."""
    with storing(f"search {folder}"):
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            if word.decode() in path.name or _has(path, word):
                yield str(path)


def _has(path: Path, word: bytes) -> bool:
    tail = b""
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE_BYTES):
            if word in tail + piece:
                return True
            tail = piece[-len(word) :]
    return False
