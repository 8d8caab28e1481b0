"""The identity of a roller, from its Device Information service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.device.identity import Identity
from glowtool.errors import DecodeError
from glowtool.protocol.gatt import (
    FIRMWARE_REVISION,
    HARDWARE_REVISION,
    MANUFACTURER_NAME,
    MODEL_NUMBER,
    SERIAL_NUMBER,
    Characteristic,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


#: Longer than any name, number or revision, and short enough for a file's name and a line of the terminal.
TEXT_BYTES_MAX: Final = 64


async def read_identity(read: Callable[[Characteristic], Awaitable[bytes]]) -> Identity:
    """Read the identity of a connected roller, characteristic by characteristic; needs no bond."""
    return Identity(
        manufacturer=await _read_text(read, MANUFACTURER_NAME),
        model=await _read_text(read, MODEL_NUMBER),
        serial=await _read_text(read, SERIAL_NUMBER),
        hardware=await _read_text(read, HARDWARE_REVISION),
        firmware=await _read_text(read, FIRMWARE_REVISION),
    )


async def _read_text(read: Callable[[Characteristic], Awaitable[bytes]], characteristic: Characteristic) -> str:
    data = await read(characteristic)
    if len(data) > TEXT_BYTES_MAX:
        raise DecodeError(f"{characteristic.name} has {len(data)} bytes; it must have at most {TEXT_BYTES_MAX}")
    # Another maker's text may be anything; it is only shown to people.
    return data.partition(b"\0")[0].decode("utf-8", errors="replace")
