"""The failures of a connection, each an error of glowtool and of bleak at the same time.

A bleak client has to raise bleak's exceptions, and a person has to read glowtool's. These classes are both, so that
code for bleak and code for glowtool each catch the errors that they know.
"""

from __future__ import annotations

from typing import Final

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDeviceNotFoundError,
    BleakError,
)

from glowtool.errors import (
    AdapterUnavailableError,
    BondStaleError,
    ConnectFailedError,
    ConnectionLostError,
    DeviceNotFoundError,
    GlowtoolError,
    NotPairedError,
    joined,
)


class LinkLostError(ConnectionLostError, BleakError):
    """The connection ended while it was needed."""


class LinkFailedError(ConnectFailedError, BleakError):
    """A connection could not be made."""


class LinkTimeoutError(LinkFailedError, TimeoutError):
    """A connection was not made in time."""


class PeerNotFoundError(DeviceNotFoundError, BleakDeviceNotFoundError):
    """No advertisement of the address, bleak's `identifier`, was heard."""

    def __init__(self, identifier: str, says: str, *, advice: str = "") -> None:
        BleakDeviceNotFoundError.__init__(self, identifier, joined(says, advice))
        self.says, self.advice = says, advice


class BondLostError(BondStaleError, BleakError):
    """The peer no longer accepts the bond that is kept for it."""


class BondNeededError(NotPairedError, BleakError):
    """The connection ended because there is no bond, before anything could be asked."""


class _NoRadioError(BleakBluetoothNotAvailableError):
    """bleak's class for it, with one of our errors as the message for a person."""

    def __init__(self, message: str) -> None:
        BleakError.__init__(self, message)

    @property
    def reason(self) -> BleakBluetoothNotAvailableReason:
        """The reason in bleak's terms: there is no radio."""
        return BleakBluetoothNotAvailableReason.NO_BLUETOOTH


class AdapterGoneError(AdapterUnavailableError, _NoRadioError):
    """The adapter does not exist, or no longer exists."""


class AdapterLeftError(LinkFailedError, _NoRadioError):
    """The adapter went away while a connection was being made."""


def bleak_form(error: GlowtoolError) -> BleakError:
    """Return the error as one of bleak, too, with the same message, name and exit status."""
    if isinstance(error, BleakError):
        return error
    if isinstance(error, AdapterUnavailableError):
        return AdapterGoneError(error.says, advice=error.advice).listing(*error.lines[1:])
    form = _both(type(error))
    both = form(*error.args)
    both.__dict__.update(error.__dict__)
    return both


_BOTH: Final[dict[type[GlowtoolError], type[BleakError]]] = {}


def _both(kind: type[GlowtoolError]) -> type[BleakError]:
    """Return a class that is `kind` and bleak's, with the name of `kind`, since nobody has to distinguish the two."""
    if kind not in _BOTH:
        names = {"__doc__": kind.__doc__, "__module__": kind.__module__}
        _BOTH[kind] = type(kind.__name__, (kind, BleakError), names)
    return _BOTH[kind]
