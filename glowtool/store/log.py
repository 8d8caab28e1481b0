"""Reading a session's log, whether it was finished, is still recording, or was cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.events import Event
    from glowtool.store.manifest import Manifest
    from glowtool.stream.account import Gap
    from glowtool.stream.block import Columns


class SessionLog:
    """One session on disk; columns are read when they are asked for."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest

    @classmethod
    def open(cls, path: Path, *, verify: bool = True) -> SessionLog:
        """Open a session's folder; raises `LogNotFoundError`, or `LogDamagedError` naming the file that is damaged."""
        raise NotImplementedError

    def sample_columns(self) -> tuple[str, ...]:
        """Return the names of the samples columns, `step` included."""
        raise NotImplementedError

    def samples(self, *names: str) -> Columns:
        """Return samples columns by name, each of shape (n,); all of them when none is named."""
        raise NotImplementedError

    def strokes(self) -> Columns:
        """Return the strokes columns, each of shape (n,)."""
        raise NotImplementedError

    def events(self) -> tuple[Event, ...]:
        """Return the events in the order in which they were written."""
        raise NotImplementedError

    def gaps(self) -> tuple[Gap, ...]:
        """Return the samples that are missing."""
        raise NotImplementedError
