"""A bumble peripheral and our bleak backends on either virtual air, for programs written for bleak."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from bleak import BleakClient, BleakScanner
from bumble.core import AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.hci import Address

from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowtool.link.bumble.adapter import BumbleAdapter, open_bumble_adapter
from support.air.tiny_peripheral import CuttableTransport, new_air

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementDataCallback
    from bumble.gatt import Service
    from bumble.link import LocalLink
    from bumble.transport.common import Transport

NAME: Final = "any peer"
ADDRESS: Final = "F3:00:00:00:00:01"
_INTERVAL_MS: Final = 20

#: One AD structure: its type and its content.
AdStructure = tuple[AdvertisingData.Type, bytes]


class AirKind(Enum):
    """The owner of the air."""

    LOCAL_LINK = "bumble"
    GLOWSIM = "glowsim"


@dataclass(frozen=True, slots=True)
class BleakBench:
    """A peripheral that advertises, and an adapter that has not heard it yet."""

    air: LocalLink
    kind: AirKind
    peripheral: Device
    adapter: BumbleAdapter

    def scanner(
        self, callback: AdvertisementDataCallback | None = None, service_uuids: list[str] | None = None
    ) -> BleakScanner:
        """Return bleak's scanner on our backend."""
        return BleakScanner(callback, service_uuids, backend=self.adapter.scanner_backend)

    async def find(self, name: str = NAME) -> BLEDevice:
        """Return a peer that was heard just now."""
        device = await BleakScanner.find_device_by_name(name, backend=self.adapter.scanner_backend)
        assert device is not None
        return device

    async def client(
        self, lost: Callable[[BleakClient], None] | None = None, *, name: str = NAME, timeout_s: float = 10
    ) -> BleakClient:
        """Return bleak's client of a peer on our backend, not yet connected."""
        return BleakClient(await self.find(name), lost, timeout=timeout_s, backend=self.adapter.client_backend)


@asynccontextmanager
async def open_bench(
    kind: AirKind, folder: Path, services: Sequence[Service] = (), advertised: Sequence[AdStructure] = ()
) -> AsyncIterator[BleakBench]:
    """Yield a peripheral with these services that advertises its name and what is given, and an adapter near it."""
    air = Air() if kind is AirKind.GLOWSIM else new_air()
    async with (
        peripheral_on(air, services=services, advertised=advertised) as peripheral,
        _transport(air, "host") as transport,
        open_bumble_adapter("test", transport, folder / "bonds") as adapter,
    ):
        yield BleakBench(air, kind, peripheral, adapter)


@asynccontextmanager
async def peripheral_on(
    air: LocalLink,
    name: str = NAME,
    address: str = ADDRESS,
    *,
    services: Sequence[Service] = (),
    advertised: Sequence[AdStructure] = (),
) -> AsyncIterator[Device]:
    """Yield a peripheral that advertises on an air."""
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(_transport(air, name))
        config = DeviceConfiguration(
            name=name,
            address=Address(address),
            advertising_interval_min=_INTERVAL_MS,
            advertising_interval_max=_INTERVAL_MS,
            advertising_data=bytes(
                AdvertisingData([(AdvertisingData.Type.COMPLETE_LOCAL_NAME, name.encode()), *advertised])
            ),
        )
        device = Device.from_config_with_hci(config, transport.source, transport.sink)
        for service in services:
            device.add_service(service)
        await device.power_on()
        await device.start_advertising(auto_restart=True)
        yield device
        await device.power_off()  # what it asked of its controller, as to advertise again, is answered first


@asynccontextmanager
async def _transport(air: LocalLink, name: str) -> AsyncIterator[Transport]:
    if isinstance(air, Air):
        async with in_process_transport(air, name) as transport:
            yield transport
        return
    cuttable = CuttableTransport(air, name)
    try:
        yield cuttable
    finally:
        await cuttable.close()
