"""BlueZ and the kernel as a stack under test; only inside the guest."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowtool.link.adapters import AdapterKind, AdapterSpec, open_adapter
from radio.stacks.daemon import bluez
from radio.stacks.holder import Holder
from radio.stacks.stack import Stack, StackKind, controller_traces
from radio.stacks.vhci import kernel_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from glowsim.air.air import Air
    from glowsim.air.controller import VirtualController
    from glowtool.link.adapter import Adapter
    from radio.stacks.daemon import Bluez


class BluezStack(Stack):
    """The kernel's adapter, by way of bluetoothd; opened by `open_bluez_stack`."""

    kind = StackKind.BLUEZ
    _host: Holder[Adapter]

    def __init__(self, air: Air, folder: Path, daemon: Bluez, controller: VirtualController, name: str) -> None:
        super().__init__(air, folder)
        self.daemon = daemon
        self.adapter_name = name
        self._controller = controller

    def adapter(self) -> Adapter:
        """Return the open adapter."""
        return self._host.value

    async def restart_host(self) -> None:
        """Restart bluetoothd."""
        await self.close()
        self.adapter_name = (await self.daemon.restart()).rpartition("/")[2]
        await self.start()

    async def traces(self) -> list[str]:
        """Return what BlueZ, the bus, the kernel's controller and rollers are still doing."""
        return await self.daemon.traces() + controller_traces(self._controller) + self._roller_traces()

    async def host_bonds(self) -> list[str]:
        """Return the devices that BlueZ calls paired."""
        return await self.daemon.bonds()

    async def start(self) -> None:
        """Open the adapter."""
        spec = AdapterSpec(AdapterKind.SYSTEM, self.adapter_name)
        opening = open_adapter(
            spec, bonds_dir=self.folder / "host", state_dir=self.folder / "state", announce=lambda _line: None
        )
        self._host = await Holder.open(opening)

    async def close(self) -> None:
        """Close the adapter; nothing happens the second time."""
        await self._host.close()


@asynccontextmanager
async def open_bluez_stack(air: Air, folder: Path) -> AsyncIterator[Stack]:
    """Plug the kernel into the air for the time of the block; what BlueZ knew of devices is gone before and after."""
    async with bluez() as daemon, kernel_on(air) as controller:
        path = await daemon.powered()
        await daemon.forget_all()
        stack = BluezStack(air, folder, daemon, controller, path.rpartition("/")[2])
        await stack.start()
        try:
            yield stack
        finally:
            await stack.close()
            await daemon.forget_all()
