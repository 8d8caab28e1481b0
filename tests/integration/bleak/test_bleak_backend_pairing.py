"""Pairing and bonds over the full stack: what a person meets, and what stays on disk."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest
from bleak import BleakClient
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble import smp
from bumble.device import Connection
from bumble.pairing import PairingDelegate
from bumble.smp import ErrorCode

from glowtool.errors import (
    ConnectionLostError,
    NotPairedError,
    PairingCancelledError,
    PairingError,
    PairingTimeoutError,
    PairingWindowClosedError,
    PasskeyWrongError,
    WeakPairingError,
)
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.pairing import PairingAnswers
from glowtool.link.scan import find_device
from support.air.tiny_peripheral import PERIPHERAL_ADDRESS, PROTECTED, READ, CuttableTransport, TinyPeripheral, new_air

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from glowtool.link.adapters import Adapter, PasskeySource

IoCapability = PairingDelegate.IoCapability


@pytest.fixture
async def peripheral() -> TinyPeripheral:
    peripheral = TinyPeripheral(new_air())
    await peripheral.start()
    return peripheral


class Bench:
    """Opens hosts on one air, each with the bonds directory of the test."""

    def __init__(self, peripheral: TinyPeripheral, bonds_dir: Path) -> None:
        self.peripheral = peripheral
        self.bonds_dir = bonds_dir
        self.transport: CuttableTransport

    @asynccontextmanager
    async def adapter(self) -> AsyncIterator[Adapter]:
        air = self.peripheral.controller.link
        self.transport = CuttableTransport(air)
        try:
            async with open_bumble_adapter("test", self.transport, self.bonds_dir) as adapter:
                yield adapter
        finally:
            await self.transport.close()

    def connected(self, adapter: Adapter, *, use_bond: bool = True) -> AbstractAsyncContextManager[BleakClient]:
        return adapter.client(PERIPHERAL_ADDRESS, use_bond=use_bond)

    async def read_display(self) -> int:
        return await self.peripheral.shown.get()

    async def pair(self) -> None:
        async with self.adapter() as adapter, self.connected(adapter) as client:
            await client.pair(passkey=self.read_display)


@pytest.fixture
def bench(peripheral: TinyPeripheral, tmp_path: Path) -> Bench:
    return Bench(peripheral, tmp_path / "bonds")


def passkey(value: int) -> PasskeySource:
    async def source() -> int:
        return value

    return source


async def _same(_number: int) -> bool:
    return True


async def never() -> int:
    waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    return await waiting


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


async def test_the_bond_serves_a_new_host_without_pairing(bench: Bench) -> None:
    await bench.pair()
    bench.peripheral.pairing_is_open = False

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        await client.write_gatt_char(PROTECTED, b"again", response=True)

    assert bench.peripheral.protected == [b"again"]


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
    ("capability", "secure_connections", "error", "why"),
    [
        (IoCapability.DISPLAY_OUTPUT_ONLY, False, PairingError, "cannot do LE Secure Connections"),
        (IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT, False, PairingError, "cannot do LE Secure Connections"),
        (IoCapability.NO_OUTPUT_NO_INPUT, True, WeakPairingError, "announces one"),
        (IoCapability.KEYBOARD_INPUT_ONLY, True, PairingError, "no display"),
    ],
    ids=["legacy passkey", "legacy just works", "just works", "passkey the wrong way round"],
)
async def test_weaker_pairing_is_refused(
    bench: Bench, capability: IoCapability, secure_connections: bool, error: type[PairingError], why: str
) -> None:
    bench.peripheral.secure_connections = secure_connections
    bench.peripheral.io_capability = capability

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(error, match=why):
            await client.pair(passkey=passkey(1))
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


async def test_a_peer_cannot_go_on_before_the_digits_are_compared(bench: Bench) -> None:
    """The peer proves that it has the key, and asks for encryption, while the person still reads."""
    bench.peripheral.io_capability = IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT
    bench.peripheral.device.smp_session_proxy = ChecksTooEarly

    async def still_reading(_number: int) -> bool:
        return bool(await never())

    async with bench.adapter() as adapter:
        device = await find_device(adapter, PERIPHERAL_ADDRESS, 5)
        with pytest.raises(PairingError, match="breaks the order"):
            await adapter.pair(device, PairingAnswers(never, still_reading), timeout_s=5)
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


async def test_a_bond_that_was_stored_before_the_pairing_failed_is_dropped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose_power(_connection: Connection) -> None:
        raise ConnectionLostError("gone with the last packet")

    monkeypatch.setattr(Connection, "drain", lose_power)
    async with bench.adapter() as adapter:
        device = await find_device(adapter, PERIPHERAL_ADDRESS, 5)
        with pytest.raises((PairingError, ConnectionLostError)):
            await adapter.pair(device, PairingAnswers(bench.read_display, _same), timeout_s=1)
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


async def test_a_peer_that_begins_to_pair_by_itself_is_refused(bench: Bench) -> None:
    async with bench.adapter() as adapter, bench.connected(adapter):
        with pytest.raises(Exception, match="PAIRING_NOT_SUPPORTED"):
            await bench.peripheral.connections[0].pair()
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


# Peers that try to pair without knowing the passkey


class ClaimsOutOfBandData(smp.Session):
    def send_pairing_response_command(self) -> None:
        self.oob_data_flag = 1
        super().send_pairing_response_command()


class CommitsTwice(smp.Session):
    def send_command(self, command: smp.SMP_Command) -> None:
        super().send_command(command)
        if isinstance(command, smp.SMP_Pairing_Confirm_Command):
            super().send_command(command)


class ReflectsOurKey(smp.Session):
    def send_public_key_command(self) -> None:
        self.send_command(
            smp.SMP_Pairing_Public_Key_Command(public_key_x=self.peer_public_key_x, public_key_y=self.peer_public_key_y)
        )


class ChecksTooEarly(smp.Session):
    def prompt_user_for_numeric_comparison(self, *_question: object) -> None:
        self.send_pairing_dhkey_check_command()


class OffersAShortKey(smp.Session):
    def send_pairing_response_command(self) -> None:
        self.maximum_encryption_key_size = 7
        super().send_pairing_response_command()


@pytest.mark.parametrize(
    ("session", "why"),
    [
        (ClaimsOutOfBandData, "out-of-band"),
        (CommitsTwice, "breaks the order"),
        (ReflectsOurKey, "our own key"),
        (OffersAShortKey, "short key"),
    ],
)
async def test_a_peer_that_talks_its_way_around_the_passkey(bench: Bench, session: type[smp.Session], why: str) -> None:
    bench.peripheral.device.smp_session_proxy = session

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(PairingError, match=why):
            await client.pair(passkey=passkey(bench.peripheral.passkey))
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


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


async def test_to_pair_a_bonded_peer_again_is_done_already_without_any_passkey(bench: Bench) -> None:
    await bench.pair()
    bench.peripheral.pairing_is_open = False
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        await client.pair()
        await client.write_gatt_char(PROTECTED, b"still", response=True)


async def test_a_passkey_that_takes_too_long_to_type_is_a_timeout_with_what_to_do(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glowtool.link.pairing.ANSWER_TIMEOUT_S", 0.05)
    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(PairingTimeoutError, match="no answer within") as slow:
            await client.pair(passkey=never)
    assert slow.value.exit_code == 13
    assert "run the same command again" in str(slow.value)
