"""Host silence: the watchdog's decision, as a pure function of times."""

from __future__ import annotations

from typing import Final

#: A motor that is shorted stands still after this long. The watchdog trips earlier by as much, so that all is still in
#: time.
RUN_DOWN_US: Final = 100_000


def silent_too_long(now_us: int, heard_us: int, watchdog_ms: int) -> bool:
    """Return whether a host last heard at `heard_us` is silent for so long that outputs must fall now."""
    return now_us - heard_us >= watchdog_ms * 1000 - RUN_DOWN_US
