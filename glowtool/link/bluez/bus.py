"""Calls to BlueZ on our own D-Bus connection: each is answered, fails, or ends after a while; none hangs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from dbus_fast import BusType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

from glowtool.errors import AdapterUnavailableError, LinkError
from glowtool.link.system import unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

BLUEZ: Final = "org.bluez"
ADAPTER: Final = "org.bluez.Adapter1"
DEVICE: Final = "org.bluez.Device1"

#: How long BlueZ may take for anything but pairing and connecting.
CALL_TIMEOUT_S: Final = 10.0

_BUS: Final = "org.freedesktop.DBus"
_BUS_PATH: Final = "/org/freedesktop/DBus"

#: D-Bus errors that mean that bluetoothd does not run, or no longer runs.
_NO_SERVICE: Final = frozenset(
    f"{_BUS}.Error.{name}" for name in ("ServiceUnknown", "NoReply", "NameHasNoOwner", "Disconnected", "TimedOut")
)
#: The bus tried to start it, but could not.
_NOT_STARTED: Final = f"{_BUS}.Error.Spawn."
_ACCESS_DENIED: Final = f"{_BUS}.Error.AccessDenied"
_NOT_READY: Final = "org.bluez.Error.NotReady"

Properties = dict[str, Any]
Objects = dict[str, dict[str, Properties]]


class BlueZError(LinkError):
    """BlueZ answered a call with a D-Bus error: its `name`, and its `text` or an empty one."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name.rpartition('.')[2]}: {text}" if text else name)
        self.name = name
        self.text = text


class Bus:
    """A connection to the system bus for calls to BlueZ.

    Every call raises BlueZError for an error that BlueZ gives, and AdapterUnavailableError when there is no BlueZ, no
    permission, no power, no answer in time, or no bus any more.
    """

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus

    async def objects(self) -> Objects:
        """Return everything that BlueZ shows, by path and interface, its properties as plain values."""
        (found,) = await self.call("/", f"{_BUS}.ObjectManager", "GetManagedObjects")
        return {
            path: {name: _plain(properties) for name, properties in interfaces.items()}
            for path, interfaces in found.items()
        }

    async def properties(self, path: str, interface: str) -> Properties:
        """Return the properties of one object."""
        (found,) = await self.call(path, f"{_BUS}.Properties", "GetAll", "s", [interface])
        return _plain(found)

    async def set_flag(self, path: str, interface: str, name: str, *, value: bool) -> None:
        """Set a boolean property."""
        await self.call(path, f"{_BUS}.Properties", "Set", "ssv", [interface, name, Variant("b", value)])

    async def owner(self) -> str:
        """Return the unique name that BlueZ has on the bus."""
        (name,) = await self.call(_BUS_PATH, _BUS, "GetNameOwner", "s", [BLUEZ], destination=_BUS)
        return str(name)

    async def call(
        self,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        body: Sequence[object] = (),
        *,
        destination: str = BLUEZ,
        timeout_s: float | None = CALL_TIMEOUT_S,
        start_service: bool = True,
    ) -> list[Any]:
        """Call a method and return its result.

        `timeout_s=None` leaves the end to BlueZ and the caller; with `start_service=False` a call to a service that
        does not run fails at once, as befits what only cleans up.
        """
        if not self._bus.connected:
            # dbus-fast would wait for an answer that cannot come.
            raise _bus_gone()
        message = Message(
            destination=destination,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
            flags=MessageFlag.NONE if start_service else MessageFlag.NO_AUTOSTART,
        )
        try:
            async with asyncio.timeout(timeout_s):
                reply: Message | None = await self._bus.call(message)
        except TimeoutError as error:
            raise AdapterUnavailableError(
                f"the Bluetooth service did not answer within {timeout_s:g} s",
                advice="restart it, for example with `systemctl restart bluetooth`",
            ) from error
        except (OSError, EOFError, DBusFastError) as error:
            raise _bus_gone() from error
        if reply is None:
            raise _bus_gone()
        if reply.message_type is MessageType.ERROR:
            raise _refused(BlueZError(reply.error_name or "unknown", str(reply.body[0]) if reply.body else ""))
        return list(reply.body)

    def answer(self, handler: Callable[[Message], Message | bool]) -> Callable[[], None]:
        """Pass every incoming message to `handler`; the returned function ends that."""
        self._bus.add_message_handler(handler)
        return lambda: self._bus.remove_message_handler(handler)

    async def listen(self, path: str) -> None:
        """Receive the signals of BlueZ's object at `path`, for as long as the bus is open."""
        rule = f"type='signal',sender='{BLUEZ}',path='{path}'"
        await self.call(_BUS_PATH, _BUS, "AddMatch", "s", [rule], destination=_BUS)

    def send(self, message: Message) -> None:
        """Send a message without waiting; nothing happens when the bus is gone."""
        if self._bus.connected:
            self._bus.send(message)


@asynccontextmanager
async def open_bus() -> AsyncIterator[Bus]:
    """Connect to the system bus for the time of the block; AdapterUnavailableError if there is none.

    When the connection ends, BlueZ by itself ends what the connection began: agent, pairing, discovery.
    """
    try:
        bus = MessageBus(bus_type=BusType.SYSTEM)
    except (OSError, EOFError, DBusFastError) as error:
        raise unavailable(None, error) from error
    try:
        await _connect(bus)
        yield Bus(bus)
    finally:
        connected = bus.connected
        bus.disconnect()  # also one that never connected: its socket is open
        if connected:
            # The bus raises its error once more here; it was already reported.
            with suppress(OSError, EOFError, DBusFastError):
                await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast left it untyped


async def _connect(bus: MessageBus) -> None:
    try:
        async with asyncio.timeout(CALL_TIMEOUT_S):
            await bus.connect()
    except TimeoutError as error:
        raise AdapterUnavailableError(
            f"the system's D-Bus did not answer within {CALL_TIMEOUT_S:g} s",
            advice="check that it runs, then try again",
        ) from error
    except (OSError, EOFError, DBusFastError) as error:
        raise unavailable(None, error) from error


def _plain(properties: Mapping[str, Variant]) -> Properties:
    return {name: variant.value for name, variant in properties.items()}


_NOT_RUNNING: Final = (
    "the Bluetooth service does not run, or stopped",
    "start it, for example with `systemctl start bluetooth`",
)
_DENIED: Final = (
    "this user may not use Bluetooth (D-Bus: access denied)",
    "add the user to the group `bluetooth`",
)
_OFF: Final = (
    "the Bluetooth adapter is switched off",
    "switch it on, for example with `bluetoothctl power on`",
)


def _refused(error: BlueZError) -> BlueZError | AdapterUnavailableError:
    if error.name in _NO_SERVICE or error.name.startswith(_NOT_STARTED):
        says, advice = _NOT_RUNNING
    elif error.name == _ACCESS_DENIED:
        says, advice = _DENIED
    elif error.name == _NOT_READY:
        says, advice = _OFF
    else:
        return error
    unavailable_now = AdapterUnavailableError(says, advice=advice)
    unavailable_now.__cause__ = error
    return unavailable_now


def _bus_gone() -> AdapterUnavailableError:
    return AdapterUnavailableError(
        "the connection to D-Bus ended", advice="check that the system's D-Bus runs, then try again"
    )
