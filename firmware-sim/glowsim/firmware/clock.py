"""The device's clock: it knows UTC only after a host has set it, and its crystal is never exact."""

from __future__ import annotations

import zlib
from typing import Final

NEVER: Final = 0

#: The last millisecond of the year 9999, the last that Current Time can express; the clock stops there.
LAST_MS: Final = 253_402_300_799_999

#: The usual tolerance of a 32 kHz watch crystal at room temperature.
DRIFT_PPM_MOST: Final = 20

_MILLION: Final = 1_000_000


def drift_ppm(serial: str) -> int:
    """Return the clock error of the roller with this serial number, in parts per million fast; it never changes."""
    return zlib.crc32(serial.encode("utf-8")) % (2 * DRIFT_PPM_MOST + 1) - DRIFT_PPM_MOST


class Clock:
    """UTC by the device, counted from the last setting; it is lost when the power is off."""

    def __init__(self, drift_ppm: int = 0) -> None:
        self._drift_ppm = drift_ppm
        self._set_ms: int | None = None
        self._set_at_us = 0

    @property
    def known(self) -> bool:
        """Whether the clock has been set since power-on."""
        return self._set_ms is not None

    def put(self, now_us: int, unix_ms: int) -> None:
        """Set the clock."""
        self._set_ms, self._set_at_us = unix_ms, now_us

    def unix_ms(self, now_us: int) -> int:
        """Return UTC in ms; 0 when the clock has not been set."""
        return NEVER if self._set_ms is None else self._after(self._set_ms, now_us - self._set_at_us)

    def _after(self, unix_ms: int, passed_us: int) -> int:
        passed_ns = passed_us * (_MILLION + self._drift_ppm) // 1000
        return min(LAST_MS, unix_ms + (passed_ns + _MILLION // 2) // _MILLION)
