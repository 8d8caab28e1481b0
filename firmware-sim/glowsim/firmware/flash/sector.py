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
    """A sector. `closed` means that nothing may be written behind `used`: something unfinished lies there.

    `erases` is negative where a damaged header does not say them.
    """

    number: int
    erases: int = 0
    used: int = SECTOR_HEAD
    closed: bool = False
    damaged: int = 0
    #: Offset, kind and sequence, as they read, of what was committed and is no true record any more.
    spoilt: list[tuple[int, int, int]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    @property
    def free(self) -> bool:
        """Whether it holds nothing at all, and can be written."""
        return self.used == SECTOR_HEAD and not self.closed


def found(chip: FlashChip, number: int) -> Sector | None:
    """Return a sector as the flash holds it, or None when there is none: it was being erased, or begun.

    One whose header is damaged has records all the same: an erase takes the header first, and a header comes first.
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
            # Torn by a brown-out, or damaged since: its length says nothing, so look for the next true record.
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
    """Erase a sector and give it a header that says how often that was done.

    It is marked first, so that a sector half erased is never taken for one that holds records.
    """
    start = number * chip.geometry.sector_size
    chip.program(start + RETIRED_AT, SET)
    chip.erase(number)
    chip.program(start, encode_sector_head(erases))
    return Sector(number, erases)
