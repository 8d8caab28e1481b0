"""BlueZ on D-Bus as far as tests must see and shake it: the adapter's state, bonds, and the daemon's life."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ADAPTER: Final = "org.bluez.Adapter1"
DEVICE: Final = "org.bluez.Device1"
CHARACTERISTIC: Final = "org.bluez.GattCharacteristic1"
_PID_FILE: Final = Path("/run/bluetoothd.pid")
_UP_S: Final = 10.0
_POLL_S: Final = 0.05

Objects = dict[str, dict[str, dict[str, Variant]]]


class Bluez:
    """The daemon, on a bus connection of its own."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus

    async def objects(self) -> Objects:
        """Return everything that BlueZ shows: path, interface, property; empty while there is no BlueZ."""
        found: Objects
        try:
            (found,) = await self._call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        except DBusError:
            return {}
        return found

    async def devices(self) -> dict[str, dict[str, Variant]]:
        """Return the properties of every device that BlueZ knows, by address."""
        every = [interfaces[DEVICE] for interfaces in (await self.objects()).values() if DEVICE in interfaces]
        return {device["Address"].value: device for device in every}

    async def powered(self) -> str:
        """Wait for an adapter that is switched on and return its path; TimeoutError when none comes."""
        async with asyncio.timeout(_UP_S):
            while True:
                for path, interfaces in (await self.objects()).items():
                    if ADAPTER in interfaces:
                        if interfaces[ADAPTER]["Powered"].value:
                            return path
                        await self._switch_on(path)
                await asyncio.sleep(_POLL_S)

    async def restart(self) -> str:
        """End the daemon, whose keeper starts it anew, and wait for its adapter; return the adapter's path."""
        former = _PID_FILE.read_text()
        os.kill(int(former), signal.SIGTERM)
        async with asyncio.timeout(_UP_S):
            while _PID_FILE.read_text() in {former, ""}:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(_POLL_S)
        return await self.powered()

    async def traces(self) -> list[str]:
        """Return what is there although nothing should be going on: connections, notifications, discovery."""
        left = []
        for path, interfaces in (await self.objects()).items():
            device = interfaces.get(DEVICE, {})
            if "Connected" in device and device["Connected"].value:
                left.append(f"{path} is connected")
            characteristic = interfaces.get(CHARACTERISTIC, {})
            if "Notifying" in characteristic and characteristic["Notifying"].value:
                left.append(f"{path} notifies")
        return left

    async def forget_all(self) -> None:
        """Remove every device, connected or bonded: the adapter of the next test may have the same address."""
        for path, interfaces in (await self.objects()).items():
            if DEVICE in interfaces:
                adapter = interfaces[DEVICE]["Adapter"].value
                with suppress(DBusError):
                    # Temporary devices come and go by themselves.
                    await self._call(adapter, ADAPTER, "RemoveDevice", "o", [path])

    async def _switch_on(self, path: str) -> None:
        try:
            await self._call(
                path, "org.freedesktop.DBus.Properties", "Set", "ssv", [ADAPTER, "Powered", Variant("b", True)]
            )
        except DBusError:
            # Busy while it starts; asked again.
            return

    async def _call(
        self, path: str, interface: str, member: str, signature: str = "", body: list[object] | None = None
    ) -> list[Any]:
        message = Message(
            destination="org.bluez", path=path, interface=interface, member=member, signature=signature,
            body=body or [],
        )  # fmt: skip
        reply = await self._bus.call(message)
        assert reply is not None
        if reply.message_type is MessageType.ERROR:
            raise DBusError._from_message(reply)
        return reply.body


@asynccontextmanager
async def bluez() -> AsyncIterator[Bluez]:
    """Connect to the system bus for the time of the block."""
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        yield Bluez(bus)
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast leaves it without
