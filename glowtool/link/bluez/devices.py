"""BlueZ's own view of a device: its D-Bus path, whether it has a bond, and how to remove it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import PairingError
from glowtool.link.bluez.bus import ADAPTER, DEVICE, BlueZError

if TYPE_CHECKING:
    from glowtool.link.bluez.bus import Bus, Objects, Properties


#: The errors of BlueZ, or the bus, for an object that does not exist.
GONE: Final = frozenset(
    (
        "org.bluez.Error.DoesNotExist",
        *(f"org.freedesktop.DBus.Error.{name}" for name in ("UnknownObject", "UnknownMethod", "UnknownInterface")),
    )
)


@dataclass(frozen=True, slots=True)
class Device:
    """One device as BlueZ knows it; `address` is the identity address once it is paired, `path` never changes."""

    path: str
    address: str
    paired: bool
    connected: bool

    @property
    def adapter_path(self) -> str:
        """The D-Bus path of the adapter that it belongs to."""
        return self.path.rpartition("/")[0]


def device_of(path: str, properties: Properties) -> Device:
    """Return a device from its properties on D-Bus."""
    # A device can be paired without a bond: its key is lost with the connection. `Bonded` is newer than `Paired`.
    paired = bool(properties.get("Paired", False)) and bool(properties.get("Bonded", True))
    return Device(path, str(properties.get("Address", "")), paired, bool(properties.get("Connected", False)))


def devices_in(objects: Objects, adapter: str | None) -> list[Device]:
    """Return the devices of the adapter with that name (`hci0`), of all adapters for None."""
    found = [device_of(path, interfaces[DEVICE]) for path, interfaces in objects.items() if DEVICE in interfaces]
    return [device for device in found if adapter is None or device.adapter_path.rpartition("/")[2] == adapter]


async def known_devices(bus: Bus, adapter: str | None, address: str) -> list[Device]:
    """Return BlueZ's devices with an address, at most one for each adapter."""
    objects = await bus.objects()
    return [device for device in devices_in(objects, adapter) if device.address.lower() == address.lower()]


async def device_at(bus: Bus, path: str) -> Device | None:
    """Return the device at a D-Bus path, None when BlueZ has none there."""
    interfaces = (await bus.objects()).get(path, {})
    return device_of(path, interfaces[DEVICE]) if DEVICE in interfaces else None


async def disconnect(bus: Bus, path: str) -> None:
    """End the connection to a device; nothing happens when there is none."""
    with suppress(BlueZError):
        await bus.call(path, DEVICE, "Disconnect", start_service=False)


async def remove(bus: Bus, device: Device) -> None:
    """Remove a device from BlueZ: its bond, its cached attributes, its connection; PairingError when BlueZ does not."""
    try:
        await bus.call(device.adapter_path, ADAPTER, "RemoveDevice", "o", [device.path], start_service=False)
    except BlueZError as error:
        if error.name not in GONE:  # devices that were only heard vanish by themselves
            raise PairingError(
                f"BlueZ did not remove {device.address} ({error})", advice=f"try `bluetoothctl remove {device.address}`"
            ) from error
