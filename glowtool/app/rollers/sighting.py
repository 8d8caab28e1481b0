"""The content of an advertisement: the device that was heard, its kind, its signal strength, and its condition."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.app.news import PassedOver, untold
from glowtool.device.announcement import Recognised
from glowtool.drivers.kinds import GR1, DriverKind, installed, kind_for, unusable
from glowtool.errors import MissingExtraError

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from glowtool.app.news import Tell
    from glowtool.device.announcement import Announcement
    from glowtool.store.rollers.known import KnownRoller

_LOG = logging.getLogger(__name__)


def kind_of(known: KnownRoller) -> DriverKind:
    """Return the kind of a known device, by its model; raises `MissingExtraError` when its driver cannot be loaded."""
    return kind_for(known.model)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A roller that was heard: its identity, its signal strength, what it announces, and its kind."""

    device: BLEDevice
    name: str | None
    rssi_dbm: int
    announcement: Announcement | None
    kind: DriverKind = GR1

    @property
    def is_ours(self) -> bool:
        """Whether it is a GR-1, or speaks as one."""
        return self.kind is GR1

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
        if self.announcement is None or not self._may_be(known):
            return False
        tail = self.announcement.serial_tail
        return tail != "" and known.serial[-4:].casefold() == tail

    def _may_be(self, known: KnownRoller) -> bool:
        """Return whether a device of that model may be of this kind."""
        if self.kind.is_for(known.model):
            return True
        try:
            return self.is_ours and kind_of(known) is GR1
        except MissingExtraError:
            return True


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


class Recogniser:
    """Tells the devices of some kinds from all others; of several kinds that claim one, the first has it.

    A driver that fails is named once and passed over.
    """

    def __init__(self, kinds: tuple[DriverKind, ...] = (GR1,), tell: Tell = untold) -> None:
        self._kinds = kinds
        self._tell = tell

    @classmethod
    def of_all(cls, tell: Tell) -> Recogniser:
        """Return the one of every kind that is installed, ours first."""
        return cls(installed(lambda error: tell(PassedOver(error))), tell)

    def heard_as(self, device: BLEDevice, heard: AdvertisementData) -> Sighting | Other:
        """Return the roller that was heard, or the other device."""
        other = Other(device.address, heard.local_name or device.name, heard.rssi, len(heard.service_uuids))
        return self.sighting_of(device, heard) or other

    def sighting_of(self, device: BLEDevice, heard: AdvertisementData) -> Sighting | None:
        """Return the content of an advertisement, or None when it is of no device of these kinds."""
        name = heard.local_name or device.name
        for kind in self._kinds:
            recognised = kind.recognises(heard, name) if kind is GR1 else self._asked(kind, heard, name)
            if recognised is not None:
                return Sighting(device, name, heard.rssi, recognised.announcement, kind)
        return None

    def _asked(self, kind: DriverKind, heard: AdvertisementData, name: str | None) -> Recognised | None:
        """Return the answer of another maker's code, which may fail in any way."""
        try:
            answer = kind.recognises(heard, name)
            if not isinstance(answer, Recognised | None):
                raise TypeError(f"it returned {type(answer).__name__}, not Recognised or None")  # noqa: TRY301 - both are its failure
        except Exception as error:  # noqa: BLE001 - as above
            _LOG.info("the driver %r fails: %r", kind.name, error)
            self._kinds = tuple(other for other in self._kinds if other is not kind)
            self._tell(PassedOver(unusable(kind.name, "tell its devices from others", error)))
            return None
        return answer
