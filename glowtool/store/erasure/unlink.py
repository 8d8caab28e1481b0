"""The removal of a roller's name from every file of a log, whatever state the log is in.

Import it late: it loads pyarrow.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from glowtool.errors import LogDamagedError, LogNotFoundError
from glowtool.kit.storage.files import sync_folder, write_atomic
from glowtool.store.bounds import EVENTS_MAX_BYTES, MANIFEST_MAX_BYTES, SAMPLES_MAX_BYTES
from glowtool.store.erasure.unnamed import RollerNames, without_names
from glowtool.store.journal.recover import recover
from glowtool.store.journal.struck import names_its_roller, struck_bytes, struck_events, struck_samples, struck_text
from glowtool.store.names import (
    ASIDE,
    EVENTS_FILE,
    EVENTS_NAME,
    JOURNAL_FILES,
    MANIFEST_NAME,
    REPORT_FILE,
    SAMPLES_NAME,
)
from glowtool.store.regular import read_regular, sha256_of_regular
from glowtool.store.tables.entries import DeviceEntry
from glowtool.store.tables.events import event_of
from glowtool.store.tables.manifest import write_manifest
from glowtool.store.tables.parquet import bounds_of, read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.store.tables.manifest import Manifest

    Strike = Callable[[bytes, RollerNames], bytes]

_EVENTS_BYTES: Final = bounds_of(EVENTS_FILE).size

#: The files that are struck out in their place, since nothing writes them anew.
_STRUCK: Final[dict[str, tuple[int, Strike]]] = {
    f"{prefix}{name}": how
    for prefix in ("", ASIDE)
    for name, how in (
        (EVENTS_NAME, (EVENTS_MAX_BYTES, struck_events)),
        (SAMPLES_NAME, (SAMPLES_MAX_BYTES, struck_samples)),
    )
}


@dataclass(slots=True)
class Unlinked:
    """The result for one log: whether a file of it was changed, and whether surely none names the roller now."""

    changed: bool = False
    sure: bool = True


def unlink_log(folder: Path, manifest: Manifest | None, roller: RollerNames, *, own: bool) -> Unlinked:
    """Have no file of a log name a roller; `own` says that the log is of that roller, which its manifest drops.

    The manifest comes last, so that a crash leaves a log that is still known as the roller's. A journal that names it
    is closed; what cannot be closed is struck out. Nobody may be recording. Raises `OSError` and `StoreError`.
    """
    done = Unlinked()
    if manifest is not None and any(_named(folder / name, *_STRUCK[name], roller) for name in JOURNAL_FILES):
        with suppress(LogDamagedError, LogNotFoundError):  # then its bytes are struck out below
            manifest, done.changed = recover(folder), True
    for name, how in _STRUCK.items():
        _strike(folder / name, *how, roller, done)
    manifest = _unlink_events(folder, manifest, roller, done)
    if own or done.changed:
        (folder / REPORT_FILE).unlink(missing_ok=True)
    if manifest is None:
        _strike(folder / MANIFEST_NAME, MANIFEST_MAX_BYTES, _struck_if_its, roller, done)
    elif own:
        write_manifest(folder, manifest.model_copy(update={"device": DeviceEntry.unknown()}))
        done.changed = True
    if done.changed:
        sync_folder(folder)
    return done


def _unlink_events(folder: Path, manifest: Manifest | None, roller: RollerNames, done: Unlinked) -> Manifest | None:
    """Write the events anew if they name the roller; return the manifest with their hash, if it vouched for them.

    May be repeated after a crash, which leaves events whole that no hash vouches for.
    """
    path = folder / EVENTS_FILE
    if not path.exists():
        return manifest
    try:
        found = sha256_of_regular(path, _EVENTS_BYTES)
        table = read_table(path)
        rows = table.to_pylist()
    except LogDamagedError:
        done.sure = False
        _strike(path, _EVENTS_BYTES, struck_bytes, roller, done)
        return manifest
    told = [_told(row, roller) for row in rows]
    vouched = manifest is not None and manifest.sha256.get(EVENTS_FILE) in {None, found}
    if told != rows:
        done.changed = True
        if manifest is not None and vouched:
            hashes = {name: value for name, value in manifest.sha256.items() if name != EVENTS_FILE}
            write_manifest(folder, manifest.model_copy(update={"sha256": hashes}))
        write_table(path, pa.Table.from_pylist(told, schema=table.schema))
    if manifest is None or not vouched:  # what was damaged stays damaged
        return manifest
    hashes = {**manifest.sha256, EVENTS_FILE: sha256_of_regular(path, _EVENTS_BYTES)}
    manifest = manifest.model_copy(update={"sha256": hashes})
    return write_manifest(folder, manifest) if told != rows else manifest


def _struck_if_its(content: bytes, roller: RollerNames) -> bytes:
    """Return a manifest that cannot be read without the roller, if it has a number of it: else it may be of any."""
    return struck_bytes(content, roller) if names_its_roller(content, roller) else content


def _told(row: dict[str, object], roller: RollerNames) -> dict[str, object]:
    """Return a row of the events without the roller; one that is no event with its bytes struck out."""
    text = row.get("data")
    if not isinstance(text, str):
        return row
    try:
        event_of(row["device_time_us"], row["kind"], text)
    except (KeyError, ValueError, TypeError):
        return {**row, "data": struck_bytes(text.encode(errors="replace"), roller).decode(errors="replace")}
    data = json.loads(text)
    without = without_names(data, roller)
    if without != data:
        text = json.dumps(without, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {**row, "data": struck_text(text.encode(errors="replace"), roller).decode(errors="replace")}


def _named(path: Path, most_bytes: int, strike: Strike, roller: RollerNames) -> bool:
    try:
        content = read_regular(path, most_bytes)
    except (FileNotFoundError, LogDamagedError):
        return False
    return strike(content, roller) != content


def _strike(path: Path, most_bytes: int, strike: Strike, roller: RollerNames, done: Unlinked) -> None:
    """Strike a roller out of a file; one that is no file of a log (a link, a pipe) stays as it is."""
    try:
        content = read_regular(path, most_bytes)
    except FileNotFoundError:
        return
    except LogDamagedError:
        done.sure = False
        return
    told = strike(content, roller)
    if told != content:
        write_atomic(path, lambda stream: stream.write(told))
        done.changed = True
