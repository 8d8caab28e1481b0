"""The adapter over an HCI transport: bleak backends bound to one bumble central."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bleak import BleakClient, BleakScanner
from bumble.hci import Address

from glowtool.errors import PairingWindowClosedError
from glowtool.link.adapter import CONNECT_TIMEOUT_S, Adapter, ScanningMode
from glowtool.link.bumble.client import BumbleClient
from glowtool.link.bumble.host import Central, open_central
from glowtool.link.bumble.inspection import radio_facts
from glowtool.link.bumble.scan.scanner import BumbleScanner
from glowtool.link.pairing import PAIRING_TIMEOUT_S, already_paired
from glowtool.link.refusal import why_refused
from glowtool.link.scan import find_device

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementDataCallback
    from bumble.transport.common import Transport

    from glowtool.errors import AdapterUnavailableError
    from glowtool.link.pairing import PairingAnswers, PairingMethod, PairingSigns, SecurityLevel
    from glowtool.link.radio import RadioFacts


class _Client(BleakClient):
    """bleak's client, which also says why its connection ended."""

    @property
    def lost_because(self) -> str | None:
        """Why the connection ended, in words; None while it is up, or before it was."""
        return self._backend.lost_because if isinstance(self._backend, BumbleClient) else None


class BumbleAdapter(Adapter):
    """An adapter whose scanners and clients are ours, over bumble."""

    scanner_backend: type[BumbleScanner]
    client_backend: type[BumbleClient]

    def __init__(self, name: str, central: Central) -> None:
        self.name = name
        self._central = central
        self.scanner_backend = scanner_backend_for(central)
        self.client_backend = client_backend_for(central, self.scanner_backend)

    def scanner(
        self,
        detection_callback: AdvertisementDataCallback | None = None,
        service_uuids: list[str] | None = None,
        scanning_mode: ScanningMode = "active",
    ) -> BleakScanner:
        """Return a scanner on this adapter."""
        return BleakScanner(detection_callback, service_uuids, scanning_mode, backend=self.scanner_backend)

    def client(
        self,
        device: BLEDevice | str,
        disconnected_callback: Callable[[BleakClient], None] | None = None,
        timeout: float = CONNECT_TIMEOUT_S,
        *,
        use_bond: bool = True,
    ) -> BleakClient:
        """Return a client on this adapter, not yet connected."""
        return _Client(device, disconnected_callback, timeout=timeout, backend=self.client_backend, use_bond=use_bond)

    async def radio(self) -> RadioFacts:
        """Return the facts that the controller reported at its start."""
        return radio_facts(self.name, self._central.device.host, str(self._central.device.random_address))

    async def bonded(self, address: str) -> bool:
        """Return whether a bond is kept for that address."""
        return await self._central.bonded(address)

    async def forget(self, address: str) -> None:
        """Drop the bond for that address, if there is one."""
        await self._central.forget(address)

    async def set_aside(self, address: str) -> Callable[[], Awaitable[None]]:
        """Drop the bond with the peer, and return a function that restores it."""
        return await self._central.set_aside(address)

    async def bond_level(self, address: str) -> SecurityLevel | None:
        """Return the level of the kept bond with the peer, None when there is none."""
        return await self._central.bond_level(address)

    async def identity_address(self, device: BLEDevice) -> str:
        """Return the identity address of a bonded device, whatever address was heard; else its address."""
        return self._central.identity_of(device.address)

    async def pair(
        self,
        device: BLEDevice,
        answers: PairingAnswers,
        *,
        signs: PairingSigns | None = None,
        timeout_s: float = PAIRING_TIMEOUT_S,
    ) -> PairingMethod:
        """Connect, pair as the peer's display allows, keep the bond, disconnect."""
        if await self.bonded(device.address):
            raise already_paired(device.address)
        # A device that another adapter found does not tell the type of its address.
        here = device if isinstance(device.details, Address) else await find_device(self, device.address, timeout_s)
        try:
            return await self._central.pair(here.details, answers, timeout_s)
        except PairingWindowClosedError as error:
            raise await why_refused(self, here, signs) from error

    def on_lost(self, callback: Callable[[AdapterUnavailableError], None]) -> Callable[[], None]:
        """Call `callback` once if the transport is lost."""
        return self._central.on_lost(callback)


def scanner_backend_for(bound_central: Central) -> type[BumbleScanner]:
    """Return a scanner class for `BleakScanner(backend=…)` that uses this central."""

    class GlowtoolScanner(BumbleScanner):
        central = bound_central

    return GlowtoolScanner


def client_backend_for(bound_central: Central, scanner_backend: type[BumbleScanner]) -> type[BumbleClient]:
    """Return a client class for `BleakClient(backend=…)` that uses this central, and finds addresses with it."""

    class GlowtoolClient(BumbleClient):
        central = bound_central
        scanner = scanner_backend

    return GlowtoolClient


@asynccontextmanager
async def open_bumble_adapter(name: str, transport: Transport, bonds_dir: Path) -> AsyncIterator[BumbleAdapter]:
    """Open the adapter on an HCI transport for the time of the block; the caller closes the transport."""
    async with open_central(name, transport, bonds_dir) as central:
        yield BumbleAdapter(name, central)
