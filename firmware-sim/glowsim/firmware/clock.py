"""The device's clock: it knows UTC only after a host has told it."""

from __future__ import annotations

from typing import Final

NEVER: Final = 0
MS_PER_DAY: Final = 86_400_000


class Clock:
    """UTC by the device, counted on from what was set last."""

    def __init__(self) -> None:
        self._set_ms: int | None = None
        self._set_at_us = 0

    @property
    def known(self) -> bool:
        """Whether the clock was set since power-on."""
        return self._set_ms is not None

    def put(self, now_us: int, unix_ms: int) -> None:
        """Set the clock."""
        self._set_ms, self._set_at_us = unix_ms, now_us

    def unix_ms(self, now_us: int) -> int:
        """Return UTC in ms; 0 when it was never set."""
        if self._set_ms is None:
            return NEVER
        return min(0xFFFF_FFFF_FFFF_FFFF, self._set_ms + (now_us - self._set_at_us) // 1000)

    def day(self, now_us: int) -> int | None:
        """Return the number of the UTC day since 1970, or None when the clock was never set."""
        return self.unix_ms(now_us) // MS_PER_DAY if self.known else None
