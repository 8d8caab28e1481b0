"""A NOR flash chip: it erases sectors to ones, programs pages from ones to zeros, and can lose power at any byte."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import GlowtoolError

if TYPE_CHECKING:
    from collections.abc import Callable

BLANK: Final = 0xFF


@dataclass(frozen=True, slots=True)
class Geometry:
    """Number and size of the sectors, and size of a page, in bytes; a sector is a whole number of pages."""

    sectors: int = 32
    sector_size: int = 4096
    page_size: int = 256

    @property
    def size(self) -> int:
        """Size of the whole chip in bytes."""
        return self.sectors * self.sector_size


class WriteKind(enum.Enum):
    """The two ways to change a chip."""

    PROGRAM = "program"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Write:
    """One change that is about to happen: its number since power-on (from 0), and its bytes."""

    number: int
    kind: WriteKind
    address: int
    size: int


class PowerLostError(GlowtoolError):
    """The power failed during a write; nothing works until the chip is powered on again."""


def never(_write: Write) -> int | None:
    """Let every write through: the hook of a roller whose power does not fail."""
    return None


class FlashChip:
    """The chip. It asks `cut` before every write; a number says how many bytes are written before the power fails.

    `on_change` gets every changed range, so that an image file can follow the chip.
    """

    def __init__(
        self,
        geometry: Geometry | None = None,
        image: bytes | None = None,
        on_change: Callable[[int, bytes], None] | None = None,
    ) -> None:
        self.geometry = geometry or Geometry()
        self._bytes = bytearray(image) if image is not None else bytearray([BLANK]) * self.geometry.size
        if len(self._bytes) != self.geometry.size:
            raise ValueError(f"an image of {len(self._bytes)} bytes does not fit a chip of {self.geometry.size} bytes")
        self._on_change = on_change
        self._powered = True
        self.writes = 0
        self.cut: Callable[[Write], int | None] = never

    @property
    def image(self) -> bytes:
        """A copy of all bytes."""
        return bytes(self._bytes)

    def power_on(self) -> None:
        """Restore power after a failure, and count writes from zero; nothing happens to a chip that has power."""
        if not self._powered:
            self._powered = True
            self.writes = 0

    def read(self, address: int, size: int) -> bytes:
        """Return `size` bytes at `address`; raises PowerLostError without power."""
        self._require_power()
        return bytes(self._bytes[address : address + size])

    def program(self, address: int, data: bytes) -> None:
        """Clear the bits that are zero in `data`; a range over several pages is programmed page by page."""
        page = self.geometry.page_size
        done = 0
        while done < len(data):
            at = address + done
            piece = data[done : done + page - at % page]
            old = self._bytes[at : at + len(piece)]
            self._change(WriteKind.PROGRAM, at, bytes(a & b for a, b in zip(old, piece, strict=True)))
            done += len(piece)

    def erase(self, sector: int) -> None:
        """Set every bit of a sector."""
        size = self.geometry.sector_size
        self._change(WriteKind.ERASE, sector * size, bytes([BLANK]) * size)

    def corrupt(self, address: int, mask: int) -> None:
        """Flip bits of one byte, as age and radiation do; this is a fault and not a write."""
        self._put(address, bytes([self._bytes[address] ^ mask]))

    def _change(self, kind: WriteKind, address: int, data: bytes) -> None:
        self._require_power()
        allowed = self.cut(Write(self.writes, kind, address, len(data)))
        self.writes += 1
        if allowed is None:
            self._put(address, data)
            return
        self._put(address, data[:allowed])
        self._powered = False
        raise PowerLostError(f"the power failed after {allowed} of {len(data)} bytes of a {kind.value} at {address:#x}")

    def _put(self, address: int, data: bytes) -> None:
        self._bytes[address : address + len(data)] = data
        if self._on_change is not None:
            self._on_change(address, data)

    def _require_power(self) -> None:
        if not self._powered:
            raise PowerLostError("the flash has no power; power it on first")
