"""The owner of the process at the other end of a Unix socket, from the kernel; sockets only their owner can reach."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.kit.storage.privacy import FILE_MODE

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

#: pid, uid and gid, as in `struct ucred`.
_CREDENTIALS: Final = struct.Struct("iII")


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end; None if the system does not tell, since the socket's folder is private anyway."""

    pid: int | None = None
    uid: int | None = None

    @property
    def may_ask(self) -> bool:
        """Whether it is this user's, or the administrator's."""
        return self.uid in {None, 0, os.geteuid()}

    def is_process(self, pid: int | None) -> bool:
        """Tell whether it is this user's process with that number; 0 is a process of another namespace."""
        return self.uid in {None, os.geteuid()} and (pid is None or self.pid in {None, 0, pid})


def peer_of(writer: asyncio.StreamWriter) -> Peer:
    """Return the process at the other end of a stream."""
    connection = writer.get_extra_info("socket")
    option = getattr(socket, "SO_PEERCRED", None)
    if connection is None or option is None:
        return Peer()
    pid, uid, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size))
    return Peer(pid, uid)


def bound_private(path: Path) -> socket.socket:
    """Return a socket bound to a path that only its owner can connect to, whatever the umask; raises `OSError`.

    An existing socket is removed: the caller holds the lock of the place, so a process that died left it.
    """
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        with suppress(OSError):  # Linux gives the file the socket's own mode; for other systems it is changed below
            os.fchmod(bound.fileno(), FILE_MODE)
        bound.bind(os.fspath(path))
        path.chmod(FILE_MODE)  # before anybody can connect: that takes a socket that listens
    except OSError:
        bound.close()
        raise
    return bound
