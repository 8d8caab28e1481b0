"""Attempts of a client and their ends: a connection that is given up, a write that cannot be made."""

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
    """Raise `BleakError` when a descriptor does not take a value of `size` bytes."""
    if size > VALUE_MAX_BYTES:
        raise BleakError(f"{size} bytes for {descriptor}: at most {VALUE_MAX_BYTES} can be written")


def require_writable(characteristic: BleakGATTCharacteristic, size: int, mtu: int, *, response: bool) -> None:
    """Raise `BleakError` when a characteristic does not take a value of `size` bytes in such a write."""
    limit = VALUE_MAX_BYTES if response else mtu - ATT_HEADER_BYTES
    if size > limit:
        kind = "with" if response else "without"
        raise BleakError(f"{size} bytes for {characteristic}: at most {limit} can be written {kind} response")
    if not response and "write-without-response" not in characteristic.properties:
        raise BleakError(f"{characteristic} cannot be written without response")


async def end_attempt(attempt: asyncio.Task[Link]) -> None:
    """Cancel an attempt to connect, or end the link that it has made; nothing of it is left behind."""
    if not attempt.done():
        attempt.cancel()
        await asyncio.wait({attempt})
    if not attempt.cancelled() and attempt.exception() is None:
        await attempt.result().disconnect()


async def nobody_compares(_number: int) -> bool:
    """Refuse to compare digits; raises `PairingError`, which says where somebody is asked."""
    raise PairingError("the roller wants digits to be compared, and nobody is asked here", advice="run `glowtool pair`")
