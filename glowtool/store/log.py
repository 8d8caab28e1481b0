"""Reading a session's log, whether it was finished, is still recording, or was cut off."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from glowtool.errors import LogDamagedError, StoreError
from glowtool.store.arrow import arrays_of, events_of
from glowtool.store.events import EventKind, gap_of
from glowtool.store.files import storing
from glowtool.store.finish import EVENTS_FILE, SAMPLES_FILE, STROKES_FILE, verify_files
from glowtool.store.manifest import LogState, read_manifest
from glowtool.store.tables import Tables, tables_of_journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from glowtool.store.events import Event
    from glowtool.store.manifest import Manifest
    from glowtool.stream.account import Gap
    from glowtool.stream.block import Columns


class SessionLog:
    """One session on disk; columns are read when they are asked for.

    The manifest of a session that is not finished is completed from its journal: steps, counters and clock as far as
    they are known.
    """

    def __init__(self, path: Path, manifest: Manifest, journal: Tables | None) -> None:
        self.path = path
        self.manifest = manifest
        self._journal = journal

    @classmethod
    def open(cls, path: Path, *, verify: bool = True) -> SessionLog:
        """Open a session's folder; raises `LogNotFoundError`, or `LogDamagedError` naming the file that is damaged."""
        manifest = read_manifest(path)
        if manifest.state is LogState.RECORDING:
            tables = tables_of_journal(path, manifest)
            known = {"steps": tables.steps, "counters": tables.counters, "clock": tables.clock}
            return cls(path, manifest.model_copy(update=known), tables)
        if verify:
            verify_files(path, manifest)
        return cls(path, manifest, None)

    def sample_columns(self) -> tuple[str, ...]:
        """Return the names of the samples columns, `step` included."""
        if self._journal is not None:
            return tuple(self._journal.samples.column_names)
        path = self.path / SAMPLES_FILE
        with _reading(path):
            return tuple(pq.read_schema(path).names)

    def samples_table(self, *names: str) -> pa.Table:
        """Return samples columns as an Arrow table; all of them when none is named."""
        present = self.sample_columns()
        wanted = list(names or present)
        unknown = sorted(set(wanted) - set(present))
        if unknown:
            raise StoreError(f"{self.path} has no samples column {unknown[0]!r}; it has {', '.join(present)}")
        if self._journal is not None:
            return self._journal.samples.select(wanted)
        path = self.path / SAMPLES_FILE
        with _reading(path):
            return pq.read_table(path, columns=wanted)

    def samples(self, *names: str) -> Columns:
        """Return samples columns by name, each of shape (n,); all of them when none is named."""
        return arrays_of(self.samples_table(*names))

    @cached_property
    def strokes_table(self) -> pa.Table:
        """The strokes as an Arrow table."""
        return self._journal.strokes if self._journal is not None else _whole_table(self.path / STROKES_FILE)

    def strokes(self) -> Columns:
        """Return the strokes columns, each of shape (n,)."""
        return arrays_of(self.strokes_table)

    @cached_property
    def events_table(self) -> pa.Table:
        """The events as an Arrow table."""
        return self._journal.events if self._journal is not None else _whole_table(self.path / EVENTS_FILE)

    def events(self) -> tuple[Event, ...]:
        """Return the events in the order in which they were written."""
        return events_of(self.events_table, self.path / EVENTS_FILE)

    def gaps(self) -> tuple[Gap, ...]:
        """Return the samples that are missing."""
        return tuple(gap_of(event) for event in self.events() if event.kind is EventKind.GAP)


def _whole_table(path: Path) -> pa.Table:
    with _reading(path):
        return pq.read_table(path)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say which file is at fault when it is not the Parquet that the manifest promises."""
    try:
        with storing(f"read {path}"):
            yield
    except pa.ArrowException as error:
        raise LogDamagedError(f"{path} does not read as Parquet: {error}; restore it from a backup") from error
