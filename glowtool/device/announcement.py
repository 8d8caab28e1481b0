"""The announcement of a device: what it says of itself on the air, before anybody is connected to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a device announces; what it does not tell is left as it stands here.

    `serial_tail` is the last four characters of its serial number, in lower case, or empty. `has_display`: it can show
    a passkey.
    """

    protocol_major: int | None = None
    battery_percent: int | None = None
    serial_tail: str = ""
    pairing_open: bool = False
    bonded: bool = False
    bonds_full: bool = False
    charging: bool = False
    has_display: bool = True


@dataclass(frozen=True, slots=True)
class Recognised:
    """A device that a driver can open; `announcement` is None when what it announces is not understood."""

    announcement: Announcement | None = None
