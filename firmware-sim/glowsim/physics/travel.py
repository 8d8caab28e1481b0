"""The travel encoders: 0.1 mm per count, sixteen bits, with wrap-around."""

from __future__ import annotations

from typing import Final

COUNTS_PER_MM: Final = 10.0


def travel_raw(position_mm: float) -> int:
    """Return an encoder's signed 16-bit counter for a position in mm since power-on."""
    return (int(position_mm * COUNTS_PER_MM // 1) + 0x8000) % 0x1_0000 - 0x8000
