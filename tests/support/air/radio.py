"""A host for tests: bumble's own stack on the virtual air, with nothing of glowtool's link."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from bumble import core, hci, pairing
from bumble.core import UUID
from bumble.device import Connection, Device, DeviceConfiguration, Peer
from bumble.host import Host as HostStack
from bumble.keys import KeyStore, MemoryKeyStore
from bumble.transport.tcp_client import open_tcp_client_transport

from glowsim.air.transport import in_process_transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bumble.gatt_client import CharacteristicProxy
    from bumble.transport.common import Transport

    from glowsim.air.air import Air
    from glowtool.protocol.gatt import Characteristic

ADDRESS = "C4:11:22:33:44:55"

IoCapability = pairing.PairingDelegate.IoCapability


class _Typist(pairing.PairingDelegate):
    """A person at the host who types what `passkey` returns, and answers what `compare` says of a number."""

    def __init__(
        self, passkey: Callable[[], int], capability: IoCapability, compare: Callable[[int], bool] | None = None
    ) -> None:
        super().__init__(io_capability=capability)
        self._passkey = passkey
        self._compare = compare

    async def get_number(self) -> int:
        return self._passkey()

    async def compare_numbers(self, number: int, digits: int) -> bool:
        assert digits == 6
        return self._compare is None or self._compare(number)


class RadioHost:
    """A host with at most one connection. `keys` outlives the host, as a bond outlives a process."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.connection: Connection | None = None
        self.peer: Peer | None = None
        self.gone: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def connect(self, address: str) -> Peer:
        """Connect and discover the services; as every host does, again when the connection is not taken at once."""
        async with asyncio.timeout(5):
            while True:
                self.peer = await self._attempt(address)
                discovering = asyncio.ensure_future(self._discover(self.peer))
                self.gone.add_done_callback(lambda _gone, task=discovering: task.cancel())  # type: ignore[misc]  # of this round
                await asyncio.wait({discovering})
                if not discovering.cancelled():
                    await discovering
                    return self.peer
                if self.gone.result() != hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR:
                    raise ConnectionResetError(f"the roller hung up: 0x{self.gone.result():02X}")

    async def _attempt(self, address: str) -> Peer:
        connection = await self.device.connect(hci.Address(address))
        self.gone = asyncio.get_running_loop().create_future()
        connection.on(Connection.EVENT_DISCONNECTION, self._on_gone)
        if connection.handle not in self.device.connections:
            # It has ended in the turn of the loop in which it began.
            self._on_gone(hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR)
        self.connection = connection
        return Peer(connection)

    async def _discover(self, peer: Peer) -> None:
        await peer.request_mtu(247)
        await peer.discover_all()  # type: ignore[no-untyped-call]  # bumble: no annotations

    def _on_gone(self, reason: int) -> None:
        if not self.gone.done():
            self.gone.set_result(reason)

    async def disconnect(self) -> None:
        assert self.connection is not None
        async with asyncio.timeout(5):
            await self.connection.disconnect()

    async def pair(
        self,
        passkey: Callable[[], int],
        *,
        capability: IoCapability = IoCapability.KEYBOARD_INPUT_ONLY,
        sc: bool = True,
        mitm: bool = True,
        bonding: bool = True,
        compare: Callable[[int], bool] | None = None,
    ) -> None:
        """Pair; raises `bumble.core.ProtocolError` when it fails."""
        assert self.connection is not None
        config = pairing.PairingConfig(
            sc=sc,
            mitm=mitm,
            bonding=bonding,
            delegate=_Typist(passkey, capability, compare),
            identity_address_type=pairing.PairingConfig.AddressType.RANDOM,
        )
        self.device.pairing_config_factory = lambda _connection: config
        async with asyncio.timeout(10):
            await self.connection.pair()

    async def encrypt(self) -> None:
        assert self.connection is not None
        async with asyncio.timeout(5):
            await self.connection.encrypt()

    def find(self, row: Characteristic) -> CharacteristicProxy[bytes]:
        assert self.peer is not None
        (found,) = self.peer.get_characteristics_by_uuid(UUID(row.uuid))
        return found


@asynccontextmanager
async def host_on_transport(
    transport: Transport, keys: KeyStore | None = None, address: str = ADDRESS
) -> AsyncIterator[RadioHost]:
    device = Device(
        config=DeviceConfiguration(name="test host", address=hci.Address(address), irk=bytes(range(16))),
        host=HostStack(transport.source, transport.sink),
    )
    device.keystore = MemoryKeyStore() if keys is None else keys
    await device.power_on()
    yield RadioHost(device)


@asynccontextmanager
async def host_on_air(air: Air, keys: KeyStore | None = None, address: str = ADDRESS) -> AsyncIterator[RadioHost]:
    async with in_process_transport(air, "test host") as transport, host_on_transport(transport, keys, address) as host:
        yield host


@asynccontextmanager
async def host_over_tcp(port: int, keys: KeyStore | None = None, address: str = ADDRESS) -> AsyncIterator[RadioHost]:
    """Yield a host whose controller is on the air behind a port of this machine."""
    transport = await open_tcp_client_transport(f"127.0.0.1:{port}")
    try:
        async with host_on_transport(transport, keys, address) as host:
            yield host
    finally:
        await transport.close()
        await transport.source.terminated


async def refusal(pairing: Awaitable[object]) -> int | None:
    """Return the error code with which a pairing fails; it must fail."""
    with pytest.raises(core.ProtocolError) as caught:
        await pairing
    return caught.value.error_code
