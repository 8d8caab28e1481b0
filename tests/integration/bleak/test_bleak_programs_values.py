"""Programs written for bleak read, write and subscribe on either virtual air, as in bleak's own suite."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Never
from uuid import UUID

import pytest
from bleak.exc import BleakGATTProtocolErrorCode
from bumble.att import ATT_Error, AttributeValue
from bumble.gatt import GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR as CCCD
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor

from glowsim.time.virtual_time import in_virtual_time
from support.air.bleak_bench import AirKind, BleakBench, open_bench
from support.air.bleak_peers import COMMAND, INDICATE, NOTIFY, VALUE, Property, airs, characteristic, error_code, one

if TYPE_CHECKING:
    from pathlib import Path

    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bumble.device import Connection, Device

#: Every code that bleak has a name for, of a profile (0xE0 and on) and of an application (0x80 and on).
ERROR_CODES = sorted({int(code) for code in BleakGATTProtocolErrorCode} | {0x80, 0x9F, 0xC0, 0xE0, 0xFF})

#: Every descriptor of the assigned numbers that a peer keeps a value in, and one of a maker's own.
DESCRIPTORS = (
    *(f"{short:04x}" for short in range(0x2900, 0x2911)),
    "7b3e2900-51c4-4d0c-9d55-0a1b2c3d4e5f",
)


def failing(code: int) -> CharacteristicValue[bytes]:
    """Return a value that answers reads and writes with an error."""

    def fail(*_: object) -> Never:
        raise ATT_Error(code)

    return CharacteristicValue(read=fail, write=fail)


@airs
@in_virtual_time
async def test_a_value_is_read_by_every_name_that_it_has_and_never_from_a_cache(kind: AirKind, tmp_path: Path) -> None:
    kept = characteristic(VALUE, Property.READ, b"before")
    async with open_bench(kind, tmp_path, one(kept)) as bench, await bench.client() as client:
        found = client.services.get_characteristic(VALUE)
        assert found is not None
        names: list[BleakGATTCharacteristic | int | str | UUID] = [
            found, found.handle, VALUE, VALUE.upper(), UUID(VALUE),
        ]  # fmt: skip
        assert [bytes(await client.read_gatt_char(name)) for name in names] == [b"before"] * len(names)
        kept.value = b"after"
        assert await client.read_gatt_char(VALUE, use_cached=True) == b"after"


@airs
@in_virtual_time
async def test_a_value_is_written_with_and_without_an_answer(kind: AirKind, tmp_path: Path) -> None:
    written: list[bytes] = []
    value = CharacteristicValue[bytes](write=lambda _, data: written.append(bytes(data)))
    answered = characteristic(VALUE, Property.WRITE, value)
    unanswered = characteristic(COMMAND, Property.WRITE_WITHOUT_RESPONSE, value)
    async with open_bench(kind, tmp_path, one(answered, unanswered)) as bench, await bench.client() as client:
        await client.write_gatt_char(VALUE, b"1", response=True)
        await client.write_gatt_char(VALUE, bytearray(b"2"))  # as the peer wants it
        await client.write_gatt_char(COMMAND, memoryview(b"3"), response=False)
        await client.write_gatt_char(COMMAND, b"4")
        data = bytes(1000)
        size = client.mtu_size - 3
        for start in range(0, len(data), size):  # bleak's example on the MTU
            await client.write_gatt_char(COMMAND, data[start : start + size], response=False)
        await asyncio.sleep(1)
    assert written[:4] == [b"1", b"2", b"3", b"4"]
    assert b"".join(written[4:]) == data
    assert 23 <= size + 3 <= 517


@airs
@in_virtual_time
async def test_every_error_of_a_peer_keeps_its_code(kind: AirKind, tmp_path: Path) -> None:
    kept = characteristic(VALUE, Property.READ | Property.WRITE, descriptors=[descriptor := _descriptor("2901")])
    async with open_bench(kind, tmp_path, one(kept)) as bench, await bench.client() as client:
        found = client.services.get_characteristic(VALUE)
        assert found is not None
        described = found.get_descriptor("2901")
        assert described is not None
        for code in ERROR_CODES:
            kept.value = descriptor.value = failing(code)
            codes = [
                await error_code(client.read_gatt_char(VALUE)),
                await error_code(client.write_gatt_char(VALUE, b"1", response=True)),
                await error_code(client.read_gatt_descriptor(described)),
                await error_code(client.write_gatt_descriptor(described, b"1")),
            ]
            assert codes == [code] * 4
        assert client.is_connected


def _descriptor(uuid: str) -> Descriptor:
    return Descriptor(uuid, Descriptor.READABLE | Descriptor.WRITEABLE, bytes.fromhex("00aa") + uuid.encode())


@airs
@in_virtual_time
async def test_every_descriptor_is_read_and_written_but_that_of_subscriptions(kind: AirKind, tmp_path: Path) -> None:
    kept = {uuid: _descriptor(uuid) for uuid in DESCRIPTORS}
    service = one(characteristic(VALUE, Property.READ, descriptors=list(kept.values())))
    async with open_bench(kind, tmp_path, service) as bench, await bench.client() as client:
        found = client.services.get_characteristic(VALUE)
        assert found is not None
        for uuid, descriptor in kept.items():
            described = found.get_descriptor(uuid)
            assert described is not None, uuid
            assert await client.read_gatt_descriptor(described) == descriptor.value, uuid
            if descriptor.type == CCCD:
                with pytest.raises(ValueError, match="CCCD"):
                    await client.write_gatt_descriptor(described, b"\x02\x00")
                continue
            await client.write_gatt_descriptor(described.handle, b"anew")
            assert descriptor.value == b"anew", uuid
            descriptor.value = b"after"
            assert await client.read_gatt_descriptor(described, use_cached=True) == b"after", uuid


@airs
@in_virtual_time
async def test_values_come_to_callbacks_of_both_kinds_until_they_are_stopped(kind: AirKind, tmp_path: Path) -> None:
    notified = characteristic(NOTIFY, Property.READ | Property.NOTIFY)
    indicated = characteristic(INDICATE, Property.READ | Property.INDICATE)
    received: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def on_notified(source: BleakGATTCharacteristic, data: bytearray) -> None:
        await received.put((source.uuid, bytes(data)))

    def on_indicated(source: BleakGATTCharacteristic, data: bytearray) -> None:
        received.put_nowait((source.uuid, bytes(data)))

    async with open_bench(kind, tmp_path, one(notified, indicated)) as bench, await bench.client() as client:
        for _ in range(2):  # a stopped subscription begins anew
            await client.start_notify(NOTIFY, on_notified)
            await client.start_notify(INDICATE, on_indicated)
            await _send(bench.peripheral, notified, indicated)
            assert [await received.get() for _ in range(2)] == [(NOTIFY, b"n"), (INDICATE, b"i")]
            await client.stop_notify(NOTIFY)
            await client.stop_notify(INDICATE)
            await _send(bench.peripheral, notified, indicated)
            assert received.empty()


async def _send(peripheral: Device, notified: Characteristic[bytes], indicated: Characteristic[bytes]) -> None:
    await peripheral.notify_subscribers(notified, b"n")
    await asyncio.sleep(0.1)
    await peripheral.indicate_subscribers(indicated, b"i")
    await asyncio.sleep(0.1)


@airs
@in_virtual_time
async def test_a_value_that_comes_before_the_subscription_is_answered_is_told(kind: AirKind, tmp_path: Path) -> None:
    benches: list[BleakBench] = []

    async def on_subscription(_: Connection, __: bytes) -> None:
        await benches[0].peripheral.notify_subscribers(hasty, b"at once", force=True)

    subscription = AttributeValue[bytes](read=lambda _: b"\0\0", write=on_subscription)
    hasty = characteristic(
        NOTIFY,
        Property.NOTIFY,
        descriptors=[Descriptor(CCCD, Descriptor.READABLE | Descriptor.WRITEABLE, subscription)],
    )
    async with open_bench(kind, tmp_path, one(hasty)) as bench, await bench.client() as client:
        benches.append(bench)
        received: asyncio.Queue[bytes] = asyncio.Queue()
        await client.start_notify(NOTIFY, lambda _, data: received.put_nowait(bytes(data)))
        assert await received.get() == b"at once"


@airs
@in_virtual_time
async def test_a_subscription_that_the_peer_refuses_has_its_error(kind: AirKind, tmp_path: Path) -> None:
    refusing = Descriptor(CCCD, Descriptor.READABLE | Descriptor.WRITEABLE, failing(0x80))
    service = one(characteristic(NOTIFY, Property.NOTIFY, descriptors=[refusing]))
    async with open_bench(kind, tmp_path, service) as bench, await bench.client() as client:
        for _ in range(2):  # what was refused is no subscription: the second attempt asks again
            assert await error_code(client.start_notify(NOTIFY, lambda *_: None)) == 0x80
        assert client.is_connected
