"""When a link or the adapter goes away, everything that waits fails at once, and is told once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError

from glowtool.errors import AdapterUnavailableError, ConnectionLostError, GlowtoolError, LinkError
from glowtool.link.adapters import AdapterSpec, open_adapter
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.errors import bleak_form
from glowtool.link.scan import discover
from support.air.pairing_bench import until
from support.air.tiny_peripheral import (
    NOTIFY,
    PERIPHERAL_ADDRESS,
    READ,
    STUCK,
    WRITE,
    CuttableTransport,
    TinyPeripheral,
    hci_over_tcp,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bleak import BleakClient, BleakScanner

    from glowtool.link.adapters import Adapter

AT_ONCE_S = 1.0


def _leaves(kind: type[GlowtoolError]) -> list[type[GlowtoolError]]:
    """Return an error class and all below it that glowtool itself declares."""
    below = [each for sub in kind.__subclasses__() for each in _leaves(sub)]
    return ([kind] if kind.__module__ == "glowtool.errors" else []) + below


@pytest.fixture(autouse=True)
def _no_task_is_left() -> None:
    """Not held here: reads that are stuck go on at the peer, when their host has long gone."""


class Told:
    """Counts what the disconnected callback says."""

    def __init__(self) -> None:
        self.count = 0
        self.event = asyncio.Event()

    def __call__(self, client: BleakClient) -> None:
        assert not client.is_connected
        self.count += 1
        self.event.set()


async def _stuck_reads(client: BleakClient, peripheral: TinyPeripheral) -> list[asyncio.Task[bytearray]]:
    """Return reads of which the first is on its way and the others wait for their turn."""
    reads = [asyncio.ensure_future(client.read_gatt_char(uuid)) for uuid in (STUCK, READ, READ)]
    await until(lambda: peripheral.stuck_reads == 1)
    return reads


async def _assert_all_lost(reads: list[asyncio.Task[bytearray]]) -> None:
    async with asyncio.timeout(AT_ONCE_S):
        for read in reads:
            with pytest.raises(ConnectionLostError) as caught:
                await read
            assert isinstance(caught.value, BleakError)


async def test_a_lost_transport_fails_pending_reads_at_once(
    adapter: Adapter, transport: CuttableTransport, peripheral: TinyPeripheral
) -> None:
    told = Told()
    async with adapter.client(PERIPHERAL_ADDRESS, told) as client:
        reads = await _stuck_reads(client, peripheral)

        transport.cut()

        assert told.count == 1
        await _assert_all_lost(reads)
        assert not client.is_connected
        with pytest.raises(ConnectionLostError, match="the adapter went away"):
            await client.read_gatt_char(READ)
        with pytest.raises(BleakError):
            await client.start_notify(NOTIFY, lambda *_: None)

    assert told.count == 1


async def test_after_a_lost_transport_nothing_begins(adapter: Adapter, transport: CuttableTransport) -> None:
    transport.cut()

    async with asyncio.timeout(AT_ONCE_S):
        with pytest.raises(AdapterUnavailableError, match="went away"):
            await adapter.scanner().start()
        with pytest.raises(AdapterUnavailableError):
            await adapter.client(PERIPHERAL_ADDRESS).connect()


async def test_a_transport_lost_while_scanning_ends_discover(adapter: Adapter, transport: CuttableTransport) -> None:
    async def scan_and_cut() -> None:
        async for _ in discover(adapter, 60.0):
            transport.cut()

    async with asyncio.timeout(AT_ONCE_S):
        with pytest.raises(AdapterUnavailableError, match="went away"):
            await scan_and_cut()


async def test_a_transport_lost_while_connecting(
    adapter: Adapter, transport: CuttableTransport, peripheral: TinyPeripheral
) -> None:
    client = adapter.client(PERIPHERAL_ADDRESS)
    await client.connect()
    await client.disconnect()
    await peripheral.device.stop_advertising()
    connecting = asyncio.ensure_future(client.connect())
    await asyncio.sleep(0.02)

    transport.cut()

    async with asyncio.timeout(AT_ONCE_S):
        with pytest.raises(LinkError, match="went away"):
            await connecting


async def test_a_transport_lost_while_opening(peripheral: TinyPeripheral, tmp_path: Path) -> None:
    transport = CuttableTransport(peripheral.controller.link)
    asyncio.get_running_loop().call_soon(transport.cut)

    async with asyncio.timeout(AT_ONCE_S):
        with pytest.raises(AdapterUnavailableError):
            async with open_bumble_adapter("test", transport, tmp_path):
                pass


async def test_the_adapters_loss_is_told_once(adapter: Adapter, transport: CuttableTransport) -> None:
    told: list[AdapterUnavailableError] = []
    taken_back: list[AdapterUnavailableError] = []
    adapter.on_lost(told.append)
    adapter.on_lost(taken_back.append)()

    transport.cut()
    transport.cut()

    assert len(told) == 1
    assert taken_back == []


async def test_a_peer_that_leaves_fails_pending_reads_at_once(adapter: Adapter, peripheral: TinyPeripheral) -> None:
    told = Told()
    async with adapter.client(PERIPHERAL_ADDRESS, told) as client:
        reads = await _stuck_reads(client, peripheral)

        await peripheral.connections[0].disconnect()

        await _assert_all_lost(reads)
        with pytest.raises(ConnectionLostError, match="the roller ended the connection"):
            await client.write_gatt_char(WRITE, b"x", response=True)

    assert told.count == 1


async def test_our_own_disconnect_fails_pending_reads_at_once(adapter: Adapter, peripheral: TinyPeripheral) -> None:
    client = adapter.client(PERIPHERAL_ADDRESS)
    await client.connect()
    reads = await _stuck_reads(client, peripheral)

    await client.disconnect()

    await _assert_all_lost(reads)


async def test_a_lost_client_connects_again(adapter: Adapter, peripheral: TinyPeripheral) -> None:
    told = Told()
    client = adapter.client(PERIPHERAL_ADDRESS, told)
    await client.connect()
    await peripheral.connections[0].disconnect()
    await told.event.wait()

    await client.connect()

    assert await client.read_gatt_char(READ) == b"hello"
    await client.disconnect()
    assert told.count == 2


async def test_a_peer_that_leaves_during_discovery(adapter: Adapter, peripheral: TinyPeripheral) -> None:
    told = Told()
    peripheral.device.once(
        "connection",
        lambda connection: connection.on(
            "connection_att_mtu_update", lambda: asyncio.ensure_future(connection.disconnect())
        ),
    )

    async with asyncio.timeout(AT_ONCE_S):
        client = adapter.client(PERIPHERAL_ADDRESS, told)
        with pytest.raises(LinkError):
            await client.connect()

    assert not client.is_connected
    # A connection that was never handed out is not reported as lost.
    assert told.count == 0


async def test_a_peer_that_never_answers_loses_its_link(
    adapter: Adapter, peripheral: TinyPeripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    async with adapter.client(PERIPHERAL_ADDRESS, told) as client:
        monkeypatch.setattr("glowtool.link.bumble.gatt.att_client.TRANSACTION_TIMEOUT_S", 0.05)
        reads = await _stuck_reads(client, peripheral)

        await _assert_all_lost(reads)

        assert not client.is_connected
        async with asyncio.timeout(AT_ONCE_S):
            await until(lambda: not peripheral.connections)

    assert told.count == 1


async def test_a_disconnected_callback_that_raises_is_logged(
    adapter: Adapter, peripheral: TinyPeripheral, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: BleakClient) -> None:
        raise ValueError("on purpose")

    async with adapter.client(PERIPHERAL_ADDRESS, fail) as client:
        await peripheral.connections[0].disconnect()
        await until(lambda: not client.is_connected)

    assert "the disconnected callback" in caplog.text


async def test_a_server_that_dies_is_a_lost_adapter(peripheral: TinyPeripheral, tmp_path: Path) -> None:
    told = Told()
    spec_text = "tcp:127.0.0.1:{}"
    async with hci_over_tcp(peripheral.controller.link) as port:
        opened = open_adapter(
            AdapterSpec.parse(spec_text.format(port)), bonds_dir=tmp_path, state_dir=tmp_path, announce=print
        )
        adapter = await opened.__aenter__()
        client = adapter.client(PERIPHERAL_ADDRESS, told)
        await client.connect()
        reads = await _stuck_reads(client, peripheral)

    async with asyncio.timeout(AT_ONCE_S):
        await _assert_all_lost(reads)
        await opened.__aexit__(None, None, None)
    assert told.count == 1


#: Every method that a bleak program calls, of a client that was connected and of a scanner that was not started.
CALLS: dict[str, Callable[[BleakClient, BleakScanner], Awaitable[object]]] = {
    "scanner.start": lambda _, scanner: scanner.start(),
    "connect": lambda client, _: client.connect(),
    "pair": lambda client, _: client.pair(),
    "read_gatt_char": lambda client, _: client.read_gatt_char(READ),
    "write_gatt_char": lambda client, _: client.write_gatt_char(WRITE, b"1", response=True),
    "a long write": lambda client, _: client.write_gatt_char(WRITE, bytes(400), response=True),
    "start_notify": lambda client, _: client.start_notify(NOTIFY, lambda *_: None),
}


@pytest.mark.parametrize("closed", [False, True], ids=["cut", "closed"])
@pytest.mark.parametrize("call", CALLS)
async def test_whatever_is_called_once_the_adapter_is_gone_is_one_of_bleaks_errors(
    transport: CuttableTransport, adapter: Adapter, call: str, closed: bool
) -> None:
    client, scanner = adapter.client(PERIPHERAL_ADDRESS), adapter.scanner()
    await client.connect()
    if closed:
        await adapter._central.close()  # type: ignore[attr-defined]
    else:
        transport.cut()
    with pytest.raises(BleakError) as caught:
        await CALLS[call](client, scanner)
    if call in {"scanner.start", "connect"}:
        assert isinstance(caught.value, BleakBluetoothNotAvailableError)
        assert isinstance(caught.value, AdapterUnavailableError)
        assert caught.value.reason is BleakBluetoothNotAvailableReason.NO_BLUETOOTH
    await scanner.stop()
    await client.disconnect()


@pytest.mark.parametrize("kind", _leaves(GlowtoolError), ids=lambda kind: kind.__name__)
def test_each_of_our_errors_has_a_form_that_is_bleaks_and_says_the_same(kind: type[GlowtoolError]) -> None:
    error = kind("the roller said no").listing("a line")
    both = bleak_form(error)
    assert isinstance(both, BleakError)
    assert isinstance(both, kind)
    assert (str(both), type(both).exit_code) == (str(error), kind.exit_code)
