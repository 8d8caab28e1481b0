"""One sector of the record store: its header, its records, and the place for the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glowsim.firmware.flash.layout import (
    ALIGNMENT,
    RECORD_HEAD,
    RETIRED_AT,
    SECTOR_HEAD,
    SET,
    Record,
    blank,
    committed,
    decode_record,
    encode_sector_head,
    erases_of,
)

if TYPE_CHECKING:
    from glowsim.firmware.flash.chip import FlashChip


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a committed record, and its kind."""

    offset: int
    record: Record


@dataclass(slots=True)
class Sector:
    """A sector. `closed` means that nothing may be written from `used` on: something unfinished lies there.

    `erases` is negative where a damaged header does not tell the number.
    """

    number: int
    erases: int = 0
    used: int = SECTOR_HEAD
    closed: bool = False
    damaged: int = 0
    #: Offset, kind and sequence, as read, of records that were committed and are damaged now.
    spoilt: list[tuple[int, int, int]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    @property
    def free(self) -> bool:
        """Whether the sector is empty and can be written."""
        return self.used == SECTOR_HEAD and not self.closed


def found(chip: FlashChip, number: int) -> Sector | None:
    """Return a sector as it is in the flash; None when its erase, or its header, was interrupted.

    A sector with a damaged header still has records: an erase destroys the header first, and a header is written first.
    """
    size = chip.geometry.sector_size
    data = chip.read(number * size, size)
    erases = erases_of(data)
    if data[RETIRED_AT] == SET[0]:
        return None
    sector = Sector(number, -1 if erases is None else erases)
    if erases is None:
        if blank(data[:SECTOR_HEAD]) or blank(data[SECTOR_HEAD:]):
            return None
        sector.closed, sector.damaged = True, 1
    at = SECTOR_HEAD
    while at + RECORD_HEAD <= size and not blank(data[at : at + RECORD_HEAD]):
        record = decode_record(data[at:])
        if record is None:
            # Torn by a brown-out, or damaged later: its length means nothing, so look for the next intact record.
            sector.closed = True
            sector.damaged += 1
            was = committed(data[at:])
            if was is not None:
                sector.spoilt.append((at, *was))
            at = _next_record(data, at + ALIGNMENT)
            continue
        sector.places.append(Place(at, record))
        at += record.size
    sector.used = min(at, size)
    sector.closed = sector.closed or not blank(data[sector.used :])
    return sector


def _next_record(data: bytes, at: int) -> int:
    while at + RECORD_HEAD <= len(data) and decode_record(data[at:]) is None:
        at += ALIGNMENT
    return at if at + RECORD_HEAD <= len(data) else len(data)


def renewed(chip: FlashChip, number: int, erases: int) -> Sector:
    """Erase a sector and write a header with its number of erases.

    The sector is marked first, so that a half-erased one is never taken for one with records.
    """
    start = number * chip.geometry.sector_size
    chip.program(start + RETIRED_AT, SET)
    chip.erase(number)
    chip.program(start, encode_sector_head(erases))
    return Sector(number, erases)
