"""The care of logs: close those that were cut off, look for damage, find the logs that a name means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.analysis.log import recording_of
from glowtool.app.logs.found import log_at, resolve
from glowtool.app.logs.kept import kept_massages
from glowtool.app.logs.traces import Logs, is_of, logs_of
from glowtool.errors import DeviceNotFoundError, StoreError
from glowtool.store.exports.registry import told_nobody
from glowtool.store.journal.recover import recover as recover_log
from glowtool.store.logs import catalogue
from glowtool.store.logs.catalogue import list_sessions
from glowtool.store.logs.cells import cells_told
from glowtool.store.logs.damage import damage_told
from glowtool.store.logs.log import SessionLog
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.massages import find_massage, list_massages
from glowtool.store.rollers.registry import DeviceRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.store.exports.registry import Advance
    from glowtool.store.logs.catalogue import Reindexed
    from glowtool.store.tables.manifest import Manifest

__all__ = ["Recovered", "cells_told", "damage_told", "is_of_named", "meant", "recover", "reindex", "verify"]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one log that was cut off: its manifest, and what was lost; or the `failure`."""

    session_id: str
    manifest: Manifest | None = None
    told: tuple[str, ...] = ()
    failure: StoreError | None = None


def recover(place: Place, session: str | None = None, advance: Advance = told_nobody) -> Iterator[Recovered]:
    """Close one log, or all that were cut off; yield what became of each. A bad log stops none of the others."""
    folders = _folders(place, session, unfinished=True)
    for at, folder in enumerate(folders):
        advance(at / len(folders))
        try:
            manifest = recover_log(folder)
        except StoreError as error:
            yield Recovered(folder.name, failure=error)
        else:
            yield Recovered(folder.name, manifest, damage_told(manifest))


def verify(
    place: Place, session: str | None = None, advance: Advance = told_nobody
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Look for damage in one log, or in all; yield the id of each with its damage in sentences, none when whole."""
    folders = _folders(place) if session is None else [log_at(place, session)]
    for at, folder in enumerate(folders):
        advance(at / len(folders))
        yield folder.name, _wrong_with(folder)


def reindex(place: Place, advance: Advance = told_nobody) -> Reindexed:
    """Make the catalogue of the logs anew from their manifests; raises `StoreError` when the disk does not take it."""
    done = catalogue.reindex(place.logs_dir, advance)
    if not done.kept:
        raise StoreError(
            f"the catalogue of {len(done.entries)} logs cannot be written in {place.logs_dir}",
            advice="make room there, and make the folder writable for you; lists are only slower without it",
        )
    return done


def _folders(place: Place, session: str | None = None, *, unfinished: bool = False) -> list[Path]:
    """Return the folder of one session, or of all; with `unfinished`, only of unfinished ones."""
    if session is not None:
        return [resolve(place, session)]
    return [entry.path for entry in list_sessions(place.logs_dir) if not (unfinished and entry.finished)]


def _wrong_with(folder: Path) -> tuple[str, ...]:
    """Return the damage of a log in sentences; none when all of it is whole."""
    try:
        log = SessionLog.open(folder)
        recording_of(log)
    except StoreError as error:
        return (str(error),)
    return damage_told(log.manifest, log.unreadable_events)


def meant(place: Place, session: str | None = None, device: str | None = None) -> Logs:
    """Return the logs to erase: one, those of a roller, or all, including unreadable ones."""
    if device is not None:
        return logs_of(place, is_of_named(place, device))
    if session is None:
        every = list_massages(kept_massages(place))
        sessions = tuple(entry.session_id for entry in list_sessions(place.logs_dir))
        return Logs(sessions, tuple(entry.massage_id for entry in every))
    massage = find_massage(kept_massages(place), session)
    if massage is not None:
        return Logs((), (massage.massage_id,))
    return Logs((resolve(place, session).name,))


def is_of_named(place: Place, device: str) -> Callable[[str, str], bool]:
    """Return the test whether an address and a serial number are those of the roller with that name."""
    return is_of(_named(place, device))


def _named(place: Place, device: str) -> KnownRoller:
    """Return the roller with that name: a known one, or a forgotten one by its address or serial number."""
    try:
        return DeviceRegistry(place.root).find(device)
    except DeviceNotFoundError:
        return KnownRoller(address=device, name=device, serial=device, last_seen_utc=datetime.now(UTC))
