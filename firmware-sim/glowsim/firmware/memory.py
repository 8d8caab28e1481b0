"""What survives a loss of power: one mapping, kept by whoever owns the flash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Memory(Protocol):
    """The flash: load and save of one mapping that JSON can hold."""

    def load(self) -> Mapping[str, object]:
        """Return what was saved last, or an empty mapping."""
        ...

    def save(self, content: Mapping[str, object]) -> None:
        """Replace what is kept, all or nothing."""
        ...


class VolatileMemory:
    """A memory that forgets with the process; for tests and throw-away rollers."""

    def __init__(self, content: Mapping[str, object] | None = None) -> None:
        self._content = dict(content or {})

    def load(self) -> Mapping[str, object]:
        """Return what was saved last."""
        return dict(self._content)

    def save(self, content: Mapping[str, object]) -> None:
        """Replace what is kept."""
        self._content = dict(content)
