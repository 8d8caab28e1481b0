"""Who a roller is: what its Device Information service says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.device.gatt import translated
from glowtool.protocol.gatt import (
    FIRMWARE_REVISION,
    HARDWARE_REVISION,
    MANUFACTURER_NAME,
    MODEL_NUMBER,
    SERIAL_NUMBER,
    Characteristic,
)

if TYPE_CHECKING:
    from glowtool.device.gatt import GattClient


@dataclass(frozen=True, slots=True)
class Identity:
    """Who made a roller, which one it is, and which firmware it runs."""

    manufacturer: str
    model: str
    serial: str
    hardware: str
    firmware: str


async def read_identity(client: GattClient) -> Identity:
    """Read the identity of a connected roller; needs no bond. Raises `LinkError` and `ProtocolError`."""
    return Identity(
        manufacturer=await _read_text(client, MANUFACTURER_NAME),
        model=await _read_text(client, MODEL_NUMBER),
        serial=await _read_text(client, SERIAL_NUMBER),
        hardware=await _read_text(client, HARDWARE_REVISION),
        firmware=await _read_text(client, FIRMWARE_REVISION),
    )


async def _read_text(client: GattClient, characteristic: Characteristic) -> str:
    with translated(f"reading {characteristic.name}", client):
        data = await client.read_gatt_char(characteristic.uuid)
    # Another maker's text may hold anything; it is shown to people and decides nothing.
    return bytes(data).partition(b"\0")[0].decode("utf-8", errors="replace")
