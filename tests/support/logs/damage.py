"""Damage as disks, copies and people do it, and the part of a journal's stream that survives it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from pathlib import Path

Damage = Callable[[bytes, Random], bytes]


def zeros(content: bytes, random: Random) -> bytes:
    size = random.choice([1, 64, 512, 4096])
    at = random.randrange(len(content)) // size * size
    return content[:at] + bytes(min(size, len(content) - at)) + content[at + size :]


def flips(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 8])):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def noise(content: bytes, random: Random) -> bytes:
    size = random.choice([4, 512, 4096])
    at = random.randrange(len(content))
    return content[:at] + random.randbytes(min(size, len(content) - at)) + content[at + size :]


def cut_off(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(len(content))]


def cut_out(content: bytes, random: Random) -> bytes:
    at = random.randrange(len(content))
    return content[:at] + content[at + random.choice([1, 7, 512, 4096]) :]


def inserted(content: bytes, random: Random) -> bytes:
    at = random.randrange(len(content))
    return content[:at] + random.randbytes(random.choice([1, 8, 512])) + content[at:]


def repeated(content: bytes, random: Random) -> bytes:
    size = random.choice([512, 4096])
    at = random.randrange(len(content)) // size * size
    return content[: at + size] + content[at : at + size] + content[at + size :]


def swapped(content: bytes, random: Random) -> bytes:
    size = 512
    one, other = sorted(random.randrange(len(content)) // size * size for _ in range(2))
    if other + size > len(content) or other < one + size:
        return flips(content, random)
    changed = bytearray(content)
    changed[one : one + size], changed[other : other + size] = content[other : other + size], content[one : one + size]
    return bytes(changed)


KINDS: dict[str, Damage] = {
    each.__name__: each for each in (zeros, flips, noise, cut_off, cut_out, inserted, repeated, swapped)
}


def batches_of(content: bytes) -> list[tuple[bytes, pa.RecordBatch]]:
    """Return each batch of an undamaged stream with the bytes of its message, by Arrow's own reader."""
    source = pa.BufferReader(content)
    schema = pa.ipc.read_schema(pa.ipc.read_message(source)).remove_metadata()
    found = []
    while source.tell() < len(content):
        start = source.tell()
        message = pa.ipc.read_message(source)
        found.append((content[start : source.tell()], pa.ipc.read_record_batch(message, schema)))
    return found


def whole_rows(before: bytes, after: bytes) -> int:
    """Return the rows of those batches whose bytes are all there, in one piece, after the damage."""
    return sum(len(batch) for message, batch in batches_of(before) if message in after)


def make_old(folder: Path) -> None:
    """Turn a journal into one of glowtool before 0.2: no seals, no copy of the manifest, no number."""
    import json

    for name in ("samples.arrows", "events.arrows"):
        path = folder / name
        batches = [batch for _, batch in batches_of(path.read_bytes())]
        schema = pa.ipc.read_schema(pa.ipc.read_message(pa.py_buffer(path.read_bytes()))).remove_metadata()
        path.write_bytes(b"".join(item.serialize().to_pybytes() for item in (schema, *batches)))
    manifest = json.loads((folder / "manifest.json").read_text())
    for field in ("order", "damage", "manifest_crc32"):
        del manifest[field]
    (folder / "manifest.json").write_text(json.dumps(manifest))
