"""Detection of a bond that the peer has lost: BlueZ does not report it, but each connection ends on encryption.

BlueZ 5.66 then connects again and again, several times a second, and never answers `Connect`. Later versions name the
reason in a signal; this module recognises both.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from dbus_fast import Message, MessageType

from glowtool.link.bluez.bus import DEVICE
from glowtool.link.bluez.races import unless
from glowtool.link.errors import BondLostError
from glowtool.link.pairing import bond_refused_advice

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from glowtool.link.bluez.bus import Bus
    from glowtool.link.bluez.devices import Device

#: This many connections in a row that end before the services are known are no accident.
DROPS: Final = 4

#: The reason of a disconnection in later versions (`Device1.Disconnected`).
_AUTHENTICATION: Final = "org.bluez.Reason.Authentication"


class ConnectionWatch:
    """Counts the connections to a bonded device that end as soon as they are made; pure.

    `refused` says that the peer does not accept the bond.
    """

    def __init__(self) -> None:
        self._connected = False
        self._drops = 0
        self.refused = False

    def on_properties(self, changed: dict[str, Any]) -> None:
        """Note changed properties of the device."""
        if changed.get("ServicesResolved"):
            self._drops = 0
        if "Connected" in changed:
            if self._connected and not changed["Connected"]:
                self._drops += 1
                self.refused = self.refused or self._drops >= DROPS
            self._connected = bool(changed["Connected"])

    def on_disconnected(self, reason: str) -> None:
        """Note the reason that BlueZ gives for a disconnection."""
        self.refused = self.refused or reason == _AUTHENTICATION


async def watched(bus: Bus, device: Device, connecting: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Wait for the connection to a bonded device; BondLostError as soon as it is clear that it refuses the bond."""
    watch = ConnectionWatch()
    refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_message(message: Message) -> bool:
        if message.message_type is not MessageType.SIGNAL or message.path != device.path:
            return False
        if message.member == "PropertiesChanged" and message.body[0] == DEVICE:
            watch.on_properties({name: variant.value for name, variant in message.body[1].items()})
        elif message.member == "Disconnected" and message.interface == DEVICE:
            watch.on_disconnected(message.body[0])
        if watch.refused and not refused.done():
            refused.set_result(None)
        return False

    ignore = bus.answer(on_message)
    try:
        await bus.listen(device.path)
        if not await unless(refused, connecting()):
            raise _bond_lost(device.address)
    finally:
        ignore()


def _bond_lost(address: str) -> BondLostError:
    return BondLostError(
        f"the roller {address} ends every connection as soon as it is encrypted: it no longer knows this computer, it "
        f"has been reset, or another device answers in its place",
        advice=f"{bond_refused_advice(address)}",
    )
