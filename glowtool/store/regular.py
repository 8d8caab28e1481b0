"""The reading of files from an untrusted place: only regular files, no links, bounded in size, never blocking.

A log is a folder that may come from elsewhere. A link in it would make us read or rewrite something outside, a named
pipe would block us for ever, and a device has no end.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogDamagedError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
#: Windows lacks these; there they are 0.
FLAGS: Final = _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_FOLDER: Final = os.O_RDONLY | _NO_LINK | getattr(os, "O_DIRECTORY", 0)
_PIECE_BYTES: Final = 1 << 20
_BY_FOLDER: Final = os.open in os.supports_dir_fd


def open_regular(path: Path, most_bytes: int) -> BinaryIO:
    """Open a regular file of a real folder for reading; neither the file nor its folder may be a link.

    Raises `OSError` (such as `FileNotFoundError`), and `LogDamagedError` for anything but a regular file of at most
    `most_bytes`.
    """
    descriptor = _open(path)
    try:
        _check(path, os.fstat(descriptor), most_bytes)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path, most_bytes: int) -> bytes:
    """Return the content of a regular file, as `open_regular` opens it; a file that grows is cut at the bound."""
    with open_regular(path, most_bytes) as stream:
        return stream.read(most_bytes)


def sha256_of_regular(path: Path, most_bytes: int) -> str:
    """Return the SHA-256 of a regular file's content, as `open_regular` opens it, in hexadecimal."""
    with open_regular(path, most_bytes) as stream:
        digest = hashlib.sha256()
        while piece := stream.read(_PIECE_BYTES):
            digest.update(piece)
        return digest.hexdigest()


def is_real_folder(path: Path) -> bool:
    """Tell whether a path is a folder and not a link to one; False when it cannot be examined."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _check(path: Path, found: os.stat_result, most_bytes: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise LogDamagedError(f"{path} is not a regular file", advice="move it away")
    if found.st_size > most_bytes:
        raise LogDamagedError(
            f"{path} has {found.st_size} bytes, but at most {most_bytes} are read", advice="move it away"
        )


def _open(path: Path) -> int:
    if not _BY_FOLDER:
        if path.is_symlink() or path.parent.is_symlink():
            raise _link(path)
        return os.open(path, os.O_RDONLY | FLAGS)
    try:
        folder = os.open(path.parent, _FOLDER)
    except OSError as error:
        raise _meant(error, path.parent) from error
    try:
        return os.open(path.name, os.O_RDONLY | FLAGS, dir_fd=folder)
    except OSError as error:
        raise _meant(error, path) from error
    finally:
        os.close(folder)


def _meant(error: OSError, path: Path) -> Exception:
    """Return the meaning of an error: a link gives ELOOP, or ENOTDIR in place of a folder; a socket gives ENXIO."""
    if path.is_symlink():
        return _link(path)
    if error.errno == errno.ENXIO:
        return LogDamagedError(f"{path} is not a regular file", advice="move it away")
    return type(error)(error.errno, error.strerror, str(path))


def _link(path: Path) -> LogDamagedError:
    return LogDamagedError(f"{path} is a link, but links in a log are not followed", advice="put the real file there")
