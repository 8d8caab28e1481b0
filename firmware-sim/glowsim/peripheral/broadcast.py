"""What the roller's controller is told to advertise, and by which address it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bumble import hci

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Device

    from glowsim.peripheral.privacy import PrivateAddress


class Broadcast:
    """Advertises on one device. `on_address` is called with every private address that it goes by."""

    def __init__(self, device: Device, on_address: Callable[[str], None]) -> None:
        self._device = device
        self._on_address = on_address
        self._said: bytes | None = None

    def answered(self) -> None:
        """Learn that a host has answered, by which a controller ends advertising."""
        self._said = None

    async def say(self, wanted: bytes | None) -> None:
        """Advertise these bytes from now on, or nothing; nothing happens when it does so already."""
        if wanted == self._said:
            return
        if wanted is None:
            await self._device.stop_advertising()
        else:
            await self._device.start_advertising(advertising_data=wanted)
        self._said = wanted

    async def change_address(self, private: PrivateAddress, now_s: float) -> None:
        """Take another private address, unless somebody is connected."""
        # The address of a connection, and of an advertisement that a host may just answer, must not change.
        if self._said is not None:
            await self._device.stop_advertising()
            self._said = None
        if not self._device.connections:
            address = private.renew(now_s)
            await self._device.send_sync_command(hci.HCI_LE_Set_Random_Address_Command(random_address=address))
            self._device.random_address = address
            self._on_address(str(address))
