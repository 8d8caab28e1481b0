"""The interface of every adapter: the system's own Bluetooth, or an HCI controller behind bumble."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal

from glowtool.link.pairing import PAIRING_TIMEOUT_S, PasskeySource
from glowtool.link.radio import RadioFacts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bleak import BleakClient, BleakScanner
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementDataCallback, BaseBleakScanner

    from glowtool.errors import AdapterUnavailableError
    from glowtool.link.pairing import PairingAnswers, PairingMethod, PairingSigns, SecurityLevel

__all__ = ["CONNECT_TIMEOUT_S", "Adapter", "PasskeySource", "ScanningMode"]

ScanningMode = Literal["active", "passive"]

#: How long a connection may take, including finding the device and discovering its services.
CONNECT_TIMEOUT_S = 15.0


class Adapter(ABC):
    """An open adapter: a maker of bleak scanners and clients, and the keeper of bonds.

    bleak takes `scanner_backend` and `client_backend` as `backend=`; None means bleak's own choice. `asks_by_itself`:
    pairing opens a dialogue of the system's own, and glowtool asks nobody.
    """

    asks_by_itself: bool = False
    name: str
    scanner_backend: type[BaseBleakScanner] | None
    client_backend: type[BaseBleakClient] | None

    @abstractmethod
    def scanner(
        self,
        detection_callback: AdvertisementDataCallback | None = None,
        service_uuids: list[str] | None = None,
        scanning_mode: ScanningMode = "active",
    ) -> BleakScanner:
        """Return a scanner on this adapter; its start raises AdapterUnavailableError if there is no radio."""

    @abstractmethod
    def client(
        self,
        device: BLEDevice | str,
        disconnected_callback: Callable[[BleakClient], None] | None = None,
        timeout: float = CONNECT_TIMEOUT_S,
        *,
        use_bond: bool = True,
    ) -> BleakClient:
        """Return a client on this adapter for a device or an address; it is not yet connected.

        With `use_bond=False` it connects without encrypting with the kept bond: that is how a bond that the
        peer has lost is replaced by pairing again. It has no meaning on the system's own stack.
        """

    @abstractmethod
    async def bonded(self, address: str) -> bool:
        """Return False when it is certain that there is no bond with the peer of that address."""

    @abstractmethod
    async def forget(self, address: str) -> None:
        """Drop the bond with the peer of that address; nothing happens when there is none."""

    async def set_aside(self, address: str) -> Callable[[], Awaitable[None]]:
        """Drop the bond with the peer, and return a function that restores it, if the stack can do that."""
        await self.forget(address)
        return _put_nothing_back

    async def bond_level(self, address: str) -> SecurityLevel | None:
        """Return the level of the kept bond with the peer; None when there is none, or the stack does not tell."""
        del address
        return None

    async def end_leftover(self, address: str) -> None:
        """End a connection with the peer of that address that a program left behind when it died.

        A system's stack keeps such a connection for nobody, and the peer stays silent. Only for callers that know that
        nobody uses it.
        """
        del address  # only a stack that outlives its programs has any

    async def identity_address(self, device: BLEDevice) -> str:
        """Return the permanent address of a bonded device, or that of `device` if it has no other."""
        return device.address

    async def radio(self) -> RadioFacts:
        """Return the visible facts about the adapter, and the obstacle to its use; never raises."""
        return RadioFacts(name=self.name, stack="system")

    @abstractmethod
    async def pair(
        self,
        device: BLEDevice,
        answers: PairingAnswers,
        *,
        signs: PairingSigns | None = None,
        timeout_s: float = PAIRING_TIMEOUT_S,
    ) -> PairingMethod:
        """Connect, pair, keep the bond, disconnect; return the method.

        With `signs` of its kind a refusal is told apart, and a system that pairs when something protected is read can.
        The device must not be connected yet. After a failure no new bond is left on either side, and no connection.
        Raises AlreadyPairedError when a bond is kept here: `forget` it first. PairingWindowClosedError, BondsFullError,
        PasskeyWrongError, PairingTimeoutError (after `timeout_s`, with connecting), PairingCancelledError (the person
        or the peer said no), WeakPairingError (Just Works that `answers` do not allow), else PairingError;
        ConnectFailedError or ConnectionLostError; AdapterUnavailableError. What an answer raises passes through.
        """

    @abstractmethod
    def on_lost(self, callback: Callable[[AdapterUnavailableError], None]) -> Callable[[], None]:
        """Call `callback` once if the adapter itself goes away; the returned function cancels that."""


async def _put_nothing_back() -> None:
    """Do nothing: the stack gave no keys."""
