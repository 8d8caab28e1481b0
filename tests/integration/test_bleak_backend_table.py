"""A table of attributes that changes under a client, told by Service Changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bumble.gatt import GATT_SERVICE_CHANGED_CHARACTERISTIC, Characteristic, Service

from glowtool.link.bumble import services, table
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.errors import LinkFailedError, LinkLostError
from support.tiny_peripheral import PERIPHERAL_ADDRESS, READ, CuttableTransport, TinyPeripheral, new_air, tiny_uuid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from glowtool.link.adapter import Adapter

ADDED = tiny_uuid(0x20)


@pytest.fixture
async def peripheral() -> TinyPeripheral:
    peripheral = TinyPeripheral(new_air())
    await peripheral.start()
    return peripheral


@pytest.fixture
async def adapter(peripheral: TinyPeripheral, tmp_path: Path) -> AsyncIterator[Adapter]:
    transport = CuttableTransport(peripheral.controller.link)
    async with open_bumble_adapter("test", transport, tmp_path) as adapter:
        yield adapter
    await transport.close()


async def change(peripheral: TinyPeripheral) -> None:
    """Add a service behind all others, and tell the host, which has asked for it, perhaps in an earlier connection."""
    peripheral.device.add_service(
        Service(ADDED, [Characteristic(READ, Characteristic.Properties.READ, Characteristic.READABLE, b"new")])
    )
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
    discover = services.discover_services

    async def disturbed(*args: object) -> object:
        nonlocal reads
        reads += 1
        found = await discover(*args)  # type: ignore[arg-type]  # handed on as they are
        if reads == 1:
            await change(peripheral)
        return found

    monkeypatch.setattr(table, "discover_services", disturbed)
    async with adapter.client(PERIPHERAL_ADDRESS) as client:
        assert reads == 2
        assert client.services.get_service(ADDED) is not None
        assert client.is_connected


async def test_a_table_that_never_rests(
    peripheral: TinyPeripheral, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    discover = services.discover_services

    async def disturbed(*args: object) -> object:
        found = await discover(*args)  # type: ignore[arg-type]  # as above
        await change(peripheral)
        return found

    monkeypatch.setattr(table, "discover_services", disturbed)
    client = adapter.client(PERIPHERAL_ADDRESS)
    with pytest.raises(LinkFailedError, match="again and again"):
        await client.connect()
    assert not client.is_connected
