"""Pairing over the full stack asks a person what it should, and ends well in every way it can end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest
from bleak import BleakClient
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble.pairing import PairingDelegate
from bumble.smp import ErrorCode

from glowtool.errors import (
    ConnectionLostError,
    PairingCancelledError,
    PairingError,
    PairingTimeoutError,
    PairingWindowClosedError,
    PasskeyWrongError,
    WeakPairingError,
)
from support.air.pairing_bench import Bench, passkey
from support.air.people import never
from support.air.tiny_peripheral import PERIPHERAL_ADDRESS, PROTECTED, READ

if TYPE_CHECKING:
    from glowtool.link.adapters import PasskeySource

IoCapability = PairingDelegate.IoCapability


async def test_the_right_passkey_opens_what_is_protected(bench: Bench) -> None:
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        await client.pair(passkey=bench.read_display)

        await client.write_gatt_char(PROTECTED, b"open", response=True)
        assert await adapter.bonded(PERIPHERAL_ADDRESS.lower())

    assert bench.peripheral.protected == [b"open"]


async def test_the_digits_may_be_text_as_they_stand_on_the_display(bench: Bench) -> None:
    async def read() -> str:
        return f"{await bench.read_display():06d}"

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        await client.pair(passkey=read)
        assert await adapter.bonded(PERIPHERAL_ADDRESS.lower())


@pytest.mark.parametrize("answer", ["12345", "12345x", "١٢٣٤٥٦", "", None, 1.5, -1, 1_000_000, b"123456"], ids=repr)
async def test_an_answer_that_is_no_passkey_is_said_to_be_none(bench: Bench, answer: object) -> None:
    async def source() -> int:
        return cast("int", answer)

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(PasskeyWrongError, match="is not a passkey of six digits"):
            await client.pair(passkey=source)
        assert not await adapter.bonded(PERIPHERAL_ADDRESS.lower())


@pytest.mark.parametrize("shown", [0, 7, 999_999])
async def test_any_six_digits_serve_as_a_passkey(bench: Bench, shown: int) -> None:
    # Zero on the peripheral's side is beyond bumble: there, a passkey of zero counts as none.
    bench.peripheral.passkey = shown or 1
    wanted = PasskeyWrongError if shown == 0 else None

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        if wanted is None:
            await client.pair(passkey=passkey(shown))
        else:
            with pytest.raises(wanted):
                await client.pair(passkey=passkey(shown))


async def test_a_wrong_passkey_leaves_no_bond_on_either_side(bench: Bench) -> None:
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        for wrong in (0, 123457, 999_999):
            with pytest.raises(PasskeyWrongError, match="not the one on the display"):
                await client.pair(passkey=passkey(wrong))
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)
        assert client.is_connected
        with pytest.raises(BleakGATTProtocolError):
            await client.write_gatt_char(PROTECTED, b"no", response=True)

    assert bench.peripheral.device.keystore is not None
    assert await bench.peripheral.device.keystore.get_all() == []
    assert not (bench.bonds_dir / "bonds.json").exists()


async def test_after_a_wrong_passkey_the_right_one_works(bench: Bench) -> None:
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(PasskeyWrongError):
            await client.pair(passkey=passkey(1))
        await client.pair(passkey=passkey(bench.peripheral.passkey))
        await client.write_gatt_char(PROTECTED, b"open", response=True)


@pytest.mark.parametrize("value", [-1, 1_000_000])
async def test_what_is_no_passkey_is_never_sent(bench: Bench, value: int) -> None:
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(PasskeyWrongError, match="six digits"):
            await client.pair(passkey=passkey(value))


async def test_a_closed_pairing_window(bench: Bench) -> None:
    bench.peripheral.pairing_is_open = False

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(PairingWindowClosedError, match="button"):
            await client.pair(passkey=passkey(1))
        assert client.is_connected


async def test_the_person_says_no(bench: Bench) -> None:
    async def say_no() -> int:
        raise PairingCancelledError("not now")

    failed = asyncio.Event()
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        bench.peripheral.connections[0].on("pairing_failure", lambda _: failed.set())
        with pytest.raises(PairingCancelledError, match="not now"):
            await client.pair(passkey=say_no)
        await failed.wait()


async def test_nobody_types_in_time(bench: Bench) -> None:
    was_cancelled = asyncio.Event()

    async def wait_for_ever() -> int:
        try:
            return await never()
        finally:
            was_cancelled.set()

    failed = asyncio.Event()
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        bench.peripheral.connections[0].on("pairing_failure", lambda _: failed.set())
        with pytest.raises(PairingTimeoutError, match="more than"):
            await client.pair(passkey=wait_for_ever, timeout_s=0.05)
        await failed.wait()
        await was_cancelled.wait()
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


async def test_a_cancelled_pairing_ends_on_the_peer_too(bench: Bench) -> None:
    asked = asyncio.Event()

    async def wait_for_ever() -> int:
        asked.set()
        return await never()

    failed: asyncio.Future[ErrorCode] = asyncio.get_running_loop().create_future()
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        bench.peripheral.connections[0].on("pairing_failure", failed.set_result)
        pairing = asyncio.ensure_future(client.pair(passkey=wait_for_ever))
        await asked.wait()
        pairing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pairing
        assert await failed == ErrorCode.PASSKEY_ENTRY_FAILED
        assert await client.read_gatt_char(READ) == b"hello"


async def test_the_peer_leaves_while_we_type(bench: Bench) -> None:
    async def type_slowly() -> int:
        await bench.peripheral.connections[0].disconnect()
        return await never()

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(ConnectionLostError):
            await client.pair(passkey=type_slowly)
        assert not client.is_connected


async def test_pairing_without_a_source_is_refused(bench: Bench) -> None:
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(BleakError, match="passkey="):
            await client.pair()


async def test_bleaks_pair_on_connect(bench: Bench) -> None:
    async with bench.adapter() as adapter:
        for _ in range(2):  # the second time the bond is there, and nothing is asked
            async with BleakClient(
                PERIPHERAL_ADDRESS, pair=True, backend=adapter.client_backend, passkey=bench.read_display
            ) as client:
                await client.write_gatt_char(PROTECTED, b"open", response=True)


@pytest.mark.parametrize(
    ("kind", "prepare", "source"),
    [
        (PasskeyWrongError, {}, passkey(1)),
        (PairingWindowClosedError, {"pairing_is_open": False}, passkey(1)),
        (WeakPairingError, {"io_capability": IoCapability.NO_OUTPUT_NO_INPUT}, passkey(1)),
    ],
    ids=["wrong passkey", "closed window", "weak pairing"],
)
async def test_a_pairing_that_fails_is_one_of_bleaks_errors_and_ours(
    bench: Bench, kind: type[PairingError], prepare: dict[str, object], source: PasskeySource
) -> None:
    for name, value in prepare.items():
        setattr(bench.peripheral, name, value)
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(BleakError) as caught:
            await client.pair(passkey=source)
        assert isinstance(caught.value, kind)


async def test_a_passkey_that_takes_too_long_to_type_is_a_timeout_with_what_to_do(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glowtool.link.pairing.ANSWER_TIMEOUT_S", 0.05)
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(PairingTimeoutError, match="no answer within") as slow:
            await client.pair(passkey=never)
    assert slow.value.exit_code == 13
    assert "run the same command again" in str(slow.value)
