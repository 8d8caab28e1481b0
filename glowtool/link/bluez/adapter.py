"""The system's Bluetooth on Linux: bleak's BlueZ backend, with the pairing and bonds that bleak lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bleak.exc import BleakError

from glowtool.errors import PairingWindowClosedError
from glowtool.link.adapter import CONNECT_TIMEOUT_S
from glowtool.link.bluez.bond.pairing import pair_device
from glowtool.link.bluez.bus import open_bus
from glowtool.link.bluez.client import BlueZClient
from glowtool.link.bluez.devices import device_at, disconnect, known_devices, remove
from glowtool.link.bluez.inspection import inspect
from glowtool.link.pairing import PAIRING_TIMEOUT_S
from glowtool.link.refusal import why_refused
from glowtool.link.scan import find_device
from glowtool.link.system import SystemAdapter, unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak import BleakClient
    from bleak.args.bluez import BlueZClientArgs
    from bleak.backends.device import BLEDevice

    from glowtool.link.pairing import PairingAnswers, PairingMethod, PairingSigns
    from glowtool.link.radio import RadioFacts

#: How long to search for a device that BlueZ has forgotten since it was heard.
_FIND_S: Final = 10.0


class BlueZAdapter(SystemAdapter):
    """BlueZ; `adapter` names one of its adapters (`hci0`), None is its default."""

    asks_by_itself = False

    def client(
        self,
        device: BLEDevice | str,
        disconnected_callback: Callable[[BleakClient], None] | None = None,
        timeout: float = CONNECT_TIMEOUT_S,
        *,
        use_bond: bool = True,  # noqa: ARG002 - BlueZ decides for itself
    ) -> BleakClient:
        """Return a client on this adapter, not yet connected."""
        bluez: BlueZClientArgs = {} if self._adapter is None else {"adapter": self._adapter}
        try:
            client = BlueZClient(device, disconnected_callback, timeout=timeout, bluez=bluez)
        except (BleakError, ImportError) as error:
            raise unavailable(self._adapter, error) from error
        client.adapter_name = self._adapter
        return client

    async def radio(self) -> RadioFacts:
        """Return the facts about the adapter from D-Bus, the kernel and /sys, and the obstacle to its use."""
        return await inspect(self._adapter)

    async def bonded(self, address: str) -> bool:
        """Return whether BlueZ keeps a bond with the device of that address."""
        async with open_bus() as bus:
            return any(device.paired for device in await known_devices(bus, self._adapter, address))

    async def forget(self, address: str) -> None:
        """Remove the device from BlueZ: its bond, and what BlueZ cached about it."""
        async with open_bus() as bus:
            for device in await known_devices(bus, self._adapter, address):
                await remove(bus, device)

    async def end_leftover(self, address: str) -> None:
        """End a connection with the device: BlueZ keeps it when the program that made it has died."""
        async with open_bus() as bus:
            for device in await known_devices(bus, self._adapter, address):
                if device.connected:
                    await disconnect(bus, device.path)

    async def identity_address(self, device: BLEDevice) -> str:
        """Return the address by which BlueZ knows the device, its identity address once it is paired."""
        async with open_bus() as bus:
            known = await device_at(bus, _path_of(device))
        return device.address if known is None else known.address

    async def pair(
        self,
        device: BLEDevice,
        answers: PairingAnswers,
        *,
        signs: PairingSigns | None = None,
        timeout_s: float = PAIRING_TIMEOUT_S,
    ) -> PairingMethod:
        """Connect, pair with an agent of our own, keep the bond, disconnect. The kernel gives an answer 30 s."""
        present = await self._present(device)
        try:
            return await pair_device(present.details["path"], present.address, answers, timeout_s)
        except PairingWindowClosedError as error:
            raise await why_refused(self, present, signs) from error

    async def _present(self, device: BLEDevice) -> BLEDevice:
        """Return the device as BlueZ knows it now: it forgets devices that were heard but never connected."""
        async with open_bus() as bus:
            if await device_at(bus, _path_of(device)) is not None:
                return device
        return await find_device(self, device.address, _FIND_S)


def _path_of(device: BLEDevice) -> str:
    """Return the D-Bus path of the device; an empty path when another adapter heard it."""
    details = device.details
    return str(details.get("path", "")) if isinstance(details, dict) else ""
