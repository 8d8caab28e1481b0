"""The archive on a device, as the seam asks for it: the massages that it kept by itself, without a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Inventory:
    """How many massages a device keeps, and how many found no room in it and are lost."""

    count: int
    lost: int


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One record in the list of a device: the number that it keeps for life, and its length."""

    number: int
    size_bytes: int


class Archive(Protocol):
    """The archive on a device: massages without a host, and how many frames its newest stream had."""

    async def last_stream_frames(self) -> int | None:
        """Return how many frames the newest stream had, None when the device does not know."""
        ...

    async def count(self) -> Inventory:
        """Return how many massages are kept, and how many did not fit."""
        ...

    async def records(self) -> list[RecordEntry]:
        """Return number and length of every record, the oldest first."""
        ...

    async def fetch(self, record: RecordEntry) -> bytes:
        """Return a whole record; raises `ProtocolError` when it arrives damaged."""
        ...

    async def delete(self, record: int, data: bytes) -> None:
        """Delete a record; refused when `data` is not the whole of it."""
        ...
