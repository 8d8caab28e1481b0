"""Hosts are told when the table of attributes changes, and no stale handle is served."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from bumble import att
from bumble import gatt as bumble_gatt
from bumble.device import Peer
from bumble.gatt_client import Client
from bumble.keys import MemoryKeyStore

from glowsim.console.console import Console as Commands
from glowsim.peripheral.gatt.services import LATER
from glowsim.time.virtual_time import in_virtual_time
from glowtool.protocol import gatt
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result
from support.air.radio import ADDRESS, RadioHost, host_on_air
from support.air.rollers import Bench, Console, bench, bonded_console

if TYPE_CHECKING:
    from pathlib import Path

    from bumble.core import UUID
    from bumble.gatt_client import CharacteristicProxy


def _of_sig(host: RadioHost, uuid: UUID) -> CharacteristicProxy[bytes]:
    assert host.peer is not None
    (found,) = host.peer.get_characteristics_by_uuid(uuid)
    return found


async def _hash(host: RadioHost) -> bytes:
    return await _of_sig(host, bumble_gatt.GATT_DATABASE_HASH_CHARACTERISTIC).read_value()


async def _listen(host: RadioHost) -> asyncio.Queue[bytes]:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    changed = _of_sig(host, bumble_gatt.GATT_SERVICE_CHANGED_CHARACTERISTIC)
    await changed.subscribe(heard.put_nowait, prefer_notify=False)
    return heard


async def _find_out_anew(host: RadioHost) -> None:
    assert host.connection is not None
    host.peer = Peer(host.connection)
    await host.peer.discover_all()  # type: ignore[no-untyped-call]  # bumble: no annotations


def _halves(data: bytes) -> tuple[bytes, bytes]:
    assert len(data) == 4
    return data[:2], data[2:]


async def _told_when_it_comes_back(there: Bench, keys: MemoryKeyStore) -> list[bytes]:
    """Return what Service Changed indicates to a host in its next connection."""
    async with host_on_air(there.air, keys) as host:
        await host.connect(there.roller.address)
        heard: list[bytes] = []
        assert host.peer is not None
        changed = _of_sig(host, bumble_gatt.GATT_SERVICE_CHANGED_CHARACTERISTIC)
        host.peer.gatt_client.indication_subscribers[changed.handle] = {heard.append}
        await asyncio.sleep(1)
        assert heard == [], "nothing before the link is encrypted"
        await host.encrypt()
        await asyncio.sleep(1)
        return heard


@in_virtual_time
async def test_a_host_that_is_connected_is_told_at_once_and_finds_the_new_table(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            host = console.host
            before, old = await _hash(host), host.find(gatt.STATUS).handle
            heard = await _listen(host)
            assert Commands(there.roller, lambda: None).obey("update-table")
            async with asyncio.timeout(1):
                start, end = (int.from_bytes(part, "little") for part in _halves(await heard.get()))
            assert start <= old <= end
            console.statuses.clear()
            await asyncio.sleep(3)
            assert console.statuses == [], "what was subscribed to under the old table is void"
            await _find_out_anew(host)
            assert await _hash(host) != before
            assert host.find(gatt.STATUS).handle > old
            assert await host.find(LATER).read_value() == b"\1"
            again = Console(host)
            await again.open()
            assert (await again.ask(Opcode.HEARTBEAT)).head.result is Result.SUCCESS
        assert await _told_when_it_comes_back(there, keys) == []


@in_virtual_time
async def test_a_host_that_was_away_is_told_once_when_its_next_link_is_encrypted(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            await _listen(console.host)
        there.roller.update_table()
        assert len(await _told_when_it_comes_back(there, keys)) == 1
        assert await _told_when_it_comes_back(there, keys) == [], "it has confirmed"
        kept = there.roller.bonds.subscriptions(ADDRESS)
        assert list(kept.values()) == [2], "Service Changed alone is still subscribed to"
    async with bench(tmp_path) as there:
        assert len(await _told_when_it_comes_back(there, keys)) == 1, "switched on anew, the table is the old one"


@in_virtual_time
async def test_a_host_that_did_not_ask_is_not_told_and_its_old_subscriptions_are_void(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys):
            pass
        there.roller.update_table()
        assert await _told_when_it_comes_back(there, keys) == []
        assert there.roller.bonds.subscriptions(ADDRESS) == {}
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            await host.encrypt()
            console = Console(host)
            await console.open()
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            await host.encrypt()
            assert len(there.roller.bonds.subscriptions(ADDRESS)) == 3, "those of the new table are kept"


@in_virtual_time
async def test_a_host_that_has_not_confirmed_is_told_again(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            await _listen(console.host)
        there.roller.update_table()
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            with patch.object(Client, "send_confirmation", lambda _client, _confirmation: None):
                await host.encrypt()
                await asyncio.sleep(0.5)
            there.air.cut(there.roller.address)
            await host.gone
        assert len(await _told_when_it_comes_back(there, keys)) == 1


@in_virtual_time
async def test_a_host_without_a_bond_reads_the_hash_and_is_told_while_it_is_connected(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        assert len(await _hash(host)) == 16
        heard = await _listen(host)
        there.roller.update_table()
        async with asyncio.timeout(1):
            assert len(await heard.get()) == 4
        await _find_out_anew(host)
        with pytest.raises(att.ATT_Error):
            await host.find(LATER).read_value()
