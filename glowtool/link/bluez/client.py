"""bleak's client on BlueZ, which reports a stale bond, a changed table and the true MTU."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bleak import BleakClient
from bleak.exc import BleakDBusError, BleakError

from glowtool.link.bluez.bond.stale_bond import watched
from glowtool.link.bluez.bus import open_bus
from glowtool.link.bluez.devices import known_devices
from glowtool.link.bluez.mtu import told_mtu
from glowtool.link.bluez.table import MANAGER_PATH, TableWatch, holds
from glowtool.link.errors import BondNeededError, LinkLostError
from glowtool.link.system import SystemClient

if TYPE_CHECKING:
    from glowtool.link.bluez.devices import Device

_LOG: Final = logging.getLogger(__name__)

#: A connection right after the end of another one can fail although the peer is ready.
_ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.3
_TRANSIENT: Final = frozenset({"Input/output error", "Operation already in progress"})

_CHANGED: Final = "its table of attributes has changed, as it does after an update"

#: The beginning of bleak's message that the connection ended before the services were known.
_DROPPED: Final = "failed to discover services"

_ATT_HEADER_BYTES: Final = 3
_MTU_MIN: Final = 23


class BlueZClient(SystemClient):
    """bleak's client on BlueZ; `is_bonded` says whether BlueZ had a bond with the device when it was connected to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_bonded = True
        self._watching = AsyncExitStack()
        self._table: TableWatch | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._mtu: int | None = None

    @property
    def lost_because(self) -> str | None:
        """Why the connection ended, in words, if that is known."""
        return None if self._leaving is None else _CHANGED

    async def connect(self, **kwargs: object) -> None:
        """Connect and discover the services; BondLostError when the peer does not accept the bond that is kept.

        It tries again after a temporary failure; else it raises the errors of SystemClient. When the table of
        attributes changes, the connection ends.
        """
        await self._stop_watching()
        async with AsyncExitStack() as stack:
            bus = await stack.enter_async_context(open_bus())
            device = _bonded(await known_devices(bus, self.adapter_name, self.address))
            self.is_bonded = device is not None
            if device is None:
                await self._connect_without_bond(**kwargs)
                return
            self._table = TableWatch(device.path, self._on_table_changed)
            stack.callback(bus.answer(self._table.on_message))
            await bus.listen(MANAGER_PATH)
            await watched(bus, device, partial(self._connect, **kwargs))
            self._watching = stack.pop_all()
            if self._table.changed and not holds(await bus.objects(), device.path, self._backend.services):
                await self.disconnect()
                raise LinkLostError(f"the connection to {self.address} is gone: {_CHANGED}")
            self._table.watch()

    async def disconnect(self) -> None:
        """Disconnect; nothing happens when there is no connection."""
        try:
            await super().disconnect()
        finally:
            await self._stop_watching()

    async def read_gatt_char(self, *args: Any, **kwargs: Any) -> bytearray:
        """Read a value; LinkLostError when the handle may mean another attribute by now."""
        self._check_table()
        return await super().read_gatt_char(*args, **kwargs)

    async def write_gatt_char(self, *args: Any, **kwargs: Any) -> None:
        """Write a value; LinkLostError when the handle may mean another attribute by now."""
        self._check_table()
        await super().write_gatt_char(*args, **kwargs)

    async def start_notify(self, *args: Any, **kwargs: Any) -> None:
        """Subscribe; LinkLostError when the handle may mean another attribute by now."""
        self._check_table()
        await super().start_notify(*args, **kwargs)

    def _check_table(self) -> None:
        if self.lost_because is not None:
            raise LinkLostError(f"the connection to {self.address} is gone: {self.lost_because}")

    def _on_table_changed(self) -> None:
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave(), name="leave a changed table")

    async def _leave(self) -> None:
        try:
            await BleakClient.disconnect(self)
        except (BleakError, OSError, EOFError) as error:
            _LOG.debug("while leaving %s, whose table has changed: %s", self.address, error)

    async def _stop_watching(self) -> None:
        leaving, self._leaving = self._leaving, None
        if leaving is not None:
            await asyncio.wait({leaving})
        self._table = None
        await self._watching.aclose()

    async def _connect_without_bond(self, **kwargs: object) -> None:
        try:
            await self._connect(**kwargs)
        except BleakError as error:
            # BlueZ reads values that it shows itself, such as the battery; for that it tries to pair, and disconnects
            # if refused.
            if not str(error).startswith(_DROPPED):
                raise
            raise BondNeededError(
                f"{self.address} requires a bond, but this computer has none with it", advice="run `glowtool pair`"
            ) from error

    async def _connect(self, **kwargs: object) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await super().connect(**kwargs)
            except BleakDBusError as error:
                if attempt == _ATTEMPTS or error.dbus_error_details not in _TRANSIENT:
                    raise
            else:
                self._mtu = await told_mtu(self._backend.services)
                return
            await asyncio.sleep(_PAUSE_S)

    @property
    def mtu_size(self) -> int:
        """The ATT MTU, which BlueZ reports with each characteristic; 23 before services are known."""
        if self._mtu is not None:
            return self._mtu
        services = self._backend.services
        if services is None:
            return _MTU_MIN
        sizes = [each.max_write_without_response_size for each in services.characteristics.values()]
        return max(sizes, default=_MTU_MIN - _ATT_HEADER_BYTES) + _ATT_HEADER_BYTES


def _bonded(known: list[Device]) -> Device | None:
    return next((device for device in known if device.paired), None)
