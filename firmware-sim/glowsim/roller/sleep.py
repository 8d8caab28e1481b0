"""A roller asleep: when glowsim ends in order its roller is not without power, so its crystal runs on.

How long it slept is read from the time since this machine was started, which nobody can set. Over a restart of the
machine the time since then counts. A glowsim that was killed is a loss of power: nothing of the time is known.
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

#: The section of the memory that says since when the roller sleeps.
REST: Final = "rest"

_UPTIME: Final = Path("/proc/uptime")
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def uptime() -> tuple[str, int] | None:
    """Return which start of the machine this is and for how many seconds it has run since; None where none tells.

    In virtual time nobody sleeps, so that the same scenario always leaves the same bytes.
    """
    if isinstance(asyncio.get_running_loop(), VirtualTimeLoop):
        return None
    try:
        return _BOOT_ID.read_text("ascii").strip(), int(float(_UPTIME.read_text("ascii").split()[0]))
    except (OSError, ValueError, IndexError):
        return None


def fall_asleep(memory: Memory) -> None:
    """Note that the roller sleeps from now on; raises as every write to the flash does."""
    now = uptime()
    if now is not None:
        boot, up_s = now
        memory.save({REST: {"boot": boot, "up_s": up_s}})


def wake(memory: Memory) -> int:
    """Return for how many seconds the roller has slept, and forget it, so that they count once."""
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
