"""A peripheral whose packets are changed on their way: attributes, pairing, or advertising."""

from __future__ import annotations

import asyncio
import enum
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from bleak.exc import BleakError

from glowtool.app.rollers.sighting import Recogniser
from glowtool.errors import DeviceNotFoundError, GlowtoolError
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.pairing import PairingAnswers
from glowtool.link.scan import discover, find_device
from support.air.tiny_peripheral import NOTIFY, PERIPHERAL_ADDRESS, CuttableTransport, TinyPeripheral, new_air

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.link.adapter import Adapter

#: Looking for it, connecting, three reads that each wait for a transaction's own end, and the pairing's.
BOUND_S: Final = 200.0

_ATT, _SMP = 4, 6


class Layer(enum.Enum):
    """The layer whose packets are changed."""

    ATTRIBUTES = _ATT
    PAIRING = _SMP
    ADVERTISING = 0


class Packets:
    """Changes packets of one channel, from some packet on, of which each with some probability."""

    def __init__(self, draw: random.Random, layer: Layer) -> None:
        self.layer = layer
        self._draw = draw
        self._left = draw.choice((0, 0, 1, 2, 3, 5, 8, 13, 20))
        self._share = draw.choice((0.1, 0.5, 1.0))

    def __call__(self, data: bytes) -> bytes:
        self._left -= 1
        if self._left >= 0 or self._draw.random() > self._share:
            return data
        draw = self._draw
        match draw.randrange(7):
            case 0:
                return data[: draw.randint(1, max(1, len(data)))]
            case 1:
                return data + draw.randbytes(draw.randint(1, 40))
            case 2:
                return data[:1] + draw.randbytes(draw.randint(0, 40))
            case 3:
                return data[:1] + b"\xff" * (len(data) - 1)
            case 4:
                return draw.randbytes(draw.randint(1, 60))
            case _:
                flipped = bytearray(data)
                for _ in range(draw.randint(1, 4)):
                    flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
                return bytes(flipped)


async def meet(packets: Packets, folder: Path) -> None:
    """Look for the peripheral, and read all of it, or pair with it."""
    peripheral = TinyPeripheral(new_air())
    send = peripheral.device.send_l2cap_pdu

    def send_changed(handle: int, cid: int, pdu: bytes) -> None:
        send(handle, cid, packets(bytes(pdu)) if cid == packets.layer.value else pdu)

    peripheral.device.send_l2cap_pdu = send_changed  # type: ignore[assignment, method-assign]  # it lies
    await peripheral.start()
    transport = CuttableTransport(peripheral.controller.link)
    try:
        async with open_bumble_adapter("test", transport, folder) as adapter:
            if packets.layer is Layer.ADVERTISING:
                await _listen(adapter, peripheral, packets)
            elif packets.layer is Layer.PAIRING:
                await adapter.pair(await find_device(adapter, PERIPHERAL_ADDRESS, 5), _answers(peripheral))
            else:
                await _read_everything(adapter)
    except BleakError as error:
        if not isinstance(error, GlowtoolError):
            raise GlowtoolError(f"bleak's own: {error}") from error  # which the driver translates
        raise
    finally:
        await transport.close()


def _answers(peripheral: TinyPeripheral) -> PairingAnswers:
    async def passkey() -> int:
        return await peripheral.shown.get()

    async def yes(_number: int) -> bool:
        return True

    return PairingAnswers(passkey, yes)


async def _read_everything(adapter: Adapter) -> None:
    device = await find_device(adapter, PERIPHERAL_ADDRESS, 5)
    async with adapter.client(device) as client:
        for characteristic in client.services.characteristics.values():
            if "read" in characteristic.properties:
                with suppress(BleakError, TimeoutError):  # the driver turns both into errors of the tree
                    async with asyncio.timeout(10):
                        await client.read_gatt_char(characteristic)
        with suppress(BleakError):
            await client.start_notify(NOTIFY, lambda *_: None)


async def _listen(adapter: Adapter, peripheral: TinyPeripheral, packets: Packets) -> None:
    await peripheral.device.stop_advertising()
    data = packets(bytes.fromhex("0201060709"[:6]) + b"\x09\x09GR-1 4F2A" + b"\x09\xff\xff\xff\x01\x01\x01\x50\x2a\x4f")
    await peripheral.device.start_advertising(advertising_data=data[:31], advertising_interval_min=20)
    with suppress(DeviceNotFoundError):
        async for heard, said in discover(adapter, 0.5):
            Recogniser().sighting_of(heard, said)


def air_mutant(number: int, seed: int) -> Packets:
    """Draw a change of packets."""
    draw = random.Random(f"air/{seed}/{number}")  # noqa: S311 - reproducible on purpose
    return Packets(draw, draw.choice(list(Layer)))
