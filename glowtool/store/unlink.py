"""A log whose events name its roller: they are written anew without it. Import it late: it loads pyarrow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa

from glowtool.errors import LogDamagedError
from glowtool.store.bounds import EVENTS_MAX_BYTES
from glowtool.store.names import ASIDE, EVENTS_FILE, EVENTS_NAME
from glowtool.store.regular import read_regular, sha256_of_regular
from glowtool.store.tables.events import event_of
from glowtool.store.tables.manifest import write_manifest
from glowtool.store.tables.parquet import bounds_of, read_table, write_table
from glowtool.store.unnamed import without_roller

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.tables.manifest import DeviceEntry, Manifest


def unlink_events(folder: Path, manifest: Manifest) -> Manifest | None:
    """Have no event of a log name its roller; return the manifest then, None where one may name it still.

    A journal is not written anew; a recovery closes it. May be repeated after a crash, which leaves events whole that
    no hash vouches for. Raises `LogDamagedError` and `OSError`.
    """
    if any(_names(folder / name, manifest.device) for name in (EVENTS_NAME, f"{ASIDE}{EVENTS_NAME}")):
        return None
    path, hashes = folder / EVENTS_FILE, dict(manifest.sha256)
    if not path.exists():
        return manifest
    most_bytes = bounds_of(EVENTS_FILE).size
    if hashes.pop(EVENTS_FILE, None) not in {None, sha256_of_regular(path, most_bytes)}:
        raise LogDamagedError(f"{path} is damaged", advice="restore it from a backup")
    table = read_table(path)
    rows = table.to_pylist()
    told = [_told(row, manifest.device) for row in rows]
    if told != rows:
        write_manifest(folder, manifest.model_copy(update={"sha256": hashes}))
        write_table(path, pa.Table.from_pylist(told, schema=table.schema))
    return manifest.model_copy(update={"sha256": {**hashes, EVENTS_FILE: sha256_of_regular(path, most_bytes)}})


def _names(path: Path, device: DeviceEntry) -> bool:
    """Tell whether a journal's bytes hold a name of the roller; a text stands in them as it is."""
    try:
        content = read_regular(path, EVENTS_MAX_BYTES).lower()
    except FileNotFoundError:
        return False
    return any(name.lower().encode() in content for name in (device.address, device.serial, device.name) if name)


def _told(row: dict[str, object], device: DeviceEntry) -> dict[str, object]:
    """Return a row of the events without the roller in its sentences; one that is no event as it is."""
    try:
        event_of(row["device_time_us"], row["kind"], row["data"])
    except (KeyError, ValueError, TypeError):
        return row
    data = json.loads(str(row["data"]))
    without = without_roller(data, device)
    text = json.dumps(without, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return row if without == data else {**row, "data": text}
