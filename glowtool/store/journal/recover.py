"""The recovery of a session that a crash cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.errors import LogDamagedError, LogNotFoundError, StoreError
from glowtool.kit.storage import lock
from glowtool.kit.storage.files import storing
from glowtool.model.ending import Ending
from glowtool.store.journal.content import manifest_of_journal
from glowtool.store.names import DATA_FILES, EVENTS_NAME
from glowtool.store.regular import is_real_folder
from glowtool.store.tables.entries import DamageEntry
from glowtool.store.tables.finish import seal
from glowtool.store.tables.manifest import read_manifest
from glowtool.store.tables.state import LogState
from glowtool.store.tables.tables import tables_of_journal
from glowtool.store.times import moment_of_us

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from glowtool.store.tables.manifest import Manifest
    from glowtool.store.tables.tables import Tables


def recover(folder: Path) -> Manifest:
    """Finish a cut-off session with everything that was fully written; its state becomes "recovered".

    The counters are those of the last sync. Damaged parts are left out and counted in the manifest, and the journal is
    set aside. When the manifest itself is damaged, the journal's copy replaces it, without the roller. A finished log
    stays as it is; a log that a running process records is refused with `StoreError`.
    """
    if not is_real_folder(folder):
        raise StoreError(f"{folder} is not a folder, or is a link to one", advice="name the folder of a log")
    with storing(f"read {folder / EVENTS_NAME}"):
        if lock.is_held(folder / EVENTS_NAME):
            raise StoreError(f"{folder} is being recorded right now", advice="stop that massage first")
    manifest, from_journal = _manifest(folder)
    if manifest.state is not LogState.RECORDING:
        return seal(folder, manifest, None)
    tables = tables_of_journal(folder, manifest)
    damage = tables.damage
    if from_journal:
        damage = (damage or DamageEntry()).model_copy(update={"manifest": True})
    closing = {
        "state": LogState.RECOVERED,
        "ending": Ending.CRASHED,
        "ended_utc": _ended_utc(manifest, tables),
        "counters": tables.counters,
        "clock": tables.clock,
        "damage": damage,
        "altered": False,
    }
    return seal(folder, manifest.model_copy(update=closing), tables)


def _manifest(folder: Path) -> tuple[Manifest, bool]:
    """Return the manifest, and whether it is the journal's copy because the file itself is damaged."""
    try:
        manifest = read_manifest(folder)
        if not (manifest.altered and manifest.state is LogState.RECORDING):
            return manifest, False
        copy = manifest_of_journal(folder)
        return manifest if copy is None else copy.model_copy(update={"device": manifest.device}), True
    except (LogDamagedError, LogNotFoundError):
        if any((folder / name).exists() for name in DATA_FILES):
            raise  # the journal, if there is one, may be only a rest
        copy = manifest_of_journal(folder)
        if copy is None:
            raise
        return copy, True


def _ended_utc(manifest: Manifest, tables: Tables) -> datetime:
    """Return the time of the last sample by the host's clock; the start when there is none."""
    times = tables.samples.column("host_time_us")
    if len(times) == 0:
        return manifest.started_utc
    return moment_of_us(times[-1].as_py())
