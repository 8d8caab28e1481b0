"""What every adapter can do, be it the system's own Bluetooth or an HCI controller behind bumble."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bleak import BleakClient, BleakScanner
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementDataCallback, BaseBleakScanner

    from glowtool.errors import AdapterUnavailableError

#: Asked once for the six digits on the peer's display. Returns 0 to 999999; raises PairingCancelledError to say no.
PasskeySource = Callable[[], Awaitable[int]]

ScanningMode = Literal["active", "passive"]

#: How long a connection may take, with finding the device and discovering its services.
CONNECT_TIMEOUT_S = 15.0


class Adapter(ABC):
    """An open adapter: a maker of bleak scanners and clients, and the keeper of bonds.

    `scanner_backend` and `client_backend` are what bleak takes as `backend=`; None means bleak's own choice.
    """

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
        """Return a scanner on this adapter; its start raises AdapterUnavailableError where there is no radio."""

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
        peer has lost is replaced by pairing anew. It has no meaning on the system's own stack.
        """

    @abstractmethod
    async def bonded(self, address: str) -> bool:
        """Return False when it is certain that there is no bond with the peer of that address."""

    @abstractmethod
    async def forget(self, address: str) -> None:
        """Drop the bond with the peer of that address; nothing happens when there is none."""

    @abstractmethod
    async def pair(self, client: BleakClient, passkey: PasskeySource) -> None:
        """Pair and bond a connected client with the passkey on the peer's display.

        Raises one of the PairingError family, or ConnectionLostError. Only success changes a kept bond.
        """

    @abstractmethod
    def on_lost(self, callback: Callable[[AdapterUnavailableError], None]) -> Callable[[], None]:
        """Call `callback` once if the adapter itself goes away; the function returned takes that back."""
