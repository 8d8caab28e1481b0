"""The content of an advertisement: the roller that was heard, its signal strength, and its condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.errors import DecodeError
from glowtool.protocol.advertising import COMPANY_ID, Advertisement, AdvertisingFlag, local_name
from glowtool.protocol.gatt import ROLLER_SERVICE
from glowtool.protocol.wire import decode

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from glowtool.store.rollers.known import KnownRoller


@dataclass(frozen=True, slots=True)
class Sighting:
    """A roller that was heard: its identity, its signal strength, and what it announces."""

    device: BLEDevice
    name: str | None
    rssi_dbm: int
    advertisement: Advertisement | None

    @property
    def spoken(self) -> str:
        """Its name and address."""
        return f"{self.name} ({self.device.address})" if self.name else self.device.address

    @property
    def flags(self) -> AdvertisingFlag:
        """The condition that the roller announces; empty when it is not understood."""
        return self.advertisement.flags if self.advertisement else AdvertisingFlag(0)

    @property
    def pairing_open(self) -> bool:
        """Whether the roller can be paired now."""
        return AdvertisingFlag.PAIRING_WINDOW_OPEN in self.flags

    @property
    def bonds_full(self) -> bool:
        """Whether the roller has no room for another bond."""
        return AdvertisingFlag.BONDS_FULL in self.flags

    @property
    def has_display(self) -> bool:
        """Whether it has a display, unless it says otherwise."""
        return AdvertisingFlag.NO_DISPLAY not in self.flags

    def is_known_as(self, known: KnownRoller) -> bool:
        """Whether this is that roller: by its address or, with another identity, by the end of its serial number."""
        if self.device.address.casefold() == known.address.casefold():
            return True
        said = self.advertisement
        return said is not None and known.serial[-4:].casefold() == f"{said.serial_tail:04x}"


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
    raw = heard.manufacturer_data.get(COMPANY_ID)
    try:
        said = decode(Advertisement, raw) if raw is not None else None
    except DecodeError:
        said = None  # a newer or a broken roller; it is still shown, without its details
    name = heard.local_name or device.name
    # BlueZ loses the services of a device whose discovery was cut off, as by a cancelled pairing, until it is removed.
    named_as_it_says = said is not None and name == local_name(said.serial_tail)
    if ROLLER_SERVICE.uuid not in heard.service_uuids and not named_as_it_says:
        return None
    return Sighting(device, name, heard.rssi, said)
