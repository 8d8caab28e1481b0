"""The discovery of a peer's services, characteristics and descriptors, as plain data and in bleak's classes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bleak.assigned_numbers import CHARACTERISTIC_PROPERTIES
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection

from glowtool.errors import DecodeError
from glowtool.link.bumble.scan.advertisements import uuid_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak.assigned_numbers import CharacteristicPropertyName
    from bumble.core import UUID
    from bumble.gatt_client import CharacteristicProxy, ServiceProxy

    from glowtool.link.bumble.gatt.att_client import AttClient

#: Opcode and handle of a write command or a notification take three bytes of the MTU (Core Vol 3 Part F 3.4).
ATT_HEADER_BYTES: Final = 3

#: A roller's table takes about twenty; a table with every service of the SIG would take some hundred.
REQUESTS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A descriptor of a characteristic; UUIDs here are in bleak's notation."""

    handle: int
    uuid: str


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A characteristic; `handle` is that of its value, `properties` are its bits (Core Vol 3 Part G 3.3.1.1)."""

    handle: int
    uuid: str
    properties: int
    descriptors: tuple[Descriptor, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A primary service."""

    handle: int
    uuid: str
    characteristics: tuple[Characteristic, ...] = ()


#: All primary services of a peer.
Table = tuple[Service, ...]


async def discover_table(att: AttClient) -> Table:
    """Ask a peer for all primary services with everything in them: a request for each service and more.

    Raises DecodeError when the answers do not form a table, or do not end.
    """
    try:
        with att.asking_at_most(REQUESTS_MAX):
            return tuple([await _service(att, proxy) for proxy in await att.discover_services()])
    except (struct.error, IndexError, ValueError) as error:  # bumble parses answers without checking their length
        raise DecodeError(
            f"the peer's attribute table does not decode ({error}), so the device is not a roller"
        ) from error


async def _service(att: AttClient, proxy: ServiceProxy) -> Service:
    found = [await _characteristic(att, each) for each in await att.discover_characteristics((), proxy)]
    return Service(proxy.handle, bleak_uuid(proxy.uuid), tuple(found))


async def _characteristic(att: AttClient, proxy: CharacteristicProxy[bytes]) -> Characteristic:
    found = [Descriptor(each.handle, bleak_uuid(each.type)) for each in await att.discover_descriptors(proxy)]
    return Characteristic(proxy.handle, bleak_uuid(proxy.uuid), int(proxy.properties), tuple(found))


def as_bleak(table: Table, wanted: set[str] | None, mtu: Callable[[], int]) -> BleakGATTServiceCollection:
    """Return the services of a table for bleak, all or only those with a wanted UUID; `mtu` returns the present MTU."""
    collection = BleakGATTServiceCollection()
    for service in table:
        if wanted is None or service.uuid in wanted:
            _add_service(collection, service, mtu)
    return collection


def _add_service(collection: BleakGATTServiceCollection, found: Service, mtu: Callable[[], int]) -> None:
    service = BleakGATTService(found, found.handle, found.uuid)
    collection.add_service(service)
    for each in found.characteristics:
        characteristic = BleakGATTCharacteristic(
            each,
            # bleak names a characteristic by its declaration, as BlueZ does; the value follows directly.
            each.handle - 1,
            each.uuid,
            property_names(each.properties),
            lambda: mtu() - ATT_HEADER_BYTES,
            service,
        )
        collection.add_characteristic(characteristic)
        for descriptor in each.descriptors:
            collection.add_descriptor(
                BleakGATTDescriptor(descriptor, descriptor.handle, descriptor.uuid, characteristic)
            )


def property_names(bits: int) -> list[CharacteristicPropertyName]:
    """Return bleak's names of the characteristic properties that are set in `bits`, lowest bit first."""
    return [name for bit, name in CHARACTERISTIC_PROPERTIES.items() if bits & bit]


def bleak_uuid(uuid: UUID) -> str:
    """Return the UUID in bleak's notation."""
    return uuid_text(uuid.to_bytes())
