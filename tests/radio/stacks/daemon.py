"""BlueZ on D-Bus, as far as tests watch and disturb it: the adapter's state, bonds, and the daemon's life."""

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

from radio.stacks.agent_log import AgentLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ADAPTER: Final = "org.bluez.Adapter1"
DEVICE: Final = "org.bluez.Device1"
CHARACTERISTIC: Final = "org.bluez.GattCharacteristic1"
_BUS: Final = "org.freedesktop.DBus"
_BUS_PATH: Final = "/org/freedesktop/DBus"

#: The daemon's debug log, where the guest keeps it.
LOG: Final = Path("/ctl/bluetoothd.log")

#: Properties that are true only while something is going on.
_BUSY: Final = (
    (ADAPTER, "Discovering"),
    (ADAPTER, "Pairable"),
    (DEVICE, "Connected"),
    (CHARACTERISTIC, "Notifying"),
    (CHARACTERISTIC, "NotifyAcquired"),
    (CHARACTERISTIC, "WriteAcquired"),
)

#: One for each event loop, as long as there is the process.
_KEPT_BY_BLEAK: Final = 1

_PID_FILE: Final = Path("/run/bluetoothd.pid")
_UP_S: Final = 10.0
_POLL_S: Final = 0.05

Objects = dict[str, dict[str, dict[str, Variant]]]


class Bluez:
    """The daemon, on a bus connection of its own.

    `agents` are those that the daemon has; names in `foreign_agents` are not counted as traces.
    """

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self.agents = AgentLog(LOG)
        self.foreign_agents: set[str] = set()
        self._former: frozenset[str] = frozenset()

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
        """Return what should not be there when nothing is going on: links, notifications, discovery, agents, buses."""
        left = []
        for path, interfaces in (await self.objects()).items():
            for interface, name in _BUSY:
                if interface in interfaces and name in interfaces[interface] and interfaces[interface][name].value:
                    left.append(f"{path}: {name}")
        self.agents.read_on()
        left += [f"{name} has a pairing agent" for name in self.agents.registered - self.foreign_agents]
        return left + await self._open_connections()

    async def begin(self) -> None:
        """Count what this process has open now as not ours: bleak keeps one for each loop that has existed."""
        self._former = frozenset(await self._connections())

    async def _open_connections(self) -> list[str]:
        """Return this process's connections to the bus, but for this one, and the one that bleak keeps."""
        ours = [name for name in await self._connections() if name not in self._former]
        return [f"{name} is a connection to the bus" for name in ours] if len(ours) > _KEPT_BY_BLEAK else []

    async def _connections(self) -> list[str]:
        ours = []
        for name in await self._ask_bus("ListNames"):
            if name.startswith(":") and name != self._bus.unique_name:
                with suppress(DBusError):
                    # It may have gone since.
                    if await self._ask_bus("GetConnectionUnixProcessID", "s", [name]) == os.getpid():
                        ours.append(name)
        return ours

    async def _ask_bus(self, member: str, signature: str = "", body: list[object] | None = None) -> Any:
        (answer,) = await self._call(_BUS_PATH, _BUS, member, signature, body, destination=_BUS)
        return answer

    async def bonds(self) -> list[str]:
        """Return the addresses of the devices with which there is a bond."""
        return [address for address, device in (await self.devices()).items() if device["Paired"].value]

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
        self,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        body: list[object] | None = None,
        *,
        destination: str = "org.bluez",
    ) -> list[Any]:
        message = Message(
            destination=destination, path=path, interface=interface, member=member, signature=signature,
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
        daemon = Bluez(bus)
        await daemon.begin()
        yield daemon
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast leaves it without
