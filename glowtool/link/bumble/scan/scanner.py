"""bleak's scanner, on a bumble central."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar, Final

from bleak.backends.scanner import BaseBleakScanner
from bleak.uuids import normalize_uuid_str

from glowtool.link.bumble.att_errors import as_bleak_errors
from glowtool.link.bumble.scan.advertisements import Heard, advertisement_data

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback
    from bumble.device import Advertisement
    from bumble.hci import Address

    from glowtool.link.adapter import ScanningMode
    from glowtool.link.bumble.host import Central

logger = logging.getLogger(__name__)

#: More devices than are ever nearby.
PEERS_MAX: Final = 2048


class BumbleScanner(BaseBleakScanner):
    """A scanner that merges advertising data and scan response of each peer; bound to a central by subclassing.

    A BLEDevice carries in `details` the bumble address under which the peer was heard on the air.
    """

    central: ClassVar[Central]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: ScanningMode,
        **_options: object,
    ) -> None:
        # bleak passes the options of its other backends (`bluez=`, `cb=`) as well.
        wanted = None if service_uuids is None else [normalize_uuid_str(uuid) for uuid in service_uuids]
        super().__init__(detection_callback, wanted)
        self._mode = scanning_mode
        self._heard: dict[Address, Heard] = {}

    async def start(self) -> None:
        """Begin to scan; AdapterGoneError when the adapter is gone."""
        self.seen_devices = {}
        self._heard = {}
        with as_bleak_errors("scanning"):
            await self.central.scanning.join(self._on_report, self._mode)

    async def stop(self) -> None:
        """Stop scanning; do nothing when it is not scanning."""
        with as_bleak_errors("the end of the scan"):
            await self.central.scanning.leave(self._on_report)

    def call_detection_callbacks(self, device: BLEDevice, advertisement_data: AdvertisementData) -> None:
        """Call every registered callback; one that raises is logged."""
        for callback in list(self._ad_callbacks.values()):
            try:
                callback(device, advertisement_data)
            except Exception:  # somebody else's code, called from the receive path: it must not break it
                logger.exception("a detection callback failed on %s", device.address)

    def _on_report(self, report: Advertisement, peer: Address) -> None:
        heard = self._heard.setdefault(report.address, Heard())
        while len(self._heard) > PEERS_MAX:  # somebody invents addresses; a real device is heard again
            del self._heard[next(iter(self._heard))]
        while len(self.seen_devices) > PEERS_MAX:
            del self.seen_devices[next(iter(self.seen_devices))]
        if not heard.add(report):
            return
        data = advertisement_data(heard.merged, report)
        if not self.is_allowed_uuid(data.service_uuids):
            return
        address = peer.to_string(with_type_qualifier=False)
        device = self.create_or_update_device(address, address, data.local_name, report.address, data)
        device.details = report.address
        self.call_detection_callbacks(device, data)
