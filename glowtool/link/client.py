"""The Bluetooth client that a driver is given: what it may ask of one, and the maker of clients for one device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

#: Called with the client when a connection has ended.
LostCallback = Callable[[object], None]

#: Called with a characteristic and the bytes that it notified or indicated.
NotifyCallback = Callable[[object, bytearray], None]


class GattClient(Protocol):
    """The few methods of `bleak.BleakClient` that a driver uses."""

    @property
    def is_connected(self) -> bool:
        """Whether the connection is up."""
        ...

    @property
    def mtu_size(self) -> int:
        """The ATT MTU in bytes."""
        ...

    async def connect(self) -> None:
        """Connect and discover services."""
        ...

    async def disconnect(self) -> None:
        """End the connection; nothing happens when there is none."""
        ...

    async def read_gatt_char(self, char_specifier: str, /) -> bytearray:
        """Read a characteristic."""
        ...

    async def write_gatt_char(self, char_specifier: str, data: bytes, /, response: bool | None = None) -> None:  # noqa: FBT001 - bleak's own
        """Write a characteristic."""
        ...

    async def start_notify(self, char_specifier: str, callback: NotifyCallback, /) -> None:
        """Subscribe to notifications or indications."""
        ...

    async def stop_notify(self, char_specifier: str, /) -> None:
        """End a subscription."""
        ...


@runtime_checkable
class SaysWhy(Protocol):
    """A client that knows why its connection ended; not every stack tells."""

    @property
    def lost_because(self) -> str | None:
        """Why, in words that go on after "because"; None while it is up, or when it is not known."""
        ...


@runtime_checkable
class KnowsItsBond(Protocol):
    """A client whose stack ends the connection when a bond is missing, instead of passing on what the peer answered."""

    @property
    def is_bonded(self) -> bool:
        """Whether there was a bond when it connected."""
        ...


#: Makes a new, not yet connected client that calls back when its connection ends.
ClientFactory = Callable[[LostCallback], GattClient]
