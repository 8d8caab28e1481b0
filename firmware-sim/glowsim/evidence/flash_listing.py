"""A listing of a flash image: every complete record, whether it counts, and the damage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash.chip import FlashChip, Geometry
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.sector import found
from glowtool.errors import InputError
from glowtool.model.names import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from glowsim.firmware.flash.layout import Record

IMAGE_NAME: Final = "flash.bin"

#: Bonds hold the keys of hosts, and programs and massages are binary: of these, only the size is shown.
_TEXT: Final = frozenset({Kind.SETTINGS, Kind.TARE, Kind.DOSE, Kind.COUNTERS, Kind.FUEL_GAUGE, Kind.REST})


@dataclass(frozen=True, slots=True)
class Listed:
    """A complete record: address, kind, sequence; `counts` if the firmware uses it, `text` if its payload is text."""

    address: int
    kind: str
    key: int
    sequence: int
    payload_bytes: int
    counts: bool
    deleted: bool
    text: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The records of an image by address, its wear, and the number of torn or damaged records."""

    records: tuple[Listed, ...]
    sectors: int
    sectors_free: int
    erases: int
    damaged: int


def list_flash(path: Path) -> Listing:
    """List the image in a state directory or a file, without changing it; InputError when it is not an image."""
    image = path / IMAGE_NAME if path.is_dir() else path
    try:
        chip = FlashChip(Geometry(), image.read_bytes())
    except OSError as error:
        raise InputError(
            f"{image}: {error.strerror}",
            advice="name a flash image, or the directory of a roller that has been switched on",
        ) from error
    except ValueError as error:
        raise InputError(f"{image}: {error}") from error
    sectors = [sector for number in range(chip.geometry.sectors) if (sector := found(chip, number)) is not None]
    placed = [
        (sector.number * chip.geometry.sector_size + place.offset, place.record)
        for sector in sectors
        for place in sector.places
    ]
    newest = _newest(record for _, record in placed)
    return Listing(
        records=tuple(_listed(address, record, newest) for address, record in placed),
        sectors=chip.geometry.sectors,
        sectors_free=chip.geometry.sectors - sum(not sector.free for sector in sectors),
        erases=sum(sector.erases for sector in sectors),
        damaged=sum(sector.damaged for sector in sectors),
    )


def _newest(records: Iterable[Record]) -> dict[tuple[int, int], int]:
    newest: dict[tuple[int, int], int] = {}
    for record in records:
        place = record.kind, record.key
        newest[place] = max(record.sequence, newest.get(place, 0))
    return newest


def _listed(address: int, record: Record, newest: dict[tuple[int, int], int]) -> Listed:
    known = record.kind in set(Kind)
    return Listed(
        address=address,
        kind=key_of(Kind(record.kind)) if known else f"unknown-{record.kind}",
        key=record.key,
        sequence=record.sequence,
        payload_bytes=len(record.payload),
        counts=record.sequence == newest[record.kind, record.key] and not record.tombstone,
        deleted=record.tombstone,
        text=record.payload.decode("utf-8", "replace") if record.kind in _TEXT and not record.tombstone else None,
    )
