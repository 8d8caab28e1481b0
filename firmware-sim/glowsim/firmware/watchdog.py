"""Host silence: the watchdog's decision, as a pure function of times."""

from __future__ import annotations

from typing import Final

from glowtool.model.output import RUN_DOWN_MS
from glowtool.protocol.liveness import latest_heartbeat_ms

RUN_DOWN_US: Final = RUN_DOWN_MS * 1000


def silent_too_long(now_us: int, heard_us: int, watchdog_ms: int) -> bool:
    """Return whether a host last heard at `heard_us` has been silent for too long, so that outputs must fall now."""
    return now_us - heard_us >= latest_heartbeat_ms(watchdog_ms) * 1000
