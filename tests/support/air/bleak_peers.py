"""Characteristics and ATT errors for peers of programs written for bleak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakGATTProtocolError
from bumble.att import Attribute
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor, Service

from support.air.bleak_bench import AirKind

if TYPE_CHECKING:
    from collections.abc import Awaitable


SERVICE = "7b3e0000-51c4-4d0c-9d55-0a1b2c3d4e5f"
VALUE = "7b3e0001-51c4-4d0c-9d55-0a1b2c3d4e5f"
COMMAND = "7b3e0002-51c4-4d0c-9d55-0a1b2c3d4e5f"
NOTIFY = "7b3e0003-51c4-4d0c-9d55-0a1b2c3d4e5f"
INDICATE = "7b3e0004-51c4-4d0c-9d55-0a1b2c3d4e5f"

Property = Characteristic.Properties

airs = pytest.mark.parametrize("kind", AirKind, ids=lambda kind: kind.value)


def characteristic(
    uuid: str,
    properties: Property,
    value: bytes | CharacteristicValue[bytes] = b"",
    descriptors: list[Descriptor] | None = None,
) -> Characteristic[bytes]:
    """Return a characteristic that answers reads and writes, whatever it says that it can."""
    return Characteristic(uuid, properties, Attribute.READABLE | Attribute.WRITEABLE, value, descriptors or [])


def one(*characteristics: Characteristic[bytes]) -> list[Service]:
    """Return a service of these as all that a peer has."""
    return [Service(SERVICE, list(characteristics))]


async def error_code(call: Awaitable[object]) -> int | None:
    """Return the code of the ATT error that a call ends in; None when it ends well."""
    try:
        await call
    except BleakGATTProtocolError as error:
        return int(error.code)
    return None
