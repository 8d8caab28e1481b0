"""bleak's client on BlueZ, where a bond that went stale is told from a bad connection, and the MTU is the true one."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from bleak.exc import BleakDBusError

from glowtool.link.bluez.bus import open_bus
from glowtool.link.bluez.devices import known_devices
from glowtool.link.bluez.stale import watched
from glowtool.link.system import SystemClient

if TYPE_CHECKING:
    from glowtool.link.bluez.devices import Device

#: A connection right after another one ended can fail for no reason of the peer's.
_ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.3
_TRANSIENT: Final = frozenset({"Input/output error", "Operation already in progress"})

_ATT_HEADER_BYTES: Final = 3
_MTU_MIN: Final = 23


class BlueZClient(SystemClient):
    """bleak's client on BlueZ."""

    async def connect(self, **kwargs: object) -> None:
        """Connect and discover the services; BondLostError when the peer does not accept the bond that is kept.

        A failure that passes is met with another attempt; else it raises what SystemClient raises.
        """
        async with open_bus() as bus:
            device = await self._bonded(await known_devices(bus, self.adapter_name, self.address))
            if device is None:
                await self._connect(**kwargs)
            else:
                await watched(bus, device, partial(self._connect, **kwargs))

    async def _bonded(self, known: list[Device]) -> Device | None:
        return next((device for device in known if device.paired), None)

    async def _connect(self, **kwargs: object) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await super().connect(**kwargs)
            except BleakDBusError as error:
                if attempt == _ATTEMPTS or error.dbus_error_details not in _TRANSIENT:
                    raise
            else:
                return
            await asyncio.sleep(_PAUSE_S)

    @property
    def mtu_size(self) -> int:
        """The ATT MTU, as BlueZ tells it with each characteristic; 23 before services are known."""
        services = self._backend.services
        if services is None:
            return _MTU_MIN
        sizes = [each.max_write_without_response_size for each in services.characteristics.values()]
        return max(sizes, default=_MTU_MIN - _ATT_HEADER_BYTES) + _ATT_HEADER_BYTES
