"""A lock that shows whether a process is recording; the operating system releases it when the process dies."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The errors of file systems without locks. There, nothing is protected, and everything works.
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})

#: A lock must be a regular file: a link in its place is not followed, and a pipe does not block.
_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

if sys.platform == "win32":

    def take(descriptor: int) -> bool:  # noqa: ARG001 - the same on every platform
        """Lock nothing: Windows does not remove a file that is open elsewhere, which is protection enough."""
        return True

    def look(descriptor: int) -> bool:  # noqa: ARG001 - the same on every platform
        """Return that no process holds it: nothing is locked."""
        return True

    def wait(descriptor: int) -> None:
        """Wait for nobody: nothing is locked."""

else:
    import fcntl

    def take(descriptor: int) -> bool:
        """Lock an open file for this process; return False when another one holds it."""
        return _locked(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def look(descriptor: int) -> bool:
        """Tell whether no other process holds the lock of an open file; a process that only checks does not count."""
        return _locked(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def wait(descriptor: int) -> None:
        """Lock an open file for this process, as soon as nobody else holds it."""
        _locked(descriptor, fcntl.LOCK_EX)

    def _locked(descriptor: int, how: int) -> bool:
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        return True


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only process in the block, for short changes: others wait. A missing file is made."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
    try:
        wait(descriptor)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock of a file; False when there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _FLAGS)
    except FileNotFoundError:
        return False
    try:
        return not look(descriptor)
    finally:
        os.close(descriptor)
