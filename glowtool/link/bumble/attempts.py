"""The attempts of a client and their ends: a connection that is given up, a write that is impossible."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bleak.exc import BleakError

from glowtool.errors import PairingError
from glowtool.link.bumble.gatt.att_client import VALUE_MAX_BYTES
from glowtool.link.bumble.gatt.services import ATT_HEADER_BYTES

if TYPE_CHECKING:
    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.descriptor import BleakGATTDescriptor

    from glowtool.link.bumble.link import Link


def require_fits(descriptor: BleakGATTDescriptor, size: int) -> None:
    """Raise `BleakError` when a value of `size` bytes is too long for a descriptor."""
    if size > VALUE_MAX_BYTES:
        raise BleakError(f"{size} bytes for {descriptor}: at most {VALUE_MAX_BYTES} can be written")


def require_writable(characteristic: BleakGATTCharacteristic, size: int, mtu: int, *, response: bool) -> None:
    """Raise `BleakError` when a value of `size` bytes is too long for such a write of a characteristic."""
    limit = VALUE_MAX_BYTES if response else mtu - ATT_HEADER_BYTES
    if size > limit:
        kind = "with" if response else "without"
        raise BleakError(f"{size} bytes for {characteristic}: at most {limit} can be written {kind} response")
    if not response and "write-without-response" not in characteristic.properties:
        raise BleakError(f"{characteristic} cannot be written without response")


async def end_attempt(attempt: asyncio.Task[Link]) -> None:
    """Cancel an attempt to connect, or end the link that it made; leave nothing of it behind."""
    if not attempt.done():
        attempt.cancel()
        await asyncio.wait({attempt})
    if not attempt.cancelled() and attempt.exception() is None:
        await attempt.result().disconnect()


async def nobody_compares(_number: int) -> bool:
    """Refuse to compare digits; raises `PairingError`, which says which command asks."""
    raise PairingError("the roller wants digits compared, but nobody is asked here", advice="run `glowtool pair`")
