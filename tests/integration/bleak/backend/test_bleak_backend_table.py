"""A client learns by Service Changed that its peer's table of attributes has changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bumble.gatt import GATT_SERVICE_CHANGED_CHARACTERISTIC, Characteristic, Service

from glowtool.link.bumble.gatt import services, table
from glowtool.link.errors import LinkFailedError, LinkLostError
from glowtool.link.pairing import PairingAnswers
from glowtool.link.scan import find_device
from support.air.people import yes
from support.air.tiny_peripheral import PERIPHERAL_ADDRESS, READ, TinyPeripheral, tiny_uuid

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

    from glowtool.link.adapter import Adapter
    from glowtool.link.bumble.gatt.att_client import AttClient

ADDED = tiny_uuid(0x20)


async def change(peripheral: TinyPeripheral, *, tell: bool = True) -> None:
    """Add a service behind all others, and tell the host, which has asked for it, perhaps in an earlier connection."""
    peripheral.device.add_service(
        Service(ADDED, [Characteristic(READ, Characteristic.Properties.READ, Characteristic.READABLE, b"new")])
    )
    if not tell:
        return
    server = peripheral.device.gatt_server
    (changed,) = (each for each in server.attributes if each.type == GATT_SERVICE_CHANGED_CHARACTERISTIC)
    await server.indicate_subscriber(peripheral.connections[0], changed, b"\x01\x00\xff\xff", force=True)


async def test_a_change_ends_the_connection_and_says_why(peripheral: TinyPeripheral, adapter: Adapter) -> None:
    lost = asyncio.Event()
    client = adapter.client(PERIPHERAL_ADDRESS, lambda _: lost.set())
    async with client:
        assert client.services.get_service(ADDED) is None
        await change(peripheral)
        await lost.wait()
        with pytest.raises(LinkLostError, match="table of attributes has changed"):
            await client.read_gatt_char(READ)
        await client.connect()
        assert client.services.get_service(ADDED) is not None


async def test_a_change_while_the_table_is_read_lets_it_be_read_again(
    peripheral: TinyPeripheral, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0
    discover = services.discover_table

    async def disturbed(*args: object) -> object:
        nonlocal reads
        reads += 1
        found = await discover(*args)  # type: ignore[arg-type]  # handed on as they are
        if reads == 1:
            await change(peripheral)
        return found

    monkeypatch.setattr(table, "discover_table", disturbed)
    async with adapter.client(PERIPHERAL_ADDRESS) as client:
        assert reads == 2
        assert client.services.get_service(ADDED) is not None
        assert client.is_connected


async def test_a_table_that_never_rests(
    peripheral: TinyPeripheral, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    discover = services.discover_table

    async def disturbed(*args: object) -> object:
        found = await discover(*args)  # type: ignore[arg-type]  # as above
        await change(peripheral)
        return found

    monkeypatch.setattr(table, "discover_table", disturbed)
    client = adapter.client(PERIPHERAL_ADDRESS)
    with pytest.raises(LinkFailedError, match="keeps changing its attribute table"):
        await client.connect()
    assert not client.is_connected


class Discoveries:
    """Counts how often the table was asked for in full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        monkeypatch.setattr(table, "discover_table", self._discover)

    async def _discover(self, att: AttClient) -> services.Table:
        self.count += 1
        return await services.discover_table(att)


async def bond(peripheral: TinyPeripheral, adapter: Adapter) -> None:
    device = await find_device(adapter, PERIPHERAL_ADDRESS, 5)
    await adapter.pair(device, PairingAnswers(peripheral.shown.get, yes))


async def test_a_bonded_peer_is_asked_for_its_table_once(
    peripheral: TinyPeripheral, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    discoveries = Discoveries(monkeypatch)
    await bond(peripheral, adapter)
    seen = []
    for _ in range(3):
        async with adapter.client(PERIPHERAL_ADDRESS) as client:
            seen.append(
                [(str(each), each.properties, [str(one) for one in each.descriptors]) for each in shown(client)]
            )
            assert await client.read_gatt_char(READ) == b"hello"
    assert discoveries.count == 1
    assert seen[1:] == seen[:1] * 2


def shown(client: BleakClient) -> list[BleakGATTCharacteristic]:
    return list(client.services.characteristics.values())


async def test_another_hash_means_another_table(
    peripheral: TinyPeripheral, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    discoveries = Discoveries(monkeypatch)
    await bond(peripheral, adapter)
    async with adapter.client(PERIPHERAL_ADDRESS) as client:
        assert client.services.get_service(ADDED) is None
    await change(peripheral, tell=False)
    async with adapter.client(PERIPHERAL_ADDRESS) as client:
        assert client.services.get_service(ADDED) is not None
    assert discoveries.count == 2


async def test_a_peer_without_a_bond_is_asked_every_time(
    peripheral: TinyPeripheral, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    discoveries = Discoveries(monkeypatch)
    for _ in range(2):
        async with adapter.client(PERIPHERAL_ADDRESS):
            pass
    await bond(peripheral, adapter)
    async with adapter.client(PERIPHERAL_ADDRESS):
        pass
    await adapter.forget(PERIPHERAL_ADDRESS)
    async with adapter.client(PERIPHERAL_ADDRESS):
        pass
    assert discoveries.count == 4
