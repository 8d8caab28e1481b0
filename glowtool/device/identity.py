"""The identity of a device, as the device reports it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Who made a device, which one it is, and which firmware it runs."""

    manufacturer: str
    model: str
    serial: str
    hardware: str
    firmware: str
