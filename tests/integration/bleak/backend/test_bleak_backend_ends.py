"""Anything that is cancelled or cut off at any moment leaves nothing behind and ends in bleak's own errors."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient
from bleak.exc import BleakBluetoothNotAvailableError, BleakError
from bumble.att import ATT_Exchange_MTU_Response
from bumble.hci import Address

from glowtool.link.errors import LinkLostError
from glowtool.link.scan import find_device
from support.air.pairing_bench import until
from support.air.tiny_peripheral import COMMAND, NOTIFY, READ, WRITE, CuttableTransport, TinyPeripheral

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bleak.backends.device import BLEDevice

    from glowtool.errors import AdapterUnavailableError
    from glowtool.link.bumble.adapter import BumbleAdapter

AT_ONCE_S = 1.0
LONG_S = 60.0
NOBODY = "F9:00:00:00:00:09"


@pytest.fixture
async def device(adapter: BumbleAdapter) -> BLEDevice:
    return await find_device(adapter, "tiny", 5.0)


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def _at_its_success(client: BleakClient, then: Callable[[], object]) -> asyncio.Task[None]:
    """Return a connect() under way; `then` is called when its link is made, before connect() hears of that."""
    connecting = asyncio.ensure_future(client.connect())
    await _turns(2)
    attempt = client._backend._attempt  # type: ignore[attr-defined]
    attempt.add_done_callback(lambda _: then())
    return connecting


async def test_a_connect_that_is_cancelled_as_it_succeeds_leaves_no_connection(
    adapter: BumbleAdapter, device: BLEDevice, peripheral: TinyPeripheral
) -> None:
    told: list[BleakClient] = []
    client = adapter.client(device, told.append)
    cancelled: list[bool] = []
    connecting = await _at_its_success(client, lambda: cancelled.append(connecting.cancel()))
    with pytest.raises(asyncio.CancelledError):
        await connecting
    assert not client.is_connected
    await until(lambda: not peripheral.connections)
    assert cancelled == [True]
    assert told == []  # it was never handed out
    await client.connect()
    await client.disconnect()
    assert len(told) == 1


async def test_a_connect_that_is_given_up_as_it_succeeds_says_so(
    adapter: BumbleAdapter, device: BLEDevice, peripheral: TinyPeripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BleakClient] = []
    client = adapter.client(device, told.append)
    ends: list[asyncio.Task[None]] = []

    async def last_step(_link: object) -> None:
        ends.append(asyncio.ensure_future(client.disconnect()))

    monkeypatch.setattr(client._backend, "_read_name", last_step)
    with pytest.raises(BleakError, match="given up"):
        await client.connect()
    await ends[0]
    assert not client.is_connected
    await until(lambda: not peripheral.connections)
    assert told == []


async def test_an_attempt_that_is_given_up_twice_stands_in_nobodys_way(
    adapter: BumbleAdapter, device: BLEDevice, peripheral: TinyPeripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_time = asyncio.Event()

    async def never_confirmed() -> None:
        out_of_time.set()
        await asyncio.Event().wait()

    await peripheral.device.stop_advertising()
    monkeypatch.setattr(adapter._central.device, "cancel_connection", never_confirmed)
    client = adapter.client(device, timeout=0.01)
    connecting = asyncio.ensure_future(client.connect())
    await out_of_time.wait()
    await client.disconnect()
    with pytest.raises(BleakError):
        await connecting
    assert adapter._central._connector._lingering is not None
    await peripheral.advertise()
    async with adapter.client(device) as again:
        assert await again.read_gatt_char(READ) == b"hello"
        assert len(peripheral.connections) == 1


async def test_a_scan_whose_start_is_cancelled_at_any_moment_is_over(
    adapter: BumbleAdapter, transport: CuttableTransport
) -> None:
    turns = 0
    while True:
        scanner = adapter.scanner()
        starting = asyncio.ensure_future(scanner.start())
        await _turns(turns)
        if starting.done():
            break
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await until(lambda: not adapter._central.scanning._adjusting)
        assert not adapter._central.device.scanning, turns
        assert not transport.controller.le_scan_enable, turns
        turns += 1
    assert turns > 1
    await scanner.stop()


#: What takes long, begun with nobody in reach.
WAITS: dict[str, Callable[[BumbleAdapter, BLEDevice], Awaitable[object]]] = {
    "connect to an address": lambda adapter, _: BleakClient(
        NOBODY, timeout=LONG_S, backend=adapter.client_backend
    ).connect(),
    "connect to a device": lambda adapter, device: adapter.client(device, timeout=LONG_S).connect(),
}


@pytest.mark.parametrize("closed", [False, True], ids=["cut", "closed"])
@pytest.mark.parametrize("call", WAITS)
async def test_what_waits_when_the_adapter_goes_ends_at_once(
    adapter: BumbleAdapter,
    transport: CuttableTransport,
    device: BLEDevice,
    call: str,
    closed: bool,
) -> None:
    device.details = Address(NOBODY)
    waiting = asyncio.ensure_future(WAITS[call](adapter, device))
    await until(lambda: adapter._central.device.scanning or adapter._central.device.is_le_connecting)
    async with asyncio.timeout(AT_ONCE_S):
        if closed:
            await adapter._central.close()
        else:
            transport.cut()
        with pytest.raises(BleakBluetoothNotAvailableError, match="went away"):
            await waiting


#: Every method of a client that a bleak program calls.
CALLS: dict[str, Callable[[BleakClient], Awaitable[object]]] = {
    "pair": lambda client: client.pair(),
    "unpair": lambda client: client.unpair(),
    "read": lambda client: client.read_gatt_char(READ),
    "read a descriptor": lambda client: client.read_gatt_descriptor(_description(client)),
    "write": lambda client: client.write_gatt_char(WRITE, b"1", response=True),
    "a long write": lambda client: client.write_gatt_char(WRITE, bytes(400), response=True),
    "a command": lambda client: client.write_gatt_char(COMMAND, b"1", response=False),
    "write a descriptor": lambda client: client.write_gatt_descriptor(_description(client), b"1"),
    "stop_notify": lambda client: client.stop_notify(NOTIFY),
    "disconnect": lambda client: client.disconnect(),
    "disconnect twice": lambda client: asyncio.gather(client.disconnect(), client.disconnect()),
}

#: Those that end a connection, and have nothing to say where there is none.
ENDS = {"unpair", "disconnect", "disconnect twice"}


def _description(client: BleakClient) -> int:
    characteristic = client.services.get_characteristic(READ)
    assert characteristic is not None
    return characteristic.descriptors[0].handle


async def _cut(_client: BleakClient, transport: CuttableTransport, _peripheral: TinyPeripheral) -> None:
    transport.cut()


async def _leave(_client: BleakClient, _transport: CuttableTransport, peripheral: TinyPeripheral) -> None:
    await peripheral.connections[0].disconnect()


async def _disconnect(client: BleakClient, _transport: CuttableTransport, _peripheral: TinyPeripheral) -> None:
    await client.disconnect()


@pytest.mark.parametrize("end", [_cut, _leave, _disconnect])
async def test_every_method_ends_in_bleaks_words_while_and_after_the_link_goes(
    adapter: BumbleAdapter,
    device: BLEDevice,
    transport: CuttableTransport,
    peripheral: TinyPeripheral,
    end: Callable[[BleakClient, CuttableTransport, TinyPeripheral], Awaitable[None]],
) -> None:
    told: list[BleakClient] = []
    async with adapter.client(device, told.append) as client:
        await client.start_notify(NOTIFY, lambda *_: None)
        calls = [asyncio.ensure_future(call(client)) for name, call in CALLS.items() if name not in ENDS]
        await end(client, transport, peripheral)
        async with asyncio.timeout(AT_ONCE_S):
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
        await until(lambda: not client.is_connected)
        for name, call in CALLS.items():
            outcome = (await asyncio.gather(call(client), return_exceptions=True))[0]
            assert outcome is None or isinstance(outcome, list | BleakError), (name, outcome)
            assert isinstance(outcome, BleakError) != (name in ENDS), (name, outcome)
    assert [each for each in outcomes if isinstance(each, BaseException) and not isinstance(each, BleakError)] == []
    assert len(told) == 1


@pytest.mark.parametrize("call", [name for name in CALLS if name not in ENDS])
async def test_a_transport_that_fails_as_it_is_written_to_is_a_lost_adapter(
    adapter: BumbleAdapter, device: BLEDevice, transport: CuttableTransport, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[AdapterUnavailableError] = []
    adapter.on_lost(lost.append)
    client = adapter.client(device)
    await client.connect()
    await client.start_notify(NOTIFY, lambda *_: None)
    monkeypatch.setattr(transport._pipe_sink, "on_packet", _broken)
    if call == "pair":
        client._backend._passkey = _passkey  # type: ignore[attr-defined]
    async with asyncio.timeout(AT_ONCE_S):
        with pytest.raises(LinkLostError, match="the adapter went away"):
            await CALLS[call](client)
    assert not client.is_connected
    assert len(lost) == 1


@pytest.mark.parametrize("call", ["scan", "connect"])
async def test_a_transport_that_fails_at_the_start_is_an_adapter_that_is_not_there(
    adapter: BumbleAdapter, device: BLEDevice, transport: CuttableTransport, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport._pipe_sink, "on_packet", _broken)
    with pytest.raises(BleakBluetoothNotAvailableError, match="went away"):
        await (adapter.scanner().start() if call == "scan" else adapter.client(device).connect())


def _broken(_packet: bytes) -> None:
    raise BrokenPipeError(32, "Broken pipe")


async def _passkey() -> int:
    return 123456


@pytest.mark.parametrize("named", [0, 3, 5, 22])
async def test_a_peer_that_names_too_small_an_mtu_is_written_to_as_to_any(
    adapter: BumbleAdapter,
    device: BLEDevice,
    peripheral: TinyPeripheral,
    named: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = peripheral.device.gatt_server
    respond = server.send_response

    def too_small(bearer: object, response: object) -> None:
        if isinstance(response, ATT_Exchange_MTU_Response):
            response = ATT_Exchange_MTU_Response(named)
        respond(bearer, response)  # type: ignore[arg-type]  # what bumble gave us

    monkeypatch.setattr(server, "send_response", too_small)
    async with adapter.client(device) as client:
        assert client.mtu_size == 23
        await client.write_gatt_char(WRITE, bytes(range(40)), response=True)
        assert await client.read_gatt_char(WRITE) == bytes(range(40))
    assert peripheral.written == [bytes(range(40))]


async def test_a_descriptor_takes_no_more_than_any_attribute(adapter: BumbleAdapter, device: BLEDevice) -> None:
    async with adapter.client(device) as client:
        with pytest.raises(BleakError, match="at most 512"):
            await client.write_gatt_descriptor(_description(client), bytes(70_000))
