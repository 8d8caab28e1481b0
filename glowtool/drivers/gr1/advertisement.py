"""The advertisement of a GR-1: whether one was heard, what it announces, and what pairing needs to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.device.announcement import Announcement, Recognised
from glowtool.errors import DecodeError
from glowtool.link.pairing import PairingSigns
from glowtool.protocol.advertising import COMPANY_ID, Advertisement, AdvertisingFlag
from glowtool.protocol.gatt import ROLLER_SERVICE, STATUS
from glowtool.protocol.wire import decode

if TYPE_CHECKING:
    from bleak.backends.scanner import AdvertisementData


def recognised(heard: AdvertisementData, name: str | None) -> Recognised | None:
    """Return the roller that was heard under that name, or None for another device.

    A roller whose announcement is not understood is still a roller; it is shown without its details.
    """
    said = announced_in(heard)
    return Recognised(said) if is_roller(heard, name, said) else None


def announced_in(heard: AdvertisementData) -> Announcement | None:
    """Return what a roller announces; None for a newer or a broken one, and for what is none."""
    raw = heard.manufacturer_data.get(COMPANY_ID)
    try:
        return None if raw is None else announcement_of(decode(Advertisement, raw))
    except DecodeError:
        return None


def announcement_of(said: Advertisement) -> Announcement:
    """Return an advertisement without its numbers of the wire."""
    return Announcement(
        protocol_major=said.major,
        battery_percent=said.battery_percent,
        serial_tail=f"{said.serial_tail:04x}",
        pairing_open=AdvertisingFlag.PAIRING_WINDOW_OPEN in said.flags,
        bonded=AdvertisingFlag.BONDED in said.flags,
        bonds_full=AdvertisingFlag.BONDS_FULL in said.flags,
        charging=AdvertisingFlag.CHARGING in said.flags,
        has_display=AdvertisingFlag.NO_DISPLAY not in said.flags,
    )


def is_roller(heard: AdvertisementData, name: str | None, said: Announcement | None) -> bool:
    """Return whether a device is a roller, by its service or by a name that ends as what it announces.

    BlueZ loses the services of a device whose discovery was cut off, as by a cancelled pairing, until it is removed.
    """
    named_as_it_says = said is not None and name is not None and name.upper().endswith(f" {said.serial_tail.upper()}")
    return ROLLER_SERVICE.uuid in heard.service_uuids or named_as_it_says


#: What an adapter is given to pair with a roller.
SIGNS: Final = PairingSigns(announced_in, STATUS.uuid)
