"""The identity of a device, as the device reports it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A device's maker, its identity, and the firmware that it runs."""

    manufacturer: str
    model: str
    serial: str
    hardware: str
    firmware: str
