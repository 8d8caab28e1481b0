"""Traces of a roller on this computer besides the bond: logs, files named after it, and files set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glowtool.app.logs.kept import kept_massages
from glowtool.errors import GlowtoolError
from glowtool.kit.storage.damaged_file import MARK
from glowtool.kit.storage.files import storing, sweep
from glowtool.store.erasure.erase import erase_log
from glowtool.store.erasure.forget import forget_roller
from glowtool.store.erasure.unnamed import RollerNames
from glowtool.store.logs.catalogue import list_sessions
from glowtool.store.regular import is_real_folder
from glowtool.store.rollers.begun import drop_all
from glowtool.store.rollers.in_use import lock_path
from glowtool.store.rollers.massages import list_massages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.store.rollers.known import KnownRoller


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of a roller: ids of sessions, and of massages by the button."""

    sessions: tuple[str, ...] = ()
    massages: tuple[str, ...] = ()

    @property
    def spoken(self) -> str:
        """The number of them in words: `3 logs and 1 massage by the button`."""
        parts = (
            (len(self.sessions), "log", "logs"),
            (len(self.massages), "massage by the button", "massages by the button"),
        )
        return " and ".join(f"{count} {one if count == 1 else many}" for count, one, many in parts if count)


@dataclass(slots=True)
class Outcome:
    """The result for the logs: the ids of those changed, and why others were not."""

    changed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def is_of(known: KnownRoller) -> Callable[[str, str], bool]:
    """Return the test whether an address and a serial number are those of a roller."""

    def meant(address: str, serial: str) -> bool:
        same_serial = known.serial != "" and serial == known.serial
        return same_serial or address.casefold() == known.address.casefold()

    return meant


def names_of(known: KnownRoller) -> RollerNames:
    """Return everything that names a roller."""
    return RollerNames.of_those(numbers=(known.address, known.serial), words=(known.name, known.alias))


def logs_of(place: Place, is_meant: Callable[[str, str], bool]) -> Logs:
    """Return the logs for whose address and serial number `is_meant` is true."""
    facts = {e.session_id: e.facts for e in list_sessions(place.logs_dir) if e.facts is not None}
    massages = {e.massage_id: e.massage for e in list_massages(kept_massages(place)) if e.massage is not None}
    return Logs(
        tuple(name for name, each in facts.items() if is_meant(each.address, each.serial)),
        tuple(name for name, massage in massages.items() if is_meant(massage.address, massage.serial)),
    )


def erase_logs(place: Place, found: Logs) -> Outcome:
    """Erase logs and massages; if one cannot be erased, go on with the others."""
    outcome = Outcome()
    for name in found.sessions:
        try:
            left = erase_log(place.logs_dir / name)
        except GlowtoolError as error:
            outcome.problems.append(str(error))
            continue
        outcome.changed.append(name)
        if left:
            outcome.problems.append(f"{place.logs_dir / name} stays, with files of others: {', '.join(left)}")
    for entry in list_massages(kept_massages(place)):
        if entry.massage_id in found.massages:
            with storing(f"erase {entry.path}"):
                entry.path.unlink()
            outcome.changed.append(entry.massage_id)
    return outcome


def unlink_logs(place: Place, known: KnownRoller) -> Outcome:
    """Remove everything that names a roller from the logs, which stay.

    Raises `StoreError` for one that is being recorded; it may be repeated then.
    """
    changed, failed = forget_roller(place.logs_dir, kept_massages(place), is_of(known), names_of(known))
    problems = [f"{name} cannot be read: it may still name the roller" for name in failed]
    return Outcome(list(changed), problems)


def remove_files(place: Place, known: KnownRoller) -> list[str]:
    """Remove the lock named after a roller, and half-written files, which may hold its name or its keys.

    Return what else may still name it, and how to remove that. Raises `StoreError`.
    """
    with storing(f"remove the files that name {known.spoken} in {place.root}"):
        lock_path(place.root, known.address).unlink(missing_ok=True)
        logs = place.logs_dir.iterdir() if place.logs_dir.is_dir() else ()
        for folder in (place.root, place.bonds_dir, place.massages_dir, *filter(is_real_folder, logs)):
            sweep(folder)
        drop_all(place.massages_dir)
        for path in place.bonds_dir.glob(".*.json.*"):  # glowtool before 0.2 wrote it without the ending
            path.unlink(missing_ok=True)
    aside: list[Path] = [*place.root.glob(f"*.{MARK}-*"), *place.bonds_dir.glob(f"*.{MARK}-*")]
    return [f"{path} was set aside as damaged, and may still name the roller: `rm '{path}'`" for path in aside]
