"""Close what a crash cut off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from glowtool.errors import StoreError
from glowtool.store import lock
from glowtool.store.finish import seal
from glowtool.store.journal import EVENTS_NAME
from glowtool.store.manifest import Ending, LogState, read_manifest
from glowtool.store.tables import tables_of_journal

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.manifest import Manifest
    from glowtool.store.tables import Tables


def recover(folder: Path) -> Manifest:
    """Finish a cut-off session with everything that was written whole; its state becomes "recovered".

    The counters are those of the last sync. A log that is finished stays as it is; one that is being recorded by a
    living process is refused with `StoreError`.
    """
    if lock.is_held(folder / EVENTS_NAME):
        raise StoreError(f"{folder} is being recorded right now; stop that massage first")
    manifest = read_manifest(folder)
    if manifest.state is not LogState.RECORDING:
        return seal(folder, manifest, None)
    tables = tables_of_journal(folder, manifest)
    closing = {
        "state": LogState.RECOVERED,
        "ending": Ending.CRASHED,
        "ended_utc": _ended_utc(manifest, tables),
        "counters": tables.counters,
        "clock": tables.clock,
    }
    return seal(folder, manifest.model_copy(update=closing), tables)


def _ended_utc(manifest: Manifest, tables: Tables) -> datetime:
    """Return the time of the last sample by the host's clock; the start when there is none."""
    times = tables.samples.column("host_time_us")
    if len(times) == 0:
        return manifest.started_utc
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=times[-1].as_py())
