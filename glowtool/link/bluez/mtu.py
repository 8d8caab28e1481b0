"""The ATT MTU of a connection, read from BlueZ once it is made.

BlueZ shows the characteristics of a bonded device even without a connection, with the smallest MTU, and does not
report when that changes; bleak keeps the value that it read then.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from glowtool.errors import AdapterUnavailableError
from glowtool.link.bluez.bus import BlueZError, open_bus

if TYPE_CHECKING:
    from bleak.backends.service import BleakGATTServiceCollection

_CHARACTERISTIC: Final = "org.bluez.GattCharacteristic1"


async def told_mtu(services: BleakGATTServiceCollection | None) -> int | None:
    """Return the MTU that BlueZ reports with a characteristic; None if it reports none (before 5.62)."""
    characteristic = None if services is None else next(iter(services.characteristics.values()), None)
    if characteristic is None:
        return None
    path = characteristic.obj[0]
    with suppress(BlueZError, AdapterUnavailableError):  # the connection is gone; other code reports that
        async with open_bus() as bus:
            told = (await bus.properties(path, _CHARACTERISTIC)).get("MTU")
            return told if isinstance(told, int) else None
    return None
