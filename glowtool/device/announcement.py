"""The announcement of a device: what it says of itself on the air, before anybody is connected to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a device announces; `serial_tail` is how its serial number ends, in lower case."""

    protocol_major: int
    battery_percent: int
    serial_tail: str
    pairing_open: bool
    bonded: bool
    bonds_full: bool
    charging: bool
    has_display: bool
