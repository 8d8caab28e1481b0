"""The whole stack for a test: a paired virtual roller on the `sim` adapter, and a short program for it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from glowsim.evidence.record import read_delivered
from glowtool.drivers.gr1.opener import opener
from glowtool.link.adapters import open_adapter
from glowtool.link.scan import find_device
from glowtool.link.spec import AdapterSpec
from glowtool.model.event import Event
from glowtool.model.program import Program, Step
from glowtool.model.status import Status
from glowtool.safety import Gate
from glowtool.session.news import Began, Ends
from glowtool.session.plan import SessionPlan
from support.device.steps import BOTH_OUTPUTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from bleak import BleakClient
    from bleak.backends.device import BLEDevice

    from glowsim.peripheral.pairing.screen import Screen
    from glowtool.link.adapter import Adapter
    from glowtool.link.client import LostCallback
    from glowtool.model.ending import Ending
    from glowtool.model.face import Zone
    from glowtool.session.news import MassageNews

FIND_S = 5.0


def step(zone: Zone, duration_ms: int) -> Step:
    return replace(BOTH_OUTPUTS, zone=zone, duration_s=duration_ms / 1000)


@dataclass
class Bench:
    """A paired roller within reach, and where everything is kept."""

    adapter: Adapter
    device: BLEDevice
    folder: Path
    paired_now: bool
    clients: list[BleakClient] = field(default_factory=list)

    def client_for(self, lost: LostCallback) -> BleakClient:
        self.clients.append(self.adapter.client(self.device, lost))
        return self.clients[-1]

    def plan(self, *steps: Step) -> SessionPlan:
        return SessionPlan(
            opener(self.client_for, Gate()), self.device.name or "", self.device.address, {"name": "bench"},
            Program(steps), self.folder / "logs",
        )  # fmt: skip


class Waiting:
    """Hears news, so that a test can wait until the outputs are on."""

    def __init__(self) -> None:
        self.delivering = asyncio.Event()
        self.events: list[Event] = []
        self.endings: list[Ending] = []

    def publish(self, news: MassageNews) -> None:
        match news:
            case Status(levels=levels):
                if levels.peak_ua and levels.amplitude:
                    self.delivering.set()
            case Event():
                self.events.append(news)
            case Ends(ending=ending):
                self.endings.append(ending)
            case _:
                pass


class Start:
    """Hears news, so that a test can wait until the massage has begun."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    def publish(self, news: MassageNews) -> None:
        if isinstance(news, Began):
            self.done.set()


class Display:
    """Takes what a roller's display shows, or an adapter announces, and remembers the passkey of the moment."""

    def __init__(self) -> None:
        self._passkey = 0
        self._shown = asyncio.Event()

    def show(self, shown: Screen | str) -> None:
        line = str(shown)
        if line.startswith("passkey "):
            self._passkey = int(line.split()[1])
            self._shown.set()

    async def passkey(self) -> int:
        await self._shown.wait()
        return self._passkey


async def bond(adapter: Adapter, device: BLEDevice, display: Display) -> None:
    """Pair with a roller by the passkey on its display, and disconnect."""
    client = adapter.client(device)
    await client.connect()
    await client.pair(passkey=display.passkey)
    await client.disconnect()


@asynccontextmanager
async def paired_roller(folder: Path, spec: str = "sim", display: Display | None = None) -> AsyncIterator[Bench]:
    """Find a roller on an adapter, by default a virtual one that is switched on here, and pair with it if need be.

    `display` is that of a roller that runs elsewhere. Everything is kept in `folder`.
    """
    display = display or Display()
    async with open_adapter(
        AdapterSpec.parse(spec), bonds_dir=folder / "bonds", state_dir=folder / "sim", announce=display.show
    ) as adapter:
        device = await find_device(adapter, await _name(adapter), FIND_S)
        unknown = not await adapter.bonded(device.address)
        if unknown:
            await bond(adapter, device, display)
        yield Bench(adapter, device, folder, unknown)


async def _name(adapter: Adapter) -> str:
    from glowtool.link.scan import discover
    from glowtool.protocol.gatt import ROLLER_SERVICE

    async for _, advertisement in discover(adapter, FIND_S, service_uuids=[ROLLER_SERVICE.uuid]):
        if advertisement.local_name:
            return advertisement.local_name
    raise AssertionError("no roller was heard")


def delivered(bench: Bench) -> npt.NDArray[np.void]:
    """Return what electrode and motor really did; read it after the roller was switched off."""
    return read_delivered(bench.folder / "sim")
