"""The central: one bumble device on one HCI transport, shared by all scanners and clients of an adapter."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bumble import hci
from bumble.core import BaseBumbleError
from bumble.device import DeviceConfiguration

from glowtool.errors import AdapterUnavailableError
from glowtool.link.adapter import CONNECT_TIMEOUT_S
from glowtool.link.backoff import CONNECTING, Retry
from glowtool.link.bumble.connection_attempt import Connector
from glowtool.link.bumble.gatt.att_client import AttClient
from glowtool.link.bumble.gatt.table_cache import TableCache
from glowtool.link.bumble.hci_host import CentralDevice, HciHost
from glowtool.link.bumble.keys.bonds import BondStore, bond_keys
from glowtool.link.bumble.keys.identity import load_or_create_identity
from glowtool.link.bumble.keys.pairing import PairingRoom
from glowtool.link.bumble.lifetime import until
from glowtool.link.bumble.link import Link
from glowtool.link.bumble.scan.shared_scan import ScanRoom
from glowtool.link.errors import LinkFailedError, LinkTimeoutError
from glowtool.link.pairing import SecurityLevel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from pathlib import Path

    from bumble.transport.common import Transport

    from glowtool.link.pairing import PairingAnswers, PairingMethod

# A library stays silent unless its user asks for its log.
logging.getLogger("bumble").addHandler(logging.NullHandler())
logger = logging.getLogger(__name__)

T = TypeVar("T")

_POWER_TIMEOUT_S: Final = 10.0
_CLOSE_TIMEOUT_S: Final = 3.0


class Central:
    """Our end of the air, made by `open_central`; everything on it ends with it."""

    def __init__(self, name: str, transport: Transport, bonds_dir: Path) -> None:
        identity = load_or_create_identity(bonds_dir)
        self.name = name
        self.bonds = BondStore(bonds_dir, str(identity.address))
        self.bonds.mend()
        self.tables = TableCache(bonds_dir)
        self._host = HciHost(transport, self._on_transport_lost)
        config = DeviceConfiguration(name="glowtool", address=identity.address, irk=identity.irk)
        self.device = CentralDevice(config=config, host=self._host)
        self._host.on_att = self.device.on_gatt_pdu
        self._host.on_malformed = self._on_malformed
        self.device.keystore = self.bonds
        self.scanning = ScanRoom(self.device, self.check)
        self.pairing = PairingRoom(self.device, self.bonds)
        self._connector = Connector(self.device)
        self._links: set[Link] = set()
        self._lost_callbacks: dict[object, Callable[[AdapterUnavailableError], None]] = {}
        self._is_closing = False
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def check(self) -> None:
        """Raise AdapterUnavailableError when the adapter is gone or closed."""
        if self._host.is_lost or self._is_closing:
            raise self._gone()

    def on_lost(self, callback: Callable[[AdapterUnavailableError], None]) -> Callable[[], None]:
        """Call `callback` once when the transport is lost; the returned function cancels that."""
        token = object()
        self._lost_callbacks[token] = callback
        if self._host.is_lost:
            callback(self._gone())
        return lambda: (self._lost_callbacks.pop(token, None), None)[1]

    async def until_gone(self, operation: Coroutine[Any, Any, T]) -> T:
        """Return the operation's result, or raise AdapterUnavailableError as soon as the adapter is gone or closed."""
        task = await until(self._ended, operation)
        if task.cancelled():
            raise self._gone()
        return task.result()

    async def connect(self, address: hci.Address, on_lost: Callable[[Link], None]) -> Link:
        """Connect to the address, for as long as the caller waits; cancelling ends the attempt."""
        self.check()

        def forget(link: Link) -> None:
            self._links.discard(link)
            if not self._host.is_lost and self.device.lookup_connection(link.connection.handle) is link.connection:
                # The link was given up only on this side, because its peer no longer answers.
                self._connector.end_in_background(link.connection)
            on_lost(link)

        link = Link(await self._connector.connect(address), forget)
        self._links.add(link)
        return link

    async def pair(self, address: hci.Address, answers: PairingAnswers, timeout_s: float) -> PairingMethod:
        """Connect, pair, disconnect; a bond is kept only when this returns. See Adapter.pair for the errors."""
        clock = asyncio.get_running_loop().time
        deadline_s = clock() + timeout_s
        try:
            async with asyncio.timeout(min(timeout_s, CONNECT_TIMEOUT_S)):
                link = await self._reach(address)
        except TimeoutError as error:
            raise LinkTimeoutError(
                f"no connection to {address.to_string(with_type_qualifier=False)} for pairing",
                advice="bring the roller near and try again",
            ) from error
        try:
            return await self.pairing.pair(link, answers, deadline_s - clock())
        except BaseException:
            await self.forget(str(link.connection.peer_address))
            raise
        finally:
            await link.disconnect()

    async def _reach(self, address: hci.Address) -> Link:
        """Connect, and try again: right after another host's link, a roller may accept only hosts bonded with it."""
        clock, chance = asyncio.get_running_loop().time, random.Random()  # noqa: S311 - only spreads attempts
        began_s = clock()
        for failures in itertools.count(1):
            try:
                return await self.connect(address, lambda _link: None)
            except LinkFailedError as error:
                pause_s = CONNECTING.pause_s(failures, clock() - began_s, Retry.LATER, chance)
                if pause_s is None:
                    raise
                logger.debug("%s; next attempt to pair in %.1f s", error, pause_s)
            await asyncio.sleep(pause_s)
        raise AssertionError("a schedule ends")

    def _on_malformed(self, handle: int) -> None:
        connection = self.device.lookup_connection(handle)
        if connection is not None and isinstance(connection.gatt_client, AttClient):
            connection.gatt_client.on_malformed()

    async def bonded(self, address: str) -> bool:
        """Return whether a bond is kept for the peer of that address, written without a type qualifier."""
        return any([await self.bonds.get(key) is not None for key in bond_keys(self.identity_of(address))])

    async def forget(self, address: str) -> None:
        """Drop the bond that is kept for the peer of that address."""
        for key in bond_keys(self.identity_of(address)):
            await self.bonds.delete(key)
            self.tables.forget(key)
        if not self._host.is_lost:
            await self.device.refresh_resolving_list()

    async def set_aside(self, address: str) -> Callable[[], Awaitable[None]]:
        """Drop the bond that is kept for the peer of that address, and return a function that restores it."""
        keys = {key: await self.bonds.get(key) for key in bond_keys(self.identity_of(address))}
        await self.forget(address)

        async def put_back() -> None:
            for key, kept in keys.items():
                if kept is not None:
                    await self.bonds.update(key, kept)
            if not self._host.is_lost:
                await self.device.refresh_resolving_list()

        return put_back

    async def bond_level(self, address: str) -> SecurityLevel | None:
        """Return the level of the bond that is kept for the peer of that address; None when there is none."""
        kept = [await self.bonds.get(key) for key in bond_keys(self.identity_of(address))]
        checked = [bool(keys.ltk and keys.ltk.authenticated) for keys in kept if keys is not None]
        if not checked:
            return None
        return SecurityLevel.AUTHENTICATED if all(checked) else SecurityLevel.UNAUTHENTICATED

    def identity_of(self, address: str) -> str:
        """Return the identity address behind a resolvable private address of a bonded peer, else the address."""
        try:
            heard = hci.Address(address)
        except ValueError:
            # Some systems name a device by something other than an address.
            return address
        resolver = self.device.address_resolver
        identity = resolver.resolve(heard) if resolver is not None and heard.is_resolvable else None
        return address if identity is None else identity.to_string(with_type_qualifier=False)

    async def power_on(self) -> None:
        """Start the controller; AdapterUnavailableError when it does not answer like one."""
        try:
            async with asyncio.timeout(_POWER_TIMEOUT_S):
                await self.device.power_on()
        except TimeoutError as error:
            raise AdapterUnavailableError(
                f"{self.name}: no HCI controller answers there", advice="check what listens at the other end"
            ) from error
        except BaseBumbleError as error:
            raise AdapterUnavailableError(f"{self.name}: the controller does not start: {error}") from error

    async def close(self) -> None:
        """End all links and scans in an orderly way, and leave the controller quiet; raises nothing."""
        for link in list(self._links):
            await link.disconnect()
        self._is_closing = True
        self._end()
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._connector.close()
                if not self._host.is_lost:
                    await self.scanning.close()
                    await self.device.power_off()
        except (TimeoutError, BaseBumbleError) as error:
            logger.debug("%s: the controller was not left in order: %s", self.name, error)

    def _on_transport_lost(self) -> None:
        if self._is_closing:
            return
        self._end()
        callbacks, self._lost_callbacks = list(self._lost_callbacks.values()), {}
        for callback in callbacks:
            callback(self._gone())

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _gone(self) -> AdapterUnavailableError:
        return AdapterUnavailableError(
            f"the adapter {self.name} went away", advice="start it again, then repeat the command"
        )


@asynccontextmanager
async def open_central(name: str, transport: Transport, bonds_dir: Path) -> AsyncIterator[Central]:
    """Power a central on for the time of the block; it leaves no task and no connection behind."""
    central = Central(name, transport, bonds_dir)
    try:
        await central.power_on()
        yield central
    finally:
        await central.close()
