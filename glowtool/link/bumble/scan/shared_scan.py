"""One scan in the controller for all scanners of an adapter."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bleak.exc import BleakError
from bumble.core import BaseBumbleError
from bumble.device import Advertisement

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Device
    from bumble.hci import Address, HCI_LE_Advertising_Report_Event, HCI_LE_Extended_Advertising_Report_Event

    from glowtool.link.adapter import ScanningMode

    Report = HCI_LE_Advertising_Report_Event.Report | HCI_LE_Extended_Advertising_Report_Event.Report
    #: Gets a report, and the identity address of the peer if it is known, else the address on the air.
    ReportListener = Callable[[Advertisement, Address], None]

logger = logging.getLogger(__name__)


class ScanRoom:
    """Starts the controller's scan with the first listener and stops it with the last.

    It scans actively while at least one listener wants scan responses. `check` raises when the adapter is gone.
    """

    def __init__(self, device: Device, check: Callable[[], None]) -> None:
        self._device = device
        self._check = check
        self._listeners: dict[ReportListener, ScanningMode] = {}
        self._running: ScanningMode | None = None
        self._turn = asyncio.Lock()
        self._adjusting: set[asyncio.Task[None]] = set()
        device.host.on("advertising_report", self._on_report)

    async def join(self, listener: ReportListener, mode: ScanningMode) -> None:
        """Pass every advertising report to `listener` from now on."""
        self._check()
        self._listeners[listener] = mode
        try:
            await self._adjust()
        except BaseException:
            if self._listeners.pop(listener, None) is not None:
                self._begin_to_adjust()
            raise

    async def leave(self, listener: ReportListener) -> None:
        """Stop passing reports to `listener`; the radio stops after the last listener."""
        if self._listeners.pop(listener, None) is not None:
            await self._adjust()

    async def close(self) -> None:
        """Stop the scan, even if scanners still listen."""
        self._listeners.clear()
        await self._adjust()

    async def _adjust(self) -> None:
        """Set the controller to what the listeners need; finish this even when nobody waits for it any more."""
        await asyncio.shield(self._begin_to_adjust())

    def _begin_to_adjust(self) -> asyncio.Task[None]:
        task = asyncio.ensure_future(self._adjust_in_turn())
        self._adjusting.add(task)
        task.add_done_callback(self._on_adjusted)
        return task

    def _on_adjusted(self, task: asyncio.Task[None]) -> None:
        self._adjusting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.debug("the scan is not as it should be: %s", error)

    async def _adjust_in_turn(self) -> None:
        async with self._turn:
            wanted = self._wanted()
            if wanted == self._running:
                return
            try:
                if self._running is not None:
                    self._running = None
                    await self._device.stop_scanning()
                if wanted is not None:
                    await self._device.start_scanning(active=wanted == "active")
                    self._running = wanted
            except BaseBumbleError as error:
                self._check()
                raise BleakError(f"the controller refused to scan: {error}") from error

    def _wanted(self) -> ScanningMode | None:
        if not self._listeners:
            return None
        return "active" if "active" in self._listeners.values() else "passive"

    def _on_report(self, report: Report) -> None:
        advertisement = Advertisement.from_advertising_report(report)
        if advertisement is None:
            return
        peer = self._identity(advertisement.address)
        for listener in list(self._listeners):
            try:
                listener(advertisement, peer)
            except Exception:  # one listener's fault must not silence the others, nor stop the receive path
                logger.exception("a scanner failed on an advertisement of %s", peer)

    def _identity(self, address: Address) -> Address:
        resolver = self._device.address_resolver
        if resolver is None or not address.is_resolvable:
            return address
        return resolver.resolve(address) or address
