"""Whether somebody is recording: a lock that the operating system lets go of when its holder dies."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":

    def take(descriptor: int) -> bool:  # noqa: ARG001 - the same on every platform
        """Lock nothing: on Windows a file that is open elsewhere cannot be removed, which is protection enough."""
        return True

else:
    import fcntl

    def take(descriptor: int) -> bool:
        """Lock an open file for this process; False when another one holds it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock of a file; False when there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return not take(descriptor)
    finally:
        os.close(descriptor)
