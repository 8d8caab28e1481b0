"""Log folders that are damaged at random, edited by hand, or made to harm."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from glowtool.store.tables.arrow import EVENTS_SCHEMA
from support.logs.damage import KINDS

if TYPE_CHECKING:
    from pathlib import Path

Harm = Callable[["Path", Random], None]

VALUES: tuple[object, ...] = (
    None, True, 0, -1, 1, 255, 2**31, 2**63, 10**30, -(10**30), 1e308, 0.5, "", "x", "x" * 100_000, "\x1b[31m\n\u202e",
    "\ud800", [], {}, [[]] * 3, [None], {"a": {"b": {}}}, "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00",
    "2026-01-01", [0] * 10_000, {str(n): n for n in range(1000)}, "../../etc/passwd", "/dev/zero", "00" * 24, "ff" * 24,
)  # fmt: skip

EVENT_DATA = (
    "", "{", "[]", "null", "3", '"x"', "[" * 100_000, '{"a":' * 50_000, '{"index":NaN}', '{"index":1e999}', "\0" * 40,
    '{"index":99999999999999999999}', '{"index":"x"}', '{"index":-5}', '{"first_sample":0,"count":9007199254740991}',
    '{"first_sample":-1,"count":-1}', '{"first_sample":1e400,"count":1}', '{"counters":3,"clock":[]}', "{}",
    "x" * 200_000,
    '{"head":"q","start_us":"0"}', '{"counters":{"sent":-1},"clock":{"drift_ppm":1e300}}', '{"step":{"kind":"step"}}',
)  # fmt: skip


def some_file(folder: Path, random: Random) -> Path:
    return random.choice(sorted(path for path in folder.iterdir() if path.is_file()))


def bytes_changed(folder: Path, random: Random) -> None:
    path = some_file(folder, random)
    for _ in range(random.choice([1, 1, 3])):
        content = path.read_bytes()
        if content:
            path.write_bytes(random.choice(list(KINDS.values()))(content, random))


def bytes_changed_and_vouched_for(folder: Path, random: Random) -> None:
    bytes_changed(folder, random)
    vouch(folder)


def manifest_edited(folder: Path, random: Random) -> None:
    path = folder / "manifest.json"
    document = json.loads(path.read_text())
    for _ in range(random.choice([1, 1, 2, 5])):
        place, key = _place(document, random)
        if random.random() < 0.15:
            del place[key]
        else:
            place[key] = random.choice(VALUES)
    if random.random() < 0.7:
        document.pop("manifest_crc32", None)
    path.write_text(json.dumps(document))


def manifest_strange(folder: Path, random: Random) -> None:
    text = random.choice(
        ["", "null", "[]", "3", '"x"', "[" * 10**5, '{"a":' * 10**5, "{}" * 10, "\ufeff{}", "{" + " " * 2**21]
    )
    (folder / "manifest.json").write_text(text)


def file_missing(folder: Path, random: Random) -> None:
    some_file(folder, random).unlink()


def file_replaced(folder: Path, random: Random) -> None:
    """A pipe, a link, a folder or a socket where a file is expected."""
    path = some_file(folder, random)
    path.unlink()
    match random.randrange(6):
        case 0:
            os.mkfifo(path)
        case 1:
            path.symlink_to("/dev/zero")
        case 2:
            path.symlink_to(folder.parent / "nowhere")
        case 3:
            path.mkdir()
        case 4:
            path.symlink_to("/proc/self/environ")
        case _:
            with path.open("wb") as stream:
                stream.truncate(1 << 40)  # a terabyte of nothing


def events_strange(folder: Path, random: Random) -> None:
    """Events that are none, in a finished log with the right hash, or in a journal without seals."""
    kinds = ("step", "gap", "stop", "stroke", "checkpoint", "note", "reset", "", "zzz", "\x1b[2J", "x" * 5000)
    count = random.choice([1, 5, 1000])
    rows = pa.record_batch(
        [
            pa.array([random.choice([0, 1, -5, 10**7, 2**62, -(2**63)]) for _ in range(count)], pa.int64()),
            pa.array([random.choice(kinds) for _ in range(count)]),
            pa.array([random.choice(EVENT_DATA) for _ in range(min(count, 50))] * max(1, count // 50)),
        ],
        schema=EVENTS_SCHEMA,
    )
    if (folder / "events.parquet").exists():
        pq.write_table(pa.Table.from_batches([rows]), folder / "events.parquet")
        vouch(folder)
        return
    old_manifest(folder)
    with pa.ipc.new_stream(folder / "events.arrows", EVENTS_SCHEMA) as stream:
        stream.write_batch(rows)


def table_strange(folder: Path, random: Random) -> None:
    """A table with other columns, types, orders and values than any log has, and the right hash."""
    name = random.choice(["samples", "strokes", "events"])
    path = folder / f"{name}.parquet"
    if not path.exists():
        bytes_changed(folder, random)
        return
    table = pq.read_table(path)
    column = random.randrange(table.num_columns)
    title, size = table.column_names[column], len(table)
    match random.randrange(9):
        case 0:
            table = table.drop_columns([title])
        case 1:
            table = table.set_column(column, title, pa.array(["x"] * size))
        case 2:
            table = table.set_column(column, title, pa.nulls(size, table.schema.field(column).type))
        case 3:
            values = random.choice([0, -1, 2**62, -(2**63), 2**53])
            table = table.set_column(column, title, pa.array([values] * size, pa.int64()))
        case 4:
            table = table.set_column(column, title, pa.array([random.choice([np.nan, np.inf, -1e308])] * size))
        case 5:
            table = table.slice(0, 0)
        case 6:
            table = table.take(list(range(size))[::-1])
        case 7:
            table = table.set_column(column, title, pa.array([[1]] * size))
        case _:
            table = pa.concat_tables([table] * random.choice([2, 3]))
    pq.write_table(table, path)
    vouch(folder)


def bombs(folder: Path, random: Random) -> None:
    """Files of some kilobytes that claim, or unpack to, far more than memory."""
    match random.randrange(6):
        case 0:
            rows = pa.table({"sample": pa.array(np.zeros(8_000_000, np.int64))})
            pq.write_table(rows, folder / "samples.parquet", compression="zstd")
        case 1:
            none = pa.array(np.zeros(100_000, np.int32))
            texts = [pa.DictionaryArray.from_arrays(none, [text]) for text in ("note", "{}" + " " * 60_000)]
            rows = pa.table([pa.array(np.zeros(100_000, np.int64)), *texts], names=EVENTS_SCHEMA.names)
            pq.write_table(rows, folder / "events.parquet", compression="zstd", store_schema=False)
        case 2:
            pq.write_table(pa.table({f"c{n}": [0] for n in range(20_000)}), folder / "strokes.parquet")
        case 3:
            compressed_events(folder)
        case 4:
            content = bytearray((b"\xff" * 4 + (1000).to_bytes(4, "little")) * 100_000)
            (folder / "samples.arrows").write_bytes(bytes(content))
        case _:
            document = json.loads((folder / "manifest.json").read_text())
            document["channels"] = document["channels"][:1] * 10**5
            (folder / "manifest.json").write_text(json.dumps(document))
    if (folder / "manifest.json").exists():
        vouch(folder)


HARMS: dict[str, Harm] = {
    each.__name__: each
    for each in (
        bytes_changed, bytes_changed_and_vouched_for, manifest_edited, manifest_strange, file_missing, file_replaced,
        events_strange, table_strange, bombs,
    )
}  # fmt: skip


def vouch(folder: Path) -> None:
    """Have the manifest, if it is one, list the hashes of the files as they are now."""
    path = folder / "manifest.json"
    try:
        document = json.loads(path.read_bytes())
        document["sha256"] = {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in document["sha256"]
        }
        document.pop("manifest_crc32", None)
    except (OSError, ValueError, KeyError, AttributeError, RecursionError):
        return
    path.write_text(json.dumps(document))


def old_manifest(folder: Path) -> None:
    """Have a manifest be that of a glowtool whose journals had no seals."""
    path = folder / "manifest.json"
    document = json.loads(path.read_text())
    for name in ("order", "manifest_crc32", "damage"):
        document.pop(name, None)
    path.write_text(json.dumps(document))


def compressed_events(folder: Path) -> None:
    """32 kB of a journal that unpack to some million rows."""
    rows = 4_000_000
    times = pa.array(np.zeros(rows, np.int64))
    texts = pa.StringArray.from_buffers(rows, pa.py_buffer(np.zeros(rows + 1, np.int32)), pa.py_buffer(b""))
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(folder / "events.arrows", EVENTS_SCHEMA, options=options) as stream:
        stream.write_batch(pa.record_batch([times, texts, texts], schema=EVENTS_SCHEMA))
    old_manifest(folder)


def _place(document: dict[str, object], random: Random) -> tuple[dict[str, object], str]:
    """Return an object somewhere in a document, and one of its keys."""
    place, key = document, random.choice(list(document) or ["new"])
    while random.random() < 0.6:
        inner = place.get(key)
        if isinstance(inner, list) and inner:
            inner = random.choice(inner)
        if not isinstance(inner, dict) or not inner:
            break
        place, key = inner, random.choice(list(inner))
    return place, key
