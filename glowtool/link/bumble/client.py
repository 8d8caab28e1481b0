"""bleak's client, on a bumble central."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, ClassVar, Final

from bleak import BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_16
from bumble import hci
from bumble.att import ATT_Error

from glowtool.errors import DecodeError
from glowtool.link.bumble.att_errors import as_bleak_errors
from glowtool.link.bumble.attempts import end_attempt, nobody_compares, require_fits, require_writable
from glowtool.link.bumble.gatt.subscriptions import subscribe, unsubscribe
from glowtool.link.bumble.gatt.table import read_table
from glowtool.link.bumble.negotiation import negotiate
from glowtool.link.errors import LinkFailedError, LinkTimeoutError, PeerNotFoundError
from glowtool.link.pairing import PAIRING_TIMEOUT_S, PairingAnswers

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak.args import SizedBuffer
    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.client import NotifyCallback
    from bleak.backends.descriptor import BleakGATTDescriptor

    from glowtool.link.bumble.host import Central
    from glowtool.link.bumble.link import Link
    from glowtool.link.bumble.scan.scanner import BumbleScanner
    from glowtool.link.pairing import PasskeySource

logger = logging.getLogger(__name__)

_DEFAULT_MTU: Final = 23
_DEVICE_NAME: Final = normalize_uuid_16(0x2A00)


class BumbleClient(BaseBleakClient):
    """A GATT client; a subclass binds it to a central, because bleak needs a class and not an object.

    Parameters beyond bleak's: `passkey` gives the digits when `pair=True` or `pair()` needs them; `use_bond=False`
    connects without encryption by the kept bond, which allows pairing again over a stale bond.
    """

    central: ClassVar[Central]
    scanner: ClassVar[type[BumbleScanner]]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None = None,
        timeout: float = 30.0,
        services: set[str] | None = None,
        passkey: PasskeySource | None = None,
        use_bond: bool = True,
        **_options: object,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        # A device that another backend found does not tell the address type, so search for it again.
        device = address_or_ble_device if isinstance(address_or_ble_device, BLEDevice) else None
        self._device = device if device is not None and isinstance(device.details, hci.Address) else None
        self._wanted_services = services
        self._passkey = passkey
        self._use_bond = use_bond
        self._link: Link | None = None
        self._gap_name: str | None = None
        self._attempt: asyncio.Task[Link] | None = None
        self._is_given_up = False

    @property
    def name(self) -> str:
        """The advertised name, else the name in the peer's Generic Access service, else the address with dashes."""
        advertised = self._device.name if self._device is not None else None
        return advertised or self._gap_name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """The ATT MTU of the connection, 23 when there is none."""
        return self._link.att.mtu if self._link is not None else _DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        """Whether the link is up."""
        return self._link is not None and self._link.is_up

    @property
    def lost_because(self) -> str | None:
        """Why the connection ended, in words; None while it is up, or before it was."""
        return None if self._link is None else self._link.lost_because

    async def connect(self, pair: bool, **_options: object) -> None:  # noqa: FBT001 - bleak calls it like that
        """Connect, encrypt with the bond where there is one, and discover the services.

        Raises PeerNotFoundError when an address is not heard, LinkTimeoutError when it takes longer than the client's
        timeout, LinkFailedError or LinkLostError when it fails, BondLostError when the peer no longer knows us, and the
        errors of pairing.
        """
        if self.is_connected:
            raise BleakError(f"already connected to {self.address}")
        if self._attempt is not None:
            raise BleakError(f"already connecting to {self.address}")
        self._link, self.services, self._gap_name = None, None, None
        self._is_given_up = False
        self._attempt = attempt = asyncio.ensure_future(self._reach(pair=pair))
        try:
            with as_bleak_errors(f"connecting to {self.address}"):
                await asyncio.wait({attempt})
                if self._is_given_up or attempt.cancelled():
                    raise LinkFailedError(
                        f"connecting to {self.address} was given up: disconnect() was called meanwhile"
                    )
                link = attempt.result()
                if not link.is_up:
                    raise link.lost_error()
                self._link = link
        finally:
            await self._conclude(attempt)

    async def _conclude(self, attempt: asyncio.Task[Link]) -> None:
        """Remove everything of an attempt whose link did not become the client's."""
        try:
            if self._link is None:
                self.services = None
                await end_attempt(attempt)
        finally:
            self._attempt = None

    async def _reach(self, *, pair: bool) -> Link:
        device = self._device
        if device is None or (device.details.is_resolvable and await self.central.bonded(device.address)):
            # A private address changes after a while; the identity address remains.
            device = await self._find()
        try:
            async with asyncio.timeout(self._timeout):
                return await self._connect(device, pair=pair)
        except TimeoutError as error:
            raise LinkTimeoutError(
                f"no connection to {self.address} within {self._timeout:g} s",
                advice="bring the roller near and try again",
            ) from error

    async def _find(self) -> BLEDevice:
        address = self.central.identity_of(self.address)
        device = await self.central.until_gone(
            BleakScanner.find_device_by_address(address, self._timeout, backend=self.scanner)
        )
        if device is None:
            raise PeerNotFoundError(self.address, f"{self.address} was not heard within {self._timeout:g} s")
        self._device = device
        return device

    async def _connect(self, device: BLEDevice, *, pair: bool) -> Link:
        link = await self.central.connect(device.details, self._on_link_lost)
        try:
            logger.info("%s took the connection", self.address)
            await self._secure(link, pair=pair)
            await negotiate(link)
            logger.info("security and MTU are settled with %s", self.address)
            self.services = await read_table(link, self._wanted_services, self.central.tables)
            await self._read_name(link)
        except BaseException:
            self.services = None
            await link.disconnect()
            raise
        return link

    async def _secure(self, link: Link, *, pair: bool) -> None:
        if self._use_bond and await self.central.bonds.get(str(link.connection.peer_address)) is not None:
            await link.encrypt()
        elif pair:
            await self._pair(link, self._passkey, PAIRING_TIMEOUT_S)

    async def _read_name(self, link: Link) -> None:
        """Read the name of a peer that advertises none, if the peer allows it; nothing depends on that."""
        if self._device is None or self._device.name or self.services is None:
            return
        for characteristic in self.services.characteristics.values():
            if characteristic.uuid != _DEVICE_NAME:
                continue
            try:
                value = await link.att.read_value(characteristic.obj.handle)
            except (ATT_Error, DecodeError) as error:
                logger.debug("%s does not tell its name: %s", self.address, error)
                continue
            self._gap_name = value.decode("utf-8", errors="replace")
            return

    def _on_link_lost(self, link: Link) -> None:
        # A link that is not, or is no longer, the client's reports nothing.
        if link is not self._link or self._disconnected_callback is None:
            return
        try:
            self._disconnected_callback()
        except Exception:  # somebody else's code, called from the receive path: it must not break it
            logger.exception("the disconnected callback for %s failed", self.address)

    async def disconnect(self) -> None:
        """End the connection, or the attempt to make one; do nothing when there is neither."""
        if self._attempt is not None:
            self._is_given_up = True
            await end_attempt(self._attempt)
        if self._link is not None:
            with as_bleak_errors(f"disconnecting from {self.address}"):
                await self._link.disconnect()

    async def pair(
        self, *_args: object, passkey: PasskeySource | None = None, timeout_s: float = PAIRING_TIMEOUT_S, **_kw: object
    ) -> None:
        """Pair with the passkey on the peer's display, and keep the bond; see PairingRoom.pair for what it raises.

        With a kept bond, and unless `use_bond` was False, it only encrypts the link. A peer that does not show a
        passkey is refused: `Adapter.pair` asks a person about every way of pairing.
        """
        link = self._require_link()
        with as_bleak_errors(f"pairing with {self.address}", link):
            if self._use_bond and await self.central.bonds.get(str(link.connection.peer_address)) is not None:
                if not link.connection.is_encrypted:
                    await link.encrypt()
                return
            await self._pair(link, passkey or self._passkey, timeout_s)

    async def _pair(self, link: Link, passkey: PasskeySource | None, timeout_s: float) -> None:
        if passkey is None:
            raise BleakError("pairing needs the passkey on the display: give the client or pair() a `passkey=` source")
        await self.central.pairing.pair(link, PairingAnswers(passkey, nobody_compares), timeout_s)

    async def unpair(self) -> None:
        """Drop the bond with the peer, and disconnect."""
        with as_bleak_errors(f"forgetting {self.address}"):
            await self.central.forget(self.address)
        await self.disconnect()

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_options: object
    ) -> bytearray:
        """Read a value of any length, always from the peer."""
        del use_cached
        return await self._read(characteristic.obj.handle, str(characteristic))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_options: object
    ) -> bytearray:
        """Read a descriptor of any length, always from the peer."""
        del use_cached
        return await self._read(descriptor.handle, str(descriptor))

    async def _read(self, handle: int, what: str) -> bytearray:
        link = self._require_link()
        with as_bleak_errors(f"reading {what}", link):
            return bytearray(await link.att.read_value(handle))

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 - bleak calls it like that
    ) -> None:
        """Write a value, never cut; BleakError when it is too long."""
        link, value = self._require_link(), bytes(data)
        require_writable(characteristic, len(value), link.att.mtu, response=response)
        with as_bleak_errors(f"writing {characteristic}", link):
            await link.att.write_value(characteristic.obj.handle, value, with_response=response)
            if not response:
                await link.make_room()

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write a descriptor, with response; BleakError when the value is too long."""
        link, value = self._require_link(), bytes(data)
        require_fits(descriptor, len(value))
        with as_bleak_errors(f"writing {descriptor}", link):
            await link.att.write_value(descriptor.handle, value, with_response=True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_options: object
    ) -> None:
        """Pass notifications, or else indications, to `callback`, in order and from the receive path."""
        link = self._require_link()
        with as_bleak_errors(f"subscribing to {characteristic}", link):
            await subscribe(link.att, characteristic, callback)

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Stop notifications or indications."""
        link = self._require_link()
        with as_bleak_errors(f"unsubscribing from {characteristic}", link):
            await unsubscribe(link.att, characteristic)

    def _require_link(self) -> Link:
        if self._link is None:
            raise BleakError(f"not connected to {self.address}")
        if not self._link.is_up:
            raise self._link.lost_error()
        return self._link
