"""A log of records over the sectors of a flash, wear-levelled, and safe against a power failure in any write.

A record counts when it is complete, its CRC is right and its commit mark is set; of two with the same kind and key,
the newer one counts. Records are only ever appended. Before a sector is erased, its live records are copied to a
spare sector; a copy has the same sequence number, so finding both is no contradiction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash.layout import (
    COMMIT_AT,
    SECTOR_HEAD,
    SET,
    Kind,
    Record,
    decode_record,
    encode_record,
    record_size,
)
from glowsim.firmware.flash.sector import Place, Sector, found, renewed
from glowtool.errors import GlowtoolError

if TYPE_CHECKING:
    from glowsim.firmware.flash.chip import FlashChip

#: The longest payload: a program of 64 steps takes 1536 bytes; one with more keyframes is stored in parts.
PAYLOAD_MOST: Final = 1600

#: Room that massages and programs must leave for settings, dose, counters and bonds.
RESERVE: Final = 3072

#: The spread of erases at which records that never change are moved to another sector.
WEAR_SPREAD: Final = 16

_BULK: Final = frozenset({Kind.PROGRAM, Kind.PROGRAM_PART, Kind.MASSAGE})
_Key = tuple[int, int]


class FlashFullError(GlowtoolError):
    """There is no room for a record; nothing has changed."""


class FlashBrokenError(GlowtoolError):
    """A write did not read back; the record is not kept."""


class RecordStore:
    """The records of a chip. Opening it is the boot scan, which repairs the traces of a brown-out."""

    def __init__(self, chip: FlashChip, *, payload_most: int = PAYLOAD_MOST, reserve: int = RESERVE) -> None:
        self._chip = chip
        self._payload_most = payload_most
        room = chip.geometry.sector_size - SECTOR_HEAD - record_size(payload_most)
        #: With this many live bytes, there is always a sector whose collection makes room for the longest record.
        self._live_most = (chip.geometry.sectors - 2) * room
        self._bulk_most = self._live_most - reserve
        self._mount()

    def get(self, kind: Kind, key: int = 0) -> bytes | None:
        """Return the newest payload of a kind and key; None when there is none."""
        place = self._live.get((kind, key))
        return None if place is None or place[1].record.tombstone else place[1].record.payload

    def keys(self, kind: Kind) -> list[int]:
        """Return the keys of a kind that have a record, in rising order."""
        return sorted(key for (of, key), (_, place) in self._live.items() if of == kind and not place.record.tombstone)

    def put(self, kind: Kind, key: int, payload: bytes) -> None:
        """Keep a payload and replace an older one; once this returns, the payload survives a loss of power.

        Raises FlashFullError or FlashBrokenError with the older one still in place, PowerLostError with one of the two.
        """
        if len(payload) > self._payload_most:
            raise FlashFullError(f"a record of {len(payload)} bytes is too long; allowed: {self._payload_most}")
        self._append(Record(kind, key, self._sequence, payload), self._bulk_most if kind in _BULK else self._live_most)

    def delete(self, kind: Kind, key: int) -> None:
        """Delete a key; once this returns, the deletion survives a loss of power. Raises as `put` does."""
        if self.get(kind, key) is not None:
            self._append(Record(kind, key, self._sequence, b"", tombstone=True), self._live_most)

    def room(self) -> int:
        """Return how many bytes of massages and programs still fit, including their headers."""
        return max(0, self._bulk_most - self.live_bytes)

    @property
    def live_bytes(self) -> int:
        """Total size in bytes of all records that count."""
        return sum(place.record.size for _, place in self._live.values())

    @property
    def erases(self) -> int:
        """Number of erases of all sectors together."""
        return sum(sector.erases for sector in self._sectors)

    @property
    def erases_most(self) -> int:
        """Number of erases of the most erased sector."""
        return max(sector.erases for sector in self._sectors)

    @property
    def wear_spread(self) -> int:
        """The difference in erases between the most and the least erased sector."""
        return self.erases_most - min(sector.erases for sector in self._sectors)

    @property
    def damaged(self) -> int:
        """Number of records that the boot scan found torn or damaged, and ignores."""
        return self._damaged

    def spoilt(self, kind: Kind) -> bool:
        """Return whether the boot scan found the latest record of a kind, with the key 0, damaged.

        The record that then counts is older, or missing. A kind that is one bit off may be the damage itself.
        """
        return kind in self._spoilt

    def verify(self) -> bool:
        """Read every record that counts again; return whether all are intact."""
        return all(self._read(sector, place) == place.record for sector, place in self._live.values())

    def _mount(self) -> None:
        chip = self._chip
        by_number = {number: found(chip, number) for number in range(chip.geometry.sectors)}
        known = [sector.erases for sector in by_number.values() if sector is not None]
        # An interrupted erase, or damage, destroyed its count of erases: the highest known count is the safe guess.
        lost = max(known, default=-1) + 1
        self._damaged = sum(sector.damaged for sector in by_number.values() if sector is not None)
        self._sectors = [sector or renewed(chip, number, lost) for number, sector in by_number.items()]
        for sector in self._sectors:
            sector.erases = lost if sector.erases < 0 else sector.erases
        self._index()
        self._spoilt = frozenset(kind for kind in Kind if self._newest_is_spoilt(kind))
        self._drop_duplicates()
        for sector in self._sectors:
            if sector.closed and not self._live_in(sector):
                # A collection was interrupted and its copy torn: without this, the spare sector would be lost.
                self._renew(sector)
        written = [sector for sector in self._sectors if sector.places and not sector.closed]
        newest = max(written, key=lambda sector: sector.places[-1].record.sequence, default=None)
        self._active = newest

    def _index(self) -> None:
        self._live: dict[_Key, tuple[Sector, Place]] = {}
        self._sequence = 0
        for sector in self._sectors:
            for place in sector.places:
                self._note(sector, place)

    def _newest_is_spoilt(self, kind: Kind) -> bool:
        known = self._live.get((kind, 0))
        for sector in self._sectors:
            for at, was, sequence in sector.spoilt:
                behind = known is None or (sector is known[0] and at > known[1].offset)
                newer = behind or (known is not None and sequence > known[1].record.sequence)
                if newer and (was ^ kind).bit_count() <= 1:
                    return True
        return False

    def _note(self, sector: Sector, place: Place) -> None:
        record = place.record
        key = (record.kind, record.key)
        known = self._live.get(key)
        if known is None or record.sequence > known[1].record.sequence:
            self._live[key] = (sector, place)
        self._sequence = max(self._sequence, record.sequence + 1)

    def _drop_duplicates(self) -> None:
        """Finish an interrupted collection: erase a sector whose live records all have a copy elsewhere."""
        where: dict[int, set[int]] = {}
        for sector in self._sectors:
            for place in sector.places:
                where.setdefault(place.record.sequence, set()).add(sector.number)
        newest = {place.record.sequence for _, place in self._live.values()}
        for sector in self._sectors:
            mine = [place.record.sequence for place in sector.places]
            copied = any(len(where[sequence]) > 1 for sequence in mine)
            if copied and all(len(where[sequence]) > 1 for sequence in mine if sequence in newest):
                self._renew(sector)
                for sequence in mine:
                    where[sequence].discard(sector.number)
        self._index()

    def _append(self, record: Record, live_most: int) -> None:
        old = self._live.get((record.kind, record.key))
        size_after = self.live_bytes - (old[1].record.size if old else 0) + record.size
        if size_after > live_most:
            raise FlashFullError(f"the flash is full: {size_after} of {live_most} bytes would be in use")
        for _ in range(self._chip.geometry.sectors):
            sector = self._with_room(record.size)
            place = self._write(sector, record)
            if place is not None:
                self._note(sector, place)
                return
            sector.closed = True
        raise FlashBrokenError("data written to the flash does not read back in any sector")

    def _with_room(self, size: int) -> Sector:
        """Return the sector to append to; collect one when only the spare sector is left."""
        for _ in range(self._chip.geometry.sectors + 1):
            active = self._active
            if active is not None and not active.closed and active.used + size <= self._chip.geometry.sector_size:
                return active
            free = [sector for sector in self._sectors if sector.free and sector is not active]
            if len(free) > 1:
                self._active = min(free, key=lambda sector: sector.erases)
            else:
                self._collect(free)
        raise FlashFullError("the flash is full: no sector can be freed")

    def _collect(self, free: list[Sector]) -> None:
        if not free:
            raise FlashFullError("the flash is full: no spare sector is left")
        self._active = None
        if self.wear_spread > WEAR_SPREAD:
            # Records that never change go to the spare sector; their own, which is hardly worn, becomes the spare.
            coldest = min((sector for sector in self._sectors if not sector.free), key=lambda sector: sector.erases)
            self._move(coldest, free[0])
            free = [coldest]
        victim = min(
            (sector for sector in self._sectors if not sector.free),
            key=lambda sector: (self._live_in(sector), sector.erases),
        )
        self._move(victim, free[0])
        self._active = free[0]

    def _live_in(self, sector: Sector) -> int:
        return sum(place.record.size for at, place in self._live.values() if at is sector)

    def _move(self, victim: Sector, spare: Sector) -> None:
        """Copy the records that count to an empty sector, then erase their own; nothing is lost at any moment."""
        for key, (sector, place) in list(self._live.items()):
            if sector is not victim:
                continue
            if place.record.tombstone and not self._buries(place.record, victim):
                del self._live[key]
                continue
            copy = self._write(spare, place.record)
            if copy is None:
                spare.closed = True
                raise FlashBrokenError(f"sector {spare.number} of the flash does not read back")
            self._live[key] = (spare, copy)
        self._renew(victim)

    def _buries(self, tombstone: Record, victim: Sector) -> bool:
        """Return whether a tombstone is still needed: an older record of its key lies in another sector."""
        key = (tombstone.kind, tombstone.key)
        return any(
            (place.record.kind, place.record.key) == key
            for sector in self._sectors
            if sector is not victim
            for place in sector.places
        )

    def _renew(self, sector: Sector) -> None:
        fresh = renewed(self._chip, sector.number, sector.erases + 1)
        sector.erases, sector.used, sector.closed = fresh.erases, fresh.used, False
        sector.places.clear()

    def _write(self, sector: Sector, record: Record) -> Place | None:
        """Append a record to a sector and commit it; None when it does not read back."""
        start = sector.number * self._chip.geometry.sector_size + sector.used
        data = encode_record(record)
        self._chip.program(start, data)
        place = Place(sector.used, record)
        sector.used += record.size
        if self._chip.read(start, len(data)) != data:
            return None
        self._chip.program(start + COMMIT_AT, SET)
        sector.places.append(place)
        return place

    def _read(self, sector: Sector, place: Place) -> Record | None:
        start = sector.number * self._chip.geometry.sector_size + place.offset
        return decode_record(self._chip.read(start, place.record.size))
