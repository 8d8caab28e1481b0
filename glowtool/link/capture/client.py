"""A client that passes everything on, and has a capture take a copy of what comes and goes."""

from __future__ import annotations

import itertools
import struct
import uuid as uuids
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from glowtool.link.capture.packets import Captured, Op, declaration
from glowtool.link.client import GattClient, KnowsItsBond, SaysWhy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from glowtool.link.client import ClientFactory, LostCallback, NotifyCallback

#: The serial number names one roller, and so whoever bought it; a bug report does not need it.
_SERIAL_NUMBER: Final = "00002a25-0000-1000-8000-00805f9b34fb"

#: Handles of connections, one for each; the standard ends before 0x0F00.
_FIRST_CONNECTION, _CONNECTIONS = 0x0040, 0x0E00

#: Handles for a stack that does not tell those of its attributes.
_FIRST_UNKNOWN: Final = 0x1000

_PROPERTIES: Final[Mapping[str, int]] = {
    "broadcast": 0x01, "read": 0x02, "write-without-response": 0x04, "write": 0x08, "notify": 0x10, "indicate": 0x20,
}  # fmt: skip


class Attribute(Protocol):
    """What bleak tells of a characteristic."""

    @property
    def handle(self) -> int:
        """Its handle."""
        ...

    @property
    def uuid(self) -> str:
        """Its UUID."""
        ...

    @property
    def properties(self) -> list[str]:
        """Its properties, by name."""
        ...


class Attributes(Protocol):
    """The table of a connected device."""

    @property
    def characteristics(self) -> Mapping[int, Attribute]:
        """The characteristics, by handle."""
        ...


@runtime_checkable
class HasTable(Protocol):
    """A client that tells the table of the device."""

    @property
    def services(self) -> Attributes:
        """The table."""
        ...


class CapturedClient:
    """A `GattClient` around another one: `take` gets each notification, indication, read and write."""

    def __init__(
        self, client: GattClient, take: Callable[[Captured], None], clock_us: Callable[[], int], connection: int
    ) -> None:
        self._client = client
        self._take = take
        self._clock_us = clock_us
        self._connection = connection
        self._known: dict[str, tuple[int, frozenset[str]]] = {}

    @property
    def is_connected(self) -> bool:
        """Whether the connection is up."""
        return self._client.is_connected

    @property
    def mtu_size(self) -> int:
        """The ATT MTU in bytes."""
        return self._client.mtu_size

    @property
    def lost_because(self) -> str | None:
        """Why the connection ended, if the stack tells."""
        return self._client.lost_because if isinstance(self._client, SaysWhy) else None

    @property
    def is_bonded(self) -> bool:
        """Whether there was a bond; a stack that does not tell says so by what the device answers."""
        return self._client.is_bonded if isinstance(self._client, KnowsItsBond) else True

    async def connect(self) -> None:
        """Connect, and capture the table, so that a reader of the capture knows what each handle is."""
        await self._client.connect()
        mtu = struct.pack("<H", self._client.mtu_size)
        self._note(Op.MTU_REQUEST, mtu)
        self._note(Op.MTU_RESPONSE, mtu)
        for each in self._table():
            self._known[each.uuid] = each.handle, frozenset(each.properties)
            bits = sum(_PROPERTIES.get(name, 0) for name in each.properties)
            self._note(Op.DECLARATION_REQUEST, struct.pack("<HHH", each.handle - 1, 0xFFFF, 0x2803))
            said = declaration(each.handle - 1, bits, each.handle, _little_endian(each.uuid))
            self._note(Op.DECLARATION_RESPONSE, said, each.uuid, each.handle)

    async def disconnect(self) -> None:
        """End the connection."""
        await self._client.disconnect()

    async def read_gatt_char(self, char_specifier: str, /) -> bytearray:
        """Read a characteristic; the serial number is left out of the capture."""
        value = await self._client.read_gatt_char(char_specifier)
        handle = self._handle(char_specifier)
        said = b"" if char_specifier == _SERIAL_NUMBER else bytes(value)
        self._note(Op.READ_REQUEST, struct.pack("<H", handle), char_specifier, handle)
        self._note(Op.READ_RESPONSE, said, char_specifier, handle, said)
        return value

    async def write_gatt_char(self, char_specifier: str, data: bytes, /, response: bool | None = None) -> None:  # noqa: FBT001 - bleak's own
        """Write a characteristic; what is sent is captured before it is, and its answer after."""
        handle, said = self._handle(char_specifier), bytes(data)
        parameters = struct.pack("<H", handle) + said
        self._note(Op.WRITE_REQUEST if response else Op.WRITE_COMMAND, parameters, char_specifier, handle, said)
        await self._client.write_gatt_char(char_specifier, data, response=response)
        if response:
            self._note(Op.WRITE_RESPONSE, b"", char_specifier, handle)

    async def start_notify(self, char_specifier: str, callback: NotifyCallback, /) -> None:
        """Subscribe; each value is captured before it is passed on."""
        handle, properties = self._handle(char_specifier), self._known[char_specifier][1]
        indicates = "indicate" in properties and "notify" not in properties
        op, head = (Op.INDICATION if indicates else Op.NOTIFICATION), struct.pack("<H", handle)

        def heard(sender: object, data: bytearray) -> None:
            said = bytes(data)
            self._note(op, head + said, char_specifier, handle, said)
            if indicates:
                self._note(Op.CONFIRMATION, b"")
            callback(sender, data)

        await self._client.start_notify(char_specifier, heard)

    async def stop_notify(self, char_specifier: str, /) -> None:
        """End a subscription."""
        await self._client.stop_notify(char_specifier)

    def _note(self, op: Op, parameters: bytes, uuid: str = "", handle: int = 0, value: bytes = b"") -> None:
        self._take(Captured(self._clock_us(), self._connection, op, parameters, uuid, handle, value))

    def _table(self) -> Iterable[Attribute]:
        return self._client.services.characteristics.values() if isinstance(self._client, HasTable) else ()

    def _handle(self, uuid: str) -> int:
        if uuid not in self._known:
            self._known[uuid] = _FIRST_UNKNOWN + 2 * len(self._known), frozenset()
        return self._known[uuid][0]


def captured(client_for: ClientFactory, take: Callable[[Captured], None], clock_us: Callable[[], int]) -> ClientFactory:
    """Return what makes the same clients, with `take` getting a copy of what they say and hear."""
    numbers = itertools.count()

    def make(lost: LostCallback) -> GattClient:
        connection = _FIRST_CONNECTION + next(numbers) % _CONNECTIONS
        return CapturedClient(client_for(lost), take, clock_us, connection)

    return make


def _little_endian(uuid: str) -> bytes:
    """Return a UUID as it stands in a declaration: two bytes for one of the SIG's, else sixteen."""
    whole = uuids.UUID(uuid).bytes[::-1]
    is_short = uuid.endswith("-0000-1000-8000-00805f9b34fb") and uuid.startswith("0000")
    return whole[12:14] if is_short else whole
