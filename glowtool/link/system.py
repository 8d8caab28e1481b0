"""The system's Bluetooth: bleak's own backends, with each of their failures as one clear sentence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDeviceNotFoundError,
    BleakError,
)

from glowtool.errors import AdapterUnavailableError, GlowtoolError, PairingError, PairingTimeoutError
from glowtool.link.adapter import CONNECT_TIMEOUT_S, Adapter, ScanningMode
from glowtool.link.errors import LinkLostError, LinkTimeoutError, PeerNotFoundError
from glowtool.link.pairing import PAIRING_TIMEOUT_S, PairingMethod

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak.args.bluez import BlueZClientArgs, BlueZScannerArgs
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementDataCallback

    from glowtool.link.pairing import PairingAnswers, PairingSigns

_TRY_SIM: Final = "to go on without one, try `--adapter sim` (a virtual roller)"

_REASONS: Final = {
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: "the Bluetooth adapter cannot do Bluetooth LE",
    BleakBluetoothNotAvailableReason.POWERED_OFF: "the Bluetooth adapter is switched off",
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: "you did not allow this program to use Bluetooth",
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: "this system does not allow programs to use Bluetooth",
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: "this program is not allowed to use Bluetooth",
}

_TRY_AGAIN: Final = "hold the roller's button for two seconds and run `glowtool pair` again"


def unavailable(adapter: str | None, error: Exception) -> AdapterUnavailableError:
    """Return the error that says in one sentence why there is no Bluetooth, and what to do."""
    subject = f"no Bluetooth adapter {adapter}" if adapter else "no Bluetooth adapter"
    if isinstance(error, BleakBluetoothNotAvailableError) and error.reason in _REASONS:
        return AdapterUnavailableError(f"{_REASONS[error.reason]}", advice=f"change that, or {_TRY_SIM}")
    if isinstance(error, BleakBluetoothNotAvailableError | OSError | EOFError):
        return AdapterUnavailableError(
            f"{subject} on this machine (or its Bluetooth service does not run)", advice=f"plug one in, or {_TRY_SIM}"
        )
    return AdapterUnavailableError(f"{subject} that glowtool can use ({error})", advice=f"check it, or {_TRY_SIM}")


class SystemScanner(BleakScanner):
    """bleak's scanner; its start raises an error that says why there is no Bluetooth."""

    adapter_name: str | None = None

    async def start(self) -> None:
        """Begin to scan; AdapterUnavailableError if that is impossible."""
        try:
            await super().start()
        except (BleakError, OSError, EOFError) as error:
            # bleak passes on the errors of its D-Bus library and of the socket.
            raise unavailable(self.adapter_name, error) from error


class SystemClient(BleakClient):
    """bleak's client; a connection attempt raises an error that says why there is no Bluetooth."""

    adapter_name: str | None = None

    async def connect(self, **kwargs: object) -> None:
        """Connect and discover the services; raises PeerNotFoundError, AdapterUnavailableError, or bleak's errors."""
        try:
            await super().connect(**kwargs)
        except BleakDeviceNotFoundError as error:
            raise PeerNotFoundError(self.address, f"{self.address} was not heard", advice="bring it near") from error
        except (BleakBluetoothNotAvailableError, FileNotFoundError, ConnectionError, EOFError) as error:
            raise unavailable(self.adapter_name, error) from error


class SystemAdapter(Adapter):
    """The system's stack; `adapter` names one of its adapters (`hci0`), None is its default."""

    scanner_backend = None
    client_backend = None
    asks_by_itself = True

    def __init__(self, adapter: str | None) -> None:
        self.name = adapter or "auto"
        self._adapter = adapter

    def scanner(
        self,
        detection_callback: AdvertisementDataCallback | None = None,
        service_uuids: list[str] | None = None,
        scanning_mode: ScanningMode = "active",
    ) -> BleakScanner:
        """Return a scanner on this adapter."""
        bluez: BlueZScannerArgs = {} if self._adapter is None else {"adapter": self._adapter}
        try:
            scanner = SystemScanner(detection_callback, service_uuids, scanning_mode, bluez=bluez)
        except (BleakError, ImportError) as error:
            raise unavailable(self._adapter, error) from error
        scanner.adapter_name = self._adapter
        return scanner

    def client(
        self,
        device: BLEDevice | str,
        disconnected_callback: Callable[[BleakClient], None] | None = None,
        timeout: float = CONNECT_TIMEOUT_S,
        *,
        use_bond: bool = True,  # noqa: ARG002 - the system decides for itself
    ) -> BleakClient:
        """Return a client on this adapter, not yet connected."""
        bluez: BlueZClientArgs = {} if self._adapter is None else {"adapter": self._adapter}
        try:
            client = SystemClient(device, disconnected_callback, timeout=timeout, bluez=bluez)
        except (BleakError, ImportError) as error:
            raise unavailable(self._adapter, error) from error
        client.adapter_name = self._adapter
        return client

    async def bonded(self, address: str) -> bool:
        """Return True: bleak cannot ask the system; a missing bond shows at the first protected access."""
        del address
        return True

    async def forget(self, address: str) -> None:
        """Drop the bond if the system lets a program do that (Windows); elsewhere the person uses its settings."""
        try:
            await self.client(address).unpair()
        except NotImplementedError:
            return
        except (BleakError, OSError) as error:
            raise PairingError(
                f"the system did not drop the bond with {address} ({error})",
                advice="remove it in its Bluetooth settings",
            ) from error

    async def pair(
        self,
        device: BLEDevice,
        answers: PairingAnswers,
        *,
        signs: PairingSigns | None = None,
        timeout_s: float = PAIRING_TIMEOUT_S,
    ) -> PairingMethod:
        """Let the system pair: it asks for the passkey in its own dialogue; `answers` are not asked."""
        del answers
        client = self.client(device)
        try:
            async with asyncio.timeout(timeout_s):
                await _connect_to_pair(client)
                await _pair_in_dialogue(client, signs)
        except GlowtoolError:
            raise
        except TimeoutError as error:
            raise PairingTimeoutError(f"nobody answered the system's dialogue within {timeout_s:g} s") from error
        except BleakError as error:
            if not client.is_connected:
                raise LinkLostError(f"the connection to {device.address} was lost while pairing: {error}") from error
            raise PairingError(f"the system did not pair ({error})", advice=_TRY_AGAIN) from error
        finally:
            await client.disconnect()
        return PairingMethod.PASSKEY

    def on_lost(self, callback: Callable[[AdapterUnavailableError], None]) -> Callable[[], None]:
        """Watch nothing: bleak does not report when the system's adapter goes away."""
        del callback
        return lambda: None


async def _connect_to_pair(client: BleakClient) -> None:
    try:
        await client.connect()
    except TimeoutError as error:
        raise LinkTimeoutError(
            f"{client.address} did not accept the connection", advice="bring the roller near"
        ) from error


async def _pair_in_dialogue(client: BleakClient, signs: PairingSigns | None) -> None:
    try:
        await client.pair()
    except NotImplementedError as error:
        if signs is None:
            raise PairingError(
                "this system pairs when something protected is read, and what this device protects is not known",
                advice="pair it in the system's Bluetooth settings",
            ) from error
        # Core Bluetooth pairs at the first protected access, and answers when the dialogue is closed.
        await client.read_gatt_char(signs.protected)
