"""A small bumble peripheral on a virtual air, and HCI transports to controllers on it, which can be cut.

It has one of each that a GATT client must handle, and nothing to do with the roller.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bumble import ll
from bumble.att import ATT_Error, Attribute
from bumble.controller import Controller
from bumble.core import AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor, Service
from bumble.hci import Address, HCI_ErrorCode, OwnAddressType
from bumble.host import Host
from bumble.link import LocalLink
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import AsyncPacketReader, AsyncPipeSink, BaseSource, Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bumble.device import Connection

PERIPHERAL_ADDRESS = "F1:00:00:00:00:01"
PERIPHERAL_NAME = "tiny"
LONG_VALUE = bytes(index % 251 for index in range(300))
APPLICATION_ERROR = 0x80


def tiny_uuid(short: int) -> str:
    """Return the UUID of the service (0) or of one of its characteristics."""
    return f"5d1e{short:04x}-8a3c-4f0e-9b1d-0a2b4c6d8e0f"


SERVICE = tiny_uuid(0)
READ = tiny_uuid(1)
WRITE = tiny_uuid(2)
COMMAND = tiny_uuid(3)
NOTIFY = tiny_uuid(4)
INDICATE = tiny_uuid(5)
BOTH = tiny_uuid(6)
LONG = tiny_uuid(7)
PROTECTED = tiny_uuid(8)
FAILING = tiny_uuid(9)
STUCK = tiny_uuid(10)


def new_air() -> LocalLink:
    """Return an empty virtual air."""
    return LocalLink()  # type: ignore[no-untyped-call] # bumble left it untyped


class _Display(PairingDelegate):
    def __init__(self, peripheral: TinyPeripheral) -> None:
        super().__init__(io_capability=peripheral.io_capability)
        self._peripheral = peripheral

    async def accept(self) -> bool:
        return self._peripheral.pairing_is_open

    async def generate_passkey(self) -> int:
        return self._peripheral.passkey

    async def display_number(self, number: int, digits: int) -> None:
        del digits
        self._peripheral.shown.put_nowait(number)


class TinyPeripheral:
    """A connectable device; its attributes are what a test wants to see or to change."""

    def __init__(
        self,
        air: LocalLink,
        address: str = PERIPHERAL_ADDRESS,
        name: str = PERIPHERAL_NAME,
        *,
        is_private: bool = False,
    ) -> None:
        self.name = name
        self.written: list[bytes] = []
        self.commands: list[bytes] = []
        self.protected: list[bytes] = []
        self.passkey = 123456
        self.shown: asyncio.Queue[int] = asyncio.Queue()
        self.pairing_is_open = True
        self.io_capability = PairingDelegate.IoCapability.DISPLAY_OUTPUT_ONLY
        self.secure_connections = True
        self.stuck_reads = 0
        self.unstick = asyncio.Event()
        self.controller = Controller(name, link=air)
        config = DeviceConfiguration(
            name=name, address=Address(address), irk=bytes(range(16)), le_privacy_enabled=is_private, le_rpa_timeout=0
        )
        self.device = Device(config=config, host=Host(self.controller, AsyncPipeSink(self.controller)))
        self.device.pairing_config_factory = self._pairing_config
        self.device.on(Device.EVENT_CONNECTION, self._on_connection)
        self.notify = _characteristic(NOTIFY, Characteristic.Properties.NOTIFY, b"")
        self.indicate = _characteristic(INDICATE, Characteristic.Properties.INDICATE, b"")
        self.both = _characteristic(BOTH, Characteristic.Properties.NOTIFY | Characteristic.Properties.INDICATE, b"")
        self.device.add_service(Service(SERVICE, self._characteristics()))

    @property
    def connections(self) -> list[Connection]:
        return list(self.device.connections.values())

    async def start(self) -> None:
        await self.device.power_on()
        await self.advertise()

    async def advertise(self) -> None:
        data = AdvertisingData(
            [
                (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode()),
                (AdvertisingData.TX_POWER_LEVEL, b"\xfc"),
                (AdvertisingData.MANUFACTURER_SPECIFIC_DATA, b"\xff\xff\x01\x02"),
            ]
        )
        uuids = AdvertisingData(
            [
                (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, Service(SERVICE, []).uuid.to_bytes()),
                (AdvertisingData.SERVICE_DATA_16_BIT_UUID, b"\x0f\x18\x64"),
            ]
        )
        await self.device.start_advertising(
            own_address_type=OwnAddressType.RANDOM,
            auto_restart=True,
            advertising_interval_min=20,
            advertising_interval_max=20,
            advertising_data=bytes(data) + bytes(uuids),
        )

    async def forget_bonds(self) -> None:
        assert self.device.keystore is not None
        await self.device.keystore.delete_all()

    def _on_connection(self, connection: Connection) -> None:
        def drop_session(_reason: object) -> None:
            # bumble's responder keeps the session of a failed pairing, and the next one would stumble over it.
            self.device.smp_manager.sessions.pop(connection.handle, None)

        connection.on(connection.EVENT_PAIRING_FAILURE, drop_session)

    def _pairing_config(self, _connection: Connection) -> PairingConfig:
        return PairingConfig(
            sc=self.secure_connections,
            mitm=True,
            bonding=True,
            delegate=_Display(self),
            identity_address_type=PairingConfig.AddressType.RANDOM,
        )

    def _characteristics(self) -> list[Characteristic[bytes]]:
        prop = Characteristic.Properties
        return [
            _characteristic(
                READ,
                prop.READ,
                b"hello",
                [Descriptor("2901", Descriptor.READABLE | Descriptor.WRITEABLE, b"a greeting")],
            ),
            _characteristic(WRITE, prop.READ | prop.WRITE, self._kept(self.written)),
            _characteristic(COMMAND, prop.WRITE_WITHOUT_RESPONSE, self._kept(self.commands)),
            self.notify,
            self.indicate,
            self.both,
            _characteristic(LONG, prop.READ, LONG_VALUE),
            Characteristic(
                PROTECTED,
                prop.WRITE,
                Attribute.WRITEABLE | Attribute.WRITE_REQUIRES_AUTHENTICATION,
                self._kept(self.protected),
            ),
            _characteristic(FAILING, prop.READ, CharacteristicValue(read=_fail)),
            _characteristic(STUCK, prop.READ, CharacteristicValue(read=self._get_stuck)),
        ]

    @staticmethod
    def _kept(where: list[bytes]) -> CharacteristicValue[bytes]:
        return CharacteristicValue(
            read=lambda _connection: where[-1] if where else b"",
            write=lambda _connection, value: where.append(bytes(value)),
        )

    async def _get_stuck(self, _connection: Connection) -> bytes:
        self.stuck_reads += 1
        await self.unstick.wait()
        return b"stuck"


def _fail(_connection: Connection) -> bytes:
    raise ATT_Error(APPLICATION_ERROR)


def _characteristic(
    uuid: str,
    properties: Characteristic.Properties,
    value: bytes | CharacteristicValue[bytes],
    descriptors: list[Descriptor] | None = None,
) -> Characteristic[bytes]:
    permissions = Attribute.READABLE | Attribute.WRITEABLE
    return Characteristic(uuid, properties, permissions, value, descriptors or [])


class _PipeSource(BaseSource):
    """A source of the controller's packets, until the cable is cut."""

    def on_packet(self, packet: bytes) -> None:
        if self.sink is not None and not self.terminated.done():
            self.sink.on_packet(packet)


class _PipeSink:
    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self.is_cut = False

    def on_packet(self, packet: bytes) -> None:
        if not self.is_cut:
            asyncio.get_running_loop().call_soon(self._controller.on_packet, packet)


class CuttableTransport(Transport):
    """An HCI transport to a controller of its own on the air."""

    def __init__(self, air: LocalLink, name: str = "central") -> None:
        self.controller = Controller(name, link=air)
        self._air = air
        self._pipe_source = _PipeSource()
        self._pipe_sink = _PipeSink(self.controller)
        self.controller.host = self._pipe_source
        super().__init__(self._pipe_source, self._pipe_sink)

    def cut(self) -> None:
        """Pull the cable between host and controller, as when a server dies."""
        self._pipe_sink.is_cut = True
        self._pipe_source.on_transport_lost()
        self._leave()

    async def close(self) -> None:
        await super().close()
        self._leave()

    def _leave(self) -> None:
        # A host that is gone is a supervision timeout for its peers.
        for connection in list(self.controller.le_connections.values()):
            connection.send_ll_control_pdu(ll.TerminateInd(HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR))
        if self.controller in self._air.controllers:
            self._air.remove_controller(self.controller)


@asynccontextmanager
async def hci_over_tcp(air: LocalLink) -> AsyncIterator[int]:
    """Serve a controller of its own on the air to every TCP client on loopback; yields the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport = CuttableTransport(air, "tcp")
        transport.controller.host = _WriterSink(writer)
        packets = AsyncPacketReader(reader)
        try:
            while True:
                transport.controller.on_packet(await packets.next_packet())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            await transport.close()
            writer.close()

    def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(on_client, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _WriterSink:
    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def on_packet(self, packet: bytes) -> None:
        self._writer.write(packet)
