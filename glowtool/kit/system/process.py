"""The identity of a process: its number may have been reused, and a note about it may be wrong or forged."""

from __future__ import annotations

import enum
import os
import signal
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROC = Path("/proc")

#: Field 22 of /proc/PID/stat, counted after the command's name, which is the second field and may hold any character.
_START_AFTER_NAME = 22 - 3


class Signalled(enum.Enum):
    """The result of sending a signal."""

    SENT = enum.auto()
    GONE = enum.auto()
    """The process no longer exists."""
    NOT_PROVEN = enum.auto()
    """Nothing was sent: there is no proof that the process is the intended one."""


def start_of(pid: int) -> int | None:
    """Return the start of a process in the kernel's ticks since the machine started; None if it is not known."""
    try:
        said = (_PROC / str(pid) / "stat").read_bytes()
        return int(said.rpartition(b")")[2].split()[_START_AFTER_NAME])
    except (OSError, ValueError, IndexError):
        return None


def signal_holder(pid: int, file: Path, started: int | None, number: signal.Signals) -> Signalled:
    """Send a signal to the process of this user that has a file open, if that can be proven; else send none.

    A descriptor holds the process meanwhile, so that its number cannot pass to another one. `started` is the earlier
    value of `start_of`, None if it is not known. Without /proc nothing can be proven.
    """
    try:
        with _held(pid) as descriptor:
            if not is_holder(pid, file, started):
                return Signalled.NOT_PROVEN
            if descriptor is None:
                os.kill(pid, number)
            else:
                signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return Signalled.GONE
    except PermissionError:
        return Signalled.NOT_PROVEN
    return Signalled.SENT


@contextmanager
def _held(pid: int) -> Iterator[int | None]:
    """Hold a process by a descriptor for the time of the block; None if the kernel has none (before Linux 5.3)."""
    descriptor = None
    if hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal"):
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            raise
        except OSError:
            descriptor = None
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def is_holder(pid: int, file: Path, started: int | None) -> bool:
    """Tell whether a process is proven to be this user's, to have that start, and to have the file open."""
    process = _PROC / str(pid)
    try:
        mine = process.stat().st_uid == os.geteuid()
        wanted = file.stat()
    except FileNotFoundError:
        return False
    if not mine or (started is not None and start_of(pid) != started):
        return False
    with suppress(OSError):
        for entry in (process / "fd").iterdir():
            with suppress(OSError):  # closed in the meantime
                if os.path.samestat(entry.stat(), wanted):
                    return True
    return False
