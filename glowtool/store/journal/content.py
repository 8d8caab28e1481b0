"""The content of a journal's two files, damaged or whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogDamagedError, StoreError
from glowtool.kit.storage.files import storing
from glowtool.store.bounds import EVENTS_MAX, EVENTS_MAX_BYTES, SAMPLES_MAX, SAMPLES_MAX_BYTES
from glowtool.store.journal.plausible import Judge
from glowtool.store.journal.salvage import Salvage, salvage
from glowtool.store.journal.seal import StreamName, journal_tag
from glowtool.store.names import EVENTS_NAME, SAMPLES_NAME
from glowtool.store.regular import read_regular
from glowtool.store.tables.arrow import EVENTS_SCHEMA, arrays_of_batch, schema_of
from glowtool.store.tables.manifest import manifest_of
from glowtool.stream.columns import distinct_channels, sample_columns

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from glowtool.store.journal.salvage import Plausible
    from glowtool.store.tables.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Content:
    """The whole batches of both streams of a journal."""

    samples: Salvage
    events: Salvage

    @property
    def sealed(self) -> bool:
        """Whether the journal has checksums."""
        return self.samples.sealed or self.events.sealed

    @property
    def samples_written(self) -> int:
        """The number of samples written, as far as either stream tells; 0 without seals."""
        return max(self.samples.known_rows, self.events.others)

    @property
    def events_written(self) -> int:
        """The number of events written, as far as either stream tells; 0 without seals."""
        return max(self.events.known_rows, self.samples.others)

    @property
    def is_beginning(self) -> bool:
        """Whether both streams are whole up to the ends of their files: losses were cut off, not damaged."""
        return self.samples.is_beginning and self.events.is_beginning

    @property
    def bad_bytes(self) -> int:
        """The number of bytes that belong to no whole message."""
        return self.samples.bad_bytes + self.events.bad_bytes


def read_content(folder: Path, manifest: Manifest) -> Content:
    """Return what a journal holds; raises `LogDamagedError` when it is not of one massage, that of the manifest."""
    channels = distinct_channels(manifest.known_channels())
    schema = schema_of(sample_columns(channels))
    judge = Judge(channels, manifest.rate_hz)

    def plausible(batch: pa.RecordBatch) -> bool:
        return judge.plausible(arrays_of_batch(batch))

    # A glowtool that numbers sessions also seals what it writes.
    old = manifest.order is None
    samples = _stream(folder, StreamName.SAMPLES, schema, plausible if old else None)
    events = _stream(folder, StreamName.EVENTS, EVENTS_SCHEMA, (lambda batch: len(batch) > 0) if old else None)
    if samples.sealed and events.sealed and samples.journal != events.journal:
        raise LogDamagedError(
            f"{folder}: {SAMPLES_NAME} and {EVENTS_NAME} belong to two massages",
            advice="restore the files that belong together",
        )
    strange = {each.journal for each in (samples, events) if each.sealed} - {journal_tag(manifest.session_id)}
    if strange and not manifest.altered:  # a manifest that is itself damaged proves nothing against its journal
        raise LogDamagedError(
            f"{folder}: the journal belongs to another massage than the manifest, {manifest.session_id}",
            advice="restore the files that belong together",
        )
    return Content(samples, events)


def manifest_of_journal(folder: Path) -> Manifest | None:
    """Return the copy of the manifest that a journal begins with, without the roller; None when it has none."""
    for stream, schema in ((StreamName.EVENTS, EVENTS_SCHEMA), (StreamName.SAMPLES, EVENTS_SCHEMA)):
        copy = _stream(folder, stream, schema, None).manifest
        try:
            found = None if copy is None else manifest_of(copy, folder / f"{stream}.arrows")
        except StoreError:
            continue
        if found is not None and not found.altered:
            return found
    return None


def _stream(folder: Path, stream: StreamName, schema: pa.Schema, plausible: Plausible | None) -> Salvage:
    name, most_bytes, most_rows = _FILES[stream]
    path = folder / name
    with storing(f"read {path}"):
        try:
            data = read_regular(path, most_bytes)
        except FileNotFoundError:
            data = b""
    try:
        return salvage(data, stream, schema, plausible, most_rows)
    except LogDamagedError as error:
        raise LogDamagedError(f"{path} is damaged: {error}") from error


_FILES: Final = {
    StreamName.SAMPLES: (SAMPLES_NAME, SAMPLES_MAX_BYTES, SAMPLES_MAX),
    StreamName.EVENTS: (EVENTS_NAME, EVENTS_MAX_BYTES, EVENTS_MAX),
}
