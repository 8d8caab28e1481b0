"""The bytes that the roller advertises: who it is in the advertisement, its name in the scan response."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from glowtool.protocol.advertising import COMPANY_ID, Advertisement, local_name
from glowtool.protocol.gatt import ROLLER_SERVICE
from glowtool.protocol.wire import encode

#: Legacy advertising carries this much.
PAYLOAD_LIMIT: Final = 31

# Types of advertising data (SIG assigned numbers, section 2.3).
_FLAGS: Final = 0x01
_ALL_UUIDS_128: Final = 0x07
_COMPLETE_NAME: Final = 0x09
_MANUFACTURER: Final = 0xFF

#: LE General Discoverable, BR/EDR not supported.
_GENERAL_LE_ONLY: Final = bytes((0x06,))


def advertising_data(advertisement: Advertisement) -> bytes:
    """Return the advertising data: flags, the roller service, and the manufacturer data, at most 31 bytes."""
    service = UUID(ROLLER_SERVICE.uuid).bytes[::-1]
    maker = COMPANY_ID.to_bytes(2, "little") + encode(advertisement)
    data = _part(_FLAGS, _GENERAL_LE_ONLY) + _part(_ALL_UUIDS_128, service) + _part(_MANUFACTURER, maker)
    if len(data) > PAYLOAD_LIMIT:
        raise ValueError(f"the advertisement takes {len(data)} bytes, allowed are {PAYLOAD_LIMIT}")
    return data


def scan_response_data(serial_tail: int) -> bytes:
    """Return the scan response: the complete name."""
    return _part(_COMPLETE_NAME, local_name(serial_tail).encode("ascii"))


def _part(kind: int, content: bytes) -> bytes:
    return bytes((len(content) + 1, kind)) + content
