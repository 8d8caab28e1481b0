"""The translation of a Bluetooth client's failures into ours, in the words for a roller."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bleak.exc import BleakCharacteristicNotFoundError, BleakError, BleakGATTProtocolError

from glowtool.errors import (
    ConnectFailedError,
    ConnectionLostError,
    GlowtoolError,
    LinkError,
    NotPairedError,
    ProtocolError,
)
from glowtool.link.client import KnowsItsBond

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.link.client import GattClient

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
            f"{doing}: the device has no characteristic {error.char_specifier}: it is not a roller, or its "
            "firmware is damaged"
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
