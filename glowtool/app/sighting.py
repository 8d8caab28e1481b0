"""The content of an advertisement: the roller that was heard, its signal strength, and its condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.drivers.gr1.advertisement import announced_in, is_roller

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from glowtool.device.announcement import Announcement
    from glowtool.store.rollers.known import KnownRoller


@dataclass(frozen=True, slots=True)
class Sighting:
    """A roller that was heard: its identity, its signal strength, and what it announces."""

    device: BLEDevice
    name: str | None
    rssi_dbm: int
    announcement: Announcement | None

    @property
    def spoken(self) -> str:
        """Its name and address."""
        return f"{self.name} ({self.device.address})" if self.name else self.device.address

    @property
    def condition(self) -> tuple[bool, ...]:
        """The condition that the roller announces; as of one that announces nothing when it is not understood."""
        said = self.announcement
        others = (False, False) if said is None else (said.bonded, said.charging)
        return (self.pairing_open, self.bonds_full, self.has_display, *others)

    @property
    def pairing_open(self) -> bool:
        """Whether the roller can be paired now."""
        return self.announcement is not None and self.announcement.pairing_open

    @property
    def bonds_full(self) -> bool:
        """Whether the roller has no room for another bond."""
        return self.announcement is not None and self.announcement.bonds_full

    @property
    def has_display(self) -> bool:
        """Whether it has a display, unless it says otherwise."""
        return self.announcement is None or self.announcement.has_display

    def is_known_as(self, known: KnownRoller) -> bool:
        """Whether this is that roller: by its address or, with another identity, by the end of its serial number."""
        if self.device.address.casefold() == known.address.casefold():
            return True
        return self.announcement is not None and known.serial[-4:].casefold() == self.announcement.serial_tail


@dataclass(frozen=True, slots=True)
class Other:
    """A device that was heard and is not a roller."""

    address: str
    name: str | None
    rssi_dbm: int
    services: int


def known_as(sighting: Sighting, rollers: tuple[KnownRoller, ...]) -> KnownRoller | None:
    """Return the known roller that was heard, preferably the one with that address; None for a new roller."""
    candidates = [known for known in rollers if sighting.is_known_as(known)]
    here = sighting.device.address.casefold()
    return min(candidates, key=lambda known: known.address.casefold() != here, default=None)


def heard_as(device: BLEDevice, heard: AdvertisementData) -> Sighting | Other:
    """Return the roller that was heard, or the other device."""
    other = Other(device.address, heard.local_name or device.name, heard.rssi, len(heard.service_uuids))
    return sighting_of(device, heard) or other


def sighting_of(device: BLEDevice, heard: AdvertisementData) -> Sighting | None:
    """Return the content of an advertisement, or None when it is not a roller's."""
    said, name = announced_in(heard), heard.local_name or device.name
    # One that announces nothing that is understood is still a roller, and shown without its details.
    return Sighting(device, name, heard.rssi, said) if is_roller(heard, name, said) else None
