"""Discovery: a peer's services, characteristics and descriptors, as bleak describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bleak.assigned_numbers import CHARACTERISTIC_PROPERTIES
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection

from glowtool.link.bumble.advertising import uuid_text

if TYPE_CHECKING:
    from bleak.assigned_numbers import CharacteristicPropertyName
    from bumble.core import UUID
    from bumble.gatt_client import CharacteristicProxy, ServiceProxy

    from glowtool.link.bumble.att_client import AttClient

#: Opcode and handle of a write command or a notification take three bytes of the MTU (Core Vol 3 Part F 3.4).
ATT_HEADER_BYTES: Final = 3


async def discover_services(att: AttClient, wanted: set[str] | None) -> BleakGATTServiceCollection:
    """Return all primary services with everything in them, or only those whose UUID is wanted."""
    services = BleakGATTServiceCollection()
    for proxy in await att.discover_services():
        if wanted is None or bleak_uuid(proxy.uuid) in wanted:
            await _add_service(services, att, proxy)
    return services


async def _add_service(services: BleakGATTServiceCollection, att: AttClient, proxy: ServiceProxy) -> None:
    service = BleakGATTService(proxy, proxy.handle, bleak_uuid(proxy.uuid))
    services.add_service(service)
    for found in await att.discover_characteristics((), proxy):
        characteristic = BleakGATTCharacteristic(
            found,
            # bleak names a characteristic by its declaration, as BlueZ does; the value stands right behind it.
            found.handle - 1,
            bleak_uuid(found.uuid),
            property_names(found.properties),
            lambda: att.mtu - ATT_HEADER_BYTES,
            service,
        )
        services.add_characteristic(characteristic)
        await _add_descriptors(services, att, found, characteristic)


async def _add_descriptors(
    services: BleakGATTServiceCollection,
    att: AttClient,
    proxy: CharacteristicProxy[bytes],
    characteristic: BleakGATTCharacteristic,
) -> None:
    for found in await att.discover_descriptors(proxy):
        services.add_descriptor(BleakGATTDescriptor(found, found.handle, bleak_uuid(found.type), characteristic))


def property_names(bits: int) -> list[CharacteristicPropertyName]:
    """Return bleak's names of the characteristic properties that are set in `bits`, lowest bit first."""
    return [name for bit, name in CHARACTERISTIC_PROPERTIES.items() if bits & bit]


def bleak_uuid(uuid: UUID) -> str:
    """Return the UUID as bleak writes it."""
    return uuid_text(uuid.to_bytes())
