"""The way from HCI advertising reports to bleak's AdvertisementData: pure, and safe with malformed data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from bleak.assigned_numbers import AdvertisementDataType as AdType
from bleak.backends.scanner import AdvertisementData
from bleak.uuids import normalize_uuid_16, normalize_uuid_32

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bumble.device import Advertisement

_UUID_LIST_SIZES: Final[dict[int, int]] = {
    AdType.INCOMPLETE_LIST_SERVICE_UUID16: 2,
    AdType.COMPLETE_LIST_SERVICE_UUID16: 2,
    AdType.INCOMPLETE_LIST_SERVICE_UUID32: 4,
    AdType.COMPLETE_LIST_SERVICE_UUID32: 4,
    AdType.INCOMPLETE_LIST_SERVICE_UUID128: 16,
    AdType.COMPLETE_LIST_SERVICE_UUID128: 16,
}
_SERVICE_DATA_SIZES: Final[dict[int, int]] = {
    AdType.SERVICE_DATA_UUID16: 2,
    AdType.SERVICE_DATA_UUID32: 4,
    AdType.SERVICE_DATA_UUID128: 16,
}
_COMPANY_ID_BYTES: Final = 2

#: The longest extended advertising data (Core Vol 4 Part E 7.8.54).
DATA_MAX_BYTES: Final = 1650
#: The value in an extended report for an unknown power (Core Vol 4 Part E 7.7.65.13).
_TX_POWER_UNKNOWN: Final = 127


@dataclass(slots=True)
class Heard:
    """The latest advertising data and the latest scan response of one peer, as raw bytes.

    Extended advertising may come in fragments: they are held back until the last one arrives.
    """

    advertising_data: bytes = b""
    scan_response: bytes = b""
    fragments: bytes = b""

    def add(self, report: Advertisement) -> bool:
        """Take one report; return True when the peer's data is complete."""
        data = self.fragments + report.data_bytes
        if len(data) > DATA_MAX_BYTES:  # not a valid advertisement: its sender never completes it
            self.fragments = b""
            return False
        if not (report.is_legacy or report.is_complete or report.is_truncated):
            self.fragments = data
            return False
        self.fragments = b""
        if report.is_scan_response:
            self.scan_response = data
        else:
            self.advertising_data = data
        return True

    @property
    def merged(self) -> bytes:
        """The advertising data, and after them the scan response."""
        return self.advertising_data + self.scan_response


def uuid_text(little_endian: bytes) -> str:
    """Return a UUID of 2, 4 or 16 bytes in bleak's notation: 128 bits, lower case."""
    if len(little_endian) == 2:
        return normalize_uuid_16(int.from_bytes(little_endian, "little"))
    if len(little_endian) == 4:
        return normalize_uuid_32(int.from_bytes(little_endian, "little"))
    return str(UUID(bytes=little_endian[::-1]))


def ad_structures(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and content of each AD structure (Core Vol 3 Part C 11), up to one that is cut off."""
    offset = 0
    while offset < len(data):
        length = data[offset]
        end = offset + 1 + length
        if length and end <= len(data):
            yield data[offset + 1], data[offset + 2 : end]
        elif length:
            return
        offset = end


def advertisement_data(data: bytes, report: Advertisement) -> AdvertisementData:
    """Return bleak's view of merged advertising data; `report` adds the RSSI and is kept as platform data."""
    names: dict[int, str] = {}
    manufacturer_data: dict[int, bytes] = {}
    service_data: dict[str, bytes] = {}
    service_uuids: dict[str, None] = {}
    tx_power = None if report.tx_power == _TX_POWER_UNKNOWN or report.is_legacy else report.tx_power
    for ad_type, content in ad_structures(data):
        if ad_type in (AdType.SHORTENED_LOCAL_NAME, AdType.COMPLETE_LOCAL_NAME):
            names[ad_type] = content.decode("utf-8", errors="replace")
        elif ad_type == AdType.MANUFACTURER_SPECIFIC_DATA and len(content) >= _COMPANY_ID_BYTES:
            company_id = int.from_bytes(content[:_COMPANY_ID_BYTES], "little")
            manufacturer_data[company_id] = content[_COMPANY_ID_BYTES:]
        elif ad_type == AdType.TX_POWER_LEVEL and len(content) == 1:
            tx_power = int.from_bytes(content, "little", signed=True)
        elif (size := _UUID_LIST_SIZES.get(ad_type)) is not None:
            service_uuids.update(dict.fromkeys(_uuids(content, size)))
        elif (size := _SERVICE_DATA_SIZES.get(ad_type)) is not None and len(content) >= size:
            service_data[uuid_text(content[:size])] = content[size:]
    return AdvertisementData(
        local_name=names.get(AdType.COMPLETE_LOCAL_NAME, names.get(AdType.SHORTENED_LOCAL_NAME)),
        manufacturer_data=manufacturer_data,
        service_data=service_data,
        service_uuids=list(service_uuids),
        tx_power=tx_power,
        rssi=report.rssi,
        platform_data=(report,),
    )


def _uuids(content: bytes, size: int) -> Iterator[str]:
    for offset in range(0, len(content) - size + 1, size):
        yield uuid_text(content[offset : offset + size])
