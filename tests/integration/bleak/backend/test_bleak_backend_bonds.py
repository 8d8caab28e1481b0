"""Bonds serve over the full stack, can be lost on either side, and can be forgotten."""

from __future__ import annotations

import pytest
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble.device import Connection

from glowtool.errors import ConnectionLostError, NotPairedError, PairingError, PasskeyWrongError
from glowtool.link.pairing import PairingAnswers
from glowtool.link.scan import find_device
from support.air.pairing_bench import Bench, passkey
from support.air.people import yes
from support.air.tiny_peripheral import PERIPHERAL_ADDRESS, PROTECTED


async def test_the_bond_serves_a_new_host_without_pairing(bench: Bench) -> None:
    await bench.pair()
    bench.peripheral.pairing_is_open = False

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        await client.write_gatt_char(PROTECTED, b"again", response=True)

    assert bench.peripheral.protected == [b"again"]


async def test_a_bond_that_was_stored_before_the_pairing_failed_is_dropped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose_power(_connection: Connection) -> None:
        raise ConnectionLostError("gone with the last packet")

    monkeypatch.setattr(Connection, "drain", lose_power)
    async with bench.adapter() as adapter:
        device = await find_device(adapter, PERIPHERAL_ADDRESS, 5)
        with pytest.raises((PairingError, ConnectionLostError)):
            await adapter.pair(device, PairingAnswers(bench.read_display, yes), timeout_s=1)
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


async def test_a_peer_that_lost_its_key(bench: Bench) -> None:
    await bench.pair()
    await bench.peripheral.forget_bonds()

    async with bench.adapter() as adapter:
        client = adapter.client(PERIPHERAL_ADDRESS)
        with pytest.raises(NotPairedError, match=r"no longer knows this computer.*glowtool pair") as caught:
            await client.connect()
        assert isinstance(caught.value, BleakError)
        assert not client.is_connected
        assert await adapter.bonded(PERIPHERAL_ADDRESS)

        # The kept bond stays until a new pairing succeeds, which begins without it.
        async with bench.connected(adapter, use_bond=False) as fresh:
            with pytest.raises(PasskeyWrongError):
                await fresh.pair(passkey=passkey(1))
            assert await adapter.bonded(PERIPHERAL_ADDRESS)
            await fresh.pair(passkey=passkey(bench.peripheral.passkey))
        async with bench.connected(adapter) as again:
            await again.write_gatt_char(PROTECTED, b"repaired", response=True)


async def test_a_peer_with_another_key(bench: Bench) -> None:
    await bench.pair()
    store = bench.peripheral.device.keystore
    assert store is not None
    name, keys = (await store.get_all())[0]
    assert keys.ltk is not None
    keys.ltk.value = bytes(16)
    await store.update(name, keys)

    async with bench.adapter() as adapter:
        with pytest.raises(NotPairedError):
            await adapter.client(PERIPHERAL_ADDRESS).connect()


async def test_forgetting_a_bond(bench: Bench) -> None:
    await bench.pair()

    async with bench.adapter() as adapter:
        await adapter.forget(PERIPHERAL_ADDRESS)
        await adapter.forget(PERIPHERAL_ADDRESS)
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)
        async with bench.connected(adapter) as client:
            with pytest.raises(BleakGATTProtocolError):
                await client.write_gatt_char(PROTECTED, b"no", response=True)


async def test_unpairing_forgets_and_disconnects(bench: Bench) -> None:
    await bench.pair()

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        await client.unpair()
        assert not client.is_connected
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


async def test_a_bond_that_cannot_be_stored_is_not_a_success(bench: Bench) -> None:
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        (bench.bonds_dir / "bonds.json").mkdir()
        with pytest.raises(Exception, match=r"bonds\.json"):
            await client.pair(passkey=bench.read_display)


async def test_to_pair_a_bonded_peer_again_is_done_already_without_any_passkey(bench: Bench) -> None:
    await bench.pair()
    bench.peripheral.pairing_is_open = False
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        await client.pair()
        await client.write_gatt_char(PROTECTED, b"still", response=True)
