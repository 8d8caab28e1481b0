"""A check that a connected device's services are still those that were read; BlueZ handles Service Changed itself.

It then removes the changed services from D-Bus and adds others, some of them at the old paths, so that a client that
goes on writes to another attribute than it means. BlueZ reports only that objects come and go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dbus_fast import Message, MessageType

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak.backends.service import BleakGATTServiceCollection

    from glowtool.link.bluez.bus import Objects

_OBJECT_MANAGER: Final = "org.freedesktop.DBus.ObjectManager"
_SERVICE: Final = "org.bluez.GattService1"
_CHARACTERISTIC: Final = "org.bluez.GattCharacteristic1"

#: The path of BlueZ's object manager.
MANAGER_PATH: Final = "/"


class TableWatch:
    """Notes in `changed` that a service of the device at `path` is removed; calls `on_changed` after `watch()`."""

    def __init__(self, path: str, on_changed: Callable[[], None]) -> None:
        self._inside = f"{path}/"
        self._on_changed = on_changed
        self._watching = False
        self.changed = False

    def watch(self) -> None:
        """Clear the note, and call `on_changed` from now on."""
        self.changed = False
        self._watching = True

    def on_message(self, message: Message) -> bool:
        """Note a message from the bus, and leave it to other handlers as well."""
        if (
            message.message_type is MessageType.SIGNAL
            and message.interface == _OBJECT_MANAGER
            and message.member == "InterfacesRemoved"
            and message.body[0].startswith(self._inside)
            and _SERVICE in message.body[1]
        ):
            self.changed = True
            if self._watching:
                self._on_changed()
        return False


def holds(objects: Objects, path: str, services: BleakGATTServiceCollection | None) -> bool:
    """Return whether BlueZ still shows the characteristics of the device at `path` as they were read."""
    shown = {
        (at, interfaces[_CHARACTERISTIC]["UUID"])
        for at, interfaces in objects.items()
        if at.startswith(f"{path}/") and _CHARACTERISTIC in interfaces
    }
    read = set() if services is None else {(each.obj[0], each.uuid) for each in services.characteristics.values()}
    return shown == read
