"""A recording that a test damages, and a check of what must be kept of it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import numpy as np

from glowtool.store.logs.log import SessionLog
from glowtool.store.names import EVENTS_NAME, SAMPLES_NAME
from support.logs.damage import KINDS, batches_of, whole_rows
from support.logs.sessions import record

if TYPE_CHECKING:
    import pyarrow as pa

FILES = (SAMPLES_NAME, EVENTS_NAME)


@cache
def recording() -> Path:
    """Return a cut-off log of some seconds with three lost frames."""
    journal, _ = record(Path(mkdtemp()), 6, lose=range(30, 33))
    journal.close()
    return journal.folder


@cache
def samples_before() -> pa.Table:
    return SessionLog.open(recording()).samples_table()


def overwrite(path: Path, start: int, content: bytes) -> None:
    changed = bytearray(path.read_bytes())
    changed[start : start + len(content)] = content
    path.write_bytes(bytes(changed))


def check_kept(after: pa.Table) -> None:
    """Fail unless each sample that is kept is one that was written, in every column that damage could reach."""
    before = samples_before()
    rows = np.searchsorted(before["sample"].to_numpy(), after["sample"].to_numpy())
    taken = before.take(rows)
    for name in before.column_names:
        if name not in {"host_time_us", "step"}:  # made from the events, at the end
            assert taken[name].to_pylist() == after[name].to_pylist(), name


def check_damaged(kind: str, name: str, seed: int) -> None:
    folder = Path(mkdtemp()) / recording().name
    shutil.copytree(recording(), folder)
    before = (folder / name).read_bytes()
    after = KINDS[kind](before, Random(seed))  # noqa: S311 - chance that can be repeated
    (folder / name).write_bytes(after)
    whole = whole_rows(before, after)
    log = SessionLog.open(folder)
    damage = log.manifest.damage
    check_kept(log.samples_table())
    lost = sum(len(batch) for _, batch in batches_of(before)) - whole
    if name == SAMPLES_NAME:
        assert len(log.samples_table()) == whole
        assert (0 if damage is None else damage.samples) == lost
    elif lost and len(after) and not before.startswith(after):
        assert damage is not None
    assert (damage is None) == (after == before or (before.startswith(after) and not lost and damage is None))
    shutil.rmtree(folder.parent)
