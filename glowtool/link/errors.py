"""Failures of a connection that are glowtool's and bleak's at the same time.

A bleak client is expected to raise bleak's exceptions, and a person is expected to read glowtool's. These
classes are both, so that code written for bleak and code written for glowtool each catch what they know.
"""

from __future__ import annotations

from bleak.exc import BleakDeviceNotFoundError, BleakError

from glowtool.errors import (
    BondStaleError,
    ConnectFailedError,
    ConnectionLostError,
    DeviceNotFoundError,
    NotPairedError,
)


class LinkLostError(ConnectionLostError, BleakError):
    """The connection ended while it was needed."""


class LinkFailedError(ConnectFailedError, BleakError):
    """A connection could not be made."""


class LinkTimeoutError(LinkFailedError, TimeoutError):
    """A connection was not made in time."""


class PeerNotFoundError(DeviceNotFoundError, BleakDeviceNotFoundError):
    """No advertisement of the address was heard."""


class BondLostError(BondStaleError, BleakError):
    """The peer no longer accepts the bond that is kept for it."""


class BondNeededError(NotPairedError, BleakError):
    """The connection ended because there is no bond, before anything could be asked."""
