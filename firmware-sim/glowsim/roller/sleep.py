"""The sleep of a roller: after an orderly end of glowsim, the roller still has power, so its crystal runs on.

The time asleep is measured by the machine's uptime, which nobody can set. Across a restart of the machine, only the
uptime since then counts. Killing glowsim is a loss of power, after which the time is unknown.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import FlashBrokenError, FlashFullError
from glowsim.time.virtual_time import VirtualTimeLoop

if TYPE_CHECKING:
    from glowsim.firmware.retained.memory import Memory

#: The section of the memory with the time at which the roller fell asleep.
REST: Final = "rest"

_UPTIME: Final = Path("/proc/uptime")
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def uptime() -> tuple[str, int] | None:
    """Return the identifier of this start of the machine, and its uptime in s; None where the system gives neither.

    In virtual time the roller never sleeps, so that the same scenario always leaves the same bytes.
    """
    if isinstance(asyncio.get_running_loop(), VirtualTimeLoop):
        return None
    try:
        return _BOOT_ID.read_text("ascii").strip(), int(float(_UPTIME.read_text("ascii").split()[0]))
    except (OSError, ValueError, IndexError):
        return None


def fall_asleep(memory: Memory) -> None:
    """Note that the roller sleeps from now on; raises the errors of a write to the flash."""
    now = uptime()
    if now is not None:
        boot, up_s = now
        memory.save({REST: {"boot": boot, "up_s": up_s}})


def wake(memory: Memory) -> int:
    """Return how many seconds the roller has slept, and clear the note, so that they count once."""
    kept, now = memory.load().get(REST), uptime()
    if not isinstance(kept, dict):
        return 0
    try:
        memory.records.delete(Kind.REST, 0)
    except (FlashFullError, FlashBrokenError):
        return 0
    if now is None:
        return 0
    boot, since_s = kept.get("boot"), kept.get("up_s")
    if boot != now[0]:
        return now[1]
    return max(0, now[1] - since_s) if type(since_s) is int else 0
