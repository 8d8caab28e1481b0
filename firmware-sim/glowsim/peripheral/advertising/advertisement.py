"""The bytes that the roller advertises: its identity in the advertisement, its name in the scan response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from glowtool.model.state import Interlock
from glowtool.protocol.advertising import COMPANY_ID, Advertisement, AdvertisingFlag
from glowtool.protocol.gatt import ROLLER_SERVICE
from glowtool.protocol.wire import PROTOCOL_VERSION, encode

if TYPE_CHECKING:
    from glowsim.peripheral.mind import Mind
    from glowsim.peripheral.pairing.bonds import Bonds
    from glowsim.peripheral.pairing.window import PairingWindow

#: The capacity of legacy advertising in bytes.
PAYLOAD_LIMIT: Final = 31

# Types of advertising data (SIG assigned numbers, section 2.3).
_FLAGS: Final = 0x01
_ALL_UUIDS_128: Final = 0x07
_COMPLETE_NAME: Final = 0x09
_MANUFACTURER: Final = 0xFF

#: LE General Discoverable, BR/EDR not supported.
_GENERAL_LE_ONLY: Final = bytes((0x06,))


def advertisement(mind: Mind, bonds: Bonds, window: PairingWindow, now_s: float) -> Advertisement:
    """Return the present advertisement of the roller."""
    status = mind.status()
    so = {
        AdvertisingFlag.PAIRING_WINDOW_OPEN: window.is_open(now_s),
        AdvertisingFlag.BONDED: bonds.count > 0,
        AdvertisingFlag.CHARGING: bool(status.interlocks & Interlock.CHARGING),
        AdvertisingFlag.NO_DISPLAY: not window.display.authenticates,
        AdvertisingFlag.BONDS_FULL: bonds.full,
    }
    flags = AdvertisingFlag(sum(flag for flag, holds in so.items() if holds))
    facts = mind.facts
    return Advertisement(PROTOCOL_VERSION.major, facts.model_number, flags, status.battery_percent, facts.serial_tail)


def advertising_data(advertisement: Advertisement) -> bytes:
    """Return the advertising data: flags, the roller service, and the manufacturer data, at most 31 bytes."""
    service = UUID(ROLLER_SERVICE.uuid).bytes[::-1]
    maker = COMPANY_ID.to_bytes(2, "little") + encode(advertisement)
    data = _part(_FLAGS, _GENERAL_LE_ONLY) + _part(_ALL_UUIDS_128, service) + _part(_MANUFACTURER, maker)
    if len(data) > PAYLOAD_LIMIT:
        raise ValueError(f"the advertisement takes {len(data)} bytes; allowed: {PAYLOAD_LIMIT}")
    return data


def scan_response_data(local_name: str) -> bytes:
    """Return the scan response: the complete name."""
    return _part(_COMPLETE_NAME, local_name.encode("ascii"))


def _part(kind: int, content: bytes) -> bytes:
    return bytes((len(content) + 1, kind)) + content
