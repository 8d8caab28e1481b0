"""The Bluetooth client that the driver needs, and the translation of its failures into ours."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from bleak.exc import BleakCharacteristicNotFoundError, BleakError, BleakGATTProtocolError

from glowtool.errors import (
    ConnectFailedError,
    ConnectionLostError,
    GlowtoolError,
    LinkError,
    NotPairedError,
    ProtocolError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Called with the client when a connection has ended.
LostCallback = Callable[[object], None]

#: Called with a characteristic and the bytes that it notified or indicated.
NotifyCallback = Callable[[object, bytearray], None]


class GattClient(Protocol):
    """The few methods of `bleak.BleakClient` that the driver uses."""

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

#: Insufficient Authentication, Authorization, Encryption Key Size, Encryption (Core, Vol 3, Part F, table 3.4).
_WANTS_A_BOND: Final = frozenset({0x05, 0x08, 0x0C, 0x0F})
#: Unlikely Error: what a stack may say for the peer when the connection ends under a request.
_UNLIKELY: Final = 0x0E


@contextmanager
def translated(doing: str, client: GattClient) -> Iterator[None]:
    """Turn a Bluetooth client's exceptions into those of `glowtool.errors`; `doing` names the operation."""
    try:
        yield
    except GlowtoolError:
        raise
    except BleakGATTProtocolError as error:
        code = int(error.code)
        if code == _UNLIKELY and _lacks_bond(client):
            raise _no_bond() from error
        raise _from_att(doing, code) from error
    except BleakCharacteristicNotFoundError as error:
        raise ProtocolError(
            f"{doing}: the device has no characteristic {error.char_specifier}",
            advice="it is not a roller, or its firmware is damaged",
        ) from error
    except (BleakError, OSError, EOFError) as error:
        # TimeoutError is an OSError: either the stack or we stopped waiting.
        if not client.is_connected:
            raise loss(client, f"{doing}: the connection ended ({_words(error)})") from error
        raise LinkError(f"{doing}: {_words(error)}", advice="switch the roller off and on, then try again") from error


def loss(client: GattClient, words: str, advice: str = "") -> GlowtoolError:
    """Return the error for a connection that ended while it was needed; `words` say it to a person."""
    return _no_bond() if _lacks_bond(client) else ConnectionLostError(words, advice=advice)


def _lacks_bond(client: GattClient) -> bool:
    return isinstance(client, KnowsItsBond) and not client.is_bonded


def _no_bond() -> NotPairedError:
    return NotPairedError(
        "the connection ended at the first request that requires a bond, and this computer has none with the roller",
        advice="run `glowtool pair`",
    )


@contextmanager
def connecting() -> Iterator[None]:
    """Turn a Bluetooth client's exceptions during connecting into those of `glowtool.errors`."""
    try:
        yield
    except GlowtoolError:
        raise
    except (BleakError, OSError, EOFError) as error:
        raise ConnectFailedError(
            f"the roller did not answer ({_words(error)})",
            advice="bring it near, make sure that no other host is connected to it, and try again",
        ) from error


def _from_att(doing: str, code: int) -> GlowtoolError:
    if code in _WANTS_A_BOND:
        return NotPairedError(
            f"{doing}: the roller requires an authenticated bond (ATT error 0x{code:02X})", advice="run `glowtool pair`"
        )
    return ProtocolError(f"{doing}: the roller answered with the unexpected ATT error 0x{code:02X}")


def _words(error: BaseException) -> str:
    return str(error) or ("no answer in time" if isinstance(error, TimeoutError) else type(error).__name__)
