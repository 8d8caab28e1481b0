"""The archive on a device, as the seam asks for it: the massages that it kept by itself, without a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from glowtool.errors import DecodeError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from glowtool.model.ending import MassageEnd
    from glowtool.model.state import Interlock


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


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One step that began, summed up by the device."""

    elapsed_s: float
    contact_s: float
    mean_kpa: float
    peak_kpa: float


@dataclass(frozen=True, slots=True)
class RecordedMassage:
    """A massage that a device ran and recorded by itself, in people's units.

    `data` is the record as the device sent it, which only a driver of its `kind` understands: it is kept, and compared.
    `started_utc` is None when the device's clock was not set.
    """

    kind: str
    data: bytes
    started_utc: datetime | None
    ending: MassageEnd
    interlocks: Interlock
    program_crc32: int
    current_s: float
    vibration_s: float
    steps: tuple[RecordedStep, ...]


class UnknownRecordError(DecodeError):
    """A record arrived whole, and the driver does not understand it."""


class WrongRecordError(ProtocolError):
    """What arrived of a record is not the record: another length, or another checksum."""


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

    async def fetch(self, record: RecordEntry) -> RecordedMassage:
        """Return a whole record; raises `UnknownRecordError`, or `ProtocolError` when it arrives damaged."""
        ...

    async def delete(self, record: int, data: bytes) -> None:
        """Delete a record; refused when `data` is not the whole of it, as it was sent."""
        ...


@runtime_checkable
class ResumingArchive(Archive, Protocol):
    """An archive that tells a record's checksum before it is fetched, and goes on with one of which a part is here."""

    async def crc32_of(self, record: int) -> int:
        """Return the CRC-32 of a whole record."""
        ...

    async def resume(self, record: RecordEntry, crc32: int, here: bytes, keep: Callable[[bytes], None]) -> bytes:
        """Return a whole record that has that CRC-32, asking only for what follows the bytes `here`.

        `keep` is given each further piece as it arrives. Raises `WrongRecordError` when the whole is another one.
        """
        ...

    def recorded_in(self, data: bytes) -> RecordedMassage:
        """Return the massage in a whole record; raises `UnknownRecordError`."""
        ...
