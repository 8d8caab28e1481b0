"""The two stacks that the suite runs on, behind one interface: a host on the air, and what can befall it."""

from __future__ import annotations

import asyncio
import enum
import json
from abc import ABC, abstractmethod
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from glowsim.air.controller import VirtualController
from glowsim.air.transport import in_process_transport
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.bumble.keys.bonds import BONDS_FILE
from radio.stacks.held_roller import HeldRoller
from radio.stacks.holder import Holder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from glowsim.air.air import Air
    from glowsim.scene.scenario import Scenario
    from glowtool.link.adapter import Adapter

#: BlueZ takes about two seconds to let go of a connection.
SETTLE_S: Final = 8.0
_POLL_S: Final = 0.05


class StackKind(enum.StrEnum):
    """Whose Bluetooth the host uses."""

    BUMBLE = "bumble"
    BLUEZ = "bluez"


class Stack(ABC):
    """A host's Bluetooth on the air of one test. Rollers and further hosts are opened on the same air."""

    kind: StackKind

    def __init__(self, air: Air, folder: Path) -> None:
        self.air = air
        self.folder = folder
        self._rollers: list[HeldRoller] = []

    @abstractmethod
    def adapter(self) -> Adapter:
        """Return the open adapter under test; another one after `restart_host`."""

    @abstractmethod
    async def restart_host(self) -> None:
        """Restart the host's Bluetooth: what it knows afterwards is what it kept on disk."""

    @abstractmethod
    async def traces(self) -> list[str]:
        """Return, a line each, what is there although nothing is going on: links, scans, notifications, agents."""

    @abstractmethod
    async def host_bonds(self) -> list[str]:
        """Return the addresses of the peers with which the host keeps a bond."""

    async def no_traces(self) -> None:
        """Fail unless all is quiet within SETTLE_S: no link, no scan, no notification, no agent."""
        try:
            async with asyncio.timeout(SETTLE_S):
                while await self.traces():  # noqa: ASYNC110 - nobody tells when BlueZ has let go of everything
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            if left := await self.traces():
                raise AssertionError(f"left behind after {SETTLE_S:g} s: {', '.join(left)}") from None

    @asynccontextmanager
    async def roller(
        self, name: str = "roller", scenario: Scenario | None = None, *, seed: int = 1
    ) -> AsyncIterator[HeldRoller]:
        """Switch a roller on for the time of the block; another one has another name and another seed."""
        held = HeldRoller(self.air, self.folder / name, scenario, seed)
        self._rollers.append(held)
        try:
            async with held.switched_on():
                yield held
        finally:
            self._rollers.remove(held)

    @asynccontextmanager
    async def second_host(self) -> AsyncIterator[Adapter]:
        """Open the adapter of another computer; it is a bumble host on either stack, with bonds of its own."""
        async with (
            in_process_transport(self.air, "second host") as transport,
            open_bumble_adapter("second", transport, self.folder / "second-host") as adapter,
        ):
            yield adapter

    def _roller_traces(self) -> list[str]:
        return [f"{held.name} has a host" for held in self._rollers if held.connected]


def controller_traces(controller: VirtualController) -> list[str]:
    """Return what a host has left its controller doing."""
    found = [f"connected with {peer}" for peer in controller.le_connections]
    if controller.le_scan_enable:
        found.append("the controller scans")
    if controller.pending_le_connection is not None:
        found.append(f"the controller is connecting with {controller.pending_le_connection.peer_address}")
    return found


class BumbleStack(Stack):
    """glowtool's own host in this process; opened by `open_bumble_stack`."""

    kind = StackKind.BUMBLE
    _host: Holder[tuple[Adapter, VirtualController]]

    def adapter(self) -> Adapter:
        """Return the open adapter."""
        return self._host.value[0]

    async def restart_host(self) -> None:
        """Close the central and open another one on the same folder."""
        await self.close()
        await self.start()

    async def traces(self) -> list[str]:
        """Return what the controllers and rollers are still doing."""
        return controller_traces(self._host.value[1]) + self._roller_traces()

    async def host_bonds(self) -> list[str]:
        """Return the addresses in the file of bonds."""
        file = self.folder / "host" / BONDS_FILE
        kept = json.loads(file.read_text()) if file.exists() else {}
        return [address for peers in kept.values() for address in peers]

    async def start(self) -> None:
        """Open the adapter."""
        self._host = await Holder.open(self._opened())

    async def close(self) -> None:
        """Close the adapter; nothing happens the second time."""
        await self._host.close()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Adapter, VirtualController]]:
        async with (
            in_process_transport(self.air, "host") as transport,
            open_bumble_adapter("virtual", transport, self.folder / "host") as adapter,
        ):
            assert isinstance(transport.sink, VirtualController)
            yield adapter, transport.sink


@asynccontextmanager
async def open_bumble_stack(air: Air, folder: Path) -> AsyncIterator[Stack]:
    """Open a host of glowtool's own for the time of the block."""
    stack = BumbleStack(air, folder)
    await stack.start()
    try:
        yield stack
    finally:
        await stack.close()
