"""A clock that runs evenly from the start of the machine on, sleep included, and that nobody can set."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Steady:
    """Seconds since a start of the machine, and the name of that start; empty where the system has no such clock."""

    boot: str = ""
    time_s: float = 0.0


def steady_now() -> Steady:
    """Return the time by that clock."""
    boot = _boot()
    if not boot or not hasattr(time, "CLOCK_BOOTTIME"):
        return Steady()
    return Steady(boot, round(time.clock_gettime(time.CLOCK_BOOTTIME), 3))


@cache
def _boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii")[:_LONGEST].strip()
    except (OSError, ValueError):
        return ""
