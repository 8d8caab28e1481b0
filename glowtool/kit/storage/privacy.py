"""Private files: created readable by their owner alone, whatever the umask, and closed to others if found open."""

from __future__ import annotations

import errno
import os
import stat
from typing import IO, TYPE_CHECKING, Final, cast

from glowtool.errors import StoreError
from glowtool.kit.storage.ownership import others_can_write, require_ours, user_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_ADMINISTRATOR: Final = 0
_LOOK: Final = "check what it is, and remove it"


def open_private(path: Path, mode: str) -> IO[bytes]:
    """Open a binary file as `open` does; afterwards it has mode 0600, whatever the umask and its earlier mode."""
    return cast("IO[bytes]", open(path, mode, buffering=0 if "+" in mode else -1, opener=_opener))


def read_private(path: Path, limit_bytes: int) -> bytes:
    """Return the content of this user's file: a regular file, no longer than the limit.

    Raises `StoreError` for a link, pipe or device, another user's file, and one that is too long; `OSError` as `open`.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise _not_regular(path) from error
    with os.fdopen(descriptor, "rb") as stream:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _not_regular(path)
        if os.name != "nt" and found.st_uid not in {os.geteuid(), _ADMINISTRATOR}:
            raise _not_yours(path, found.st_uid)
        content = stream.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise StoreError(
            f"{path} is longer than {limit_bytes} bytes; glowtool never writes such a file", advice="move it away"
        )
    return content


def _not_yours(path: Path, uid: int) -> StoreError:
    says = f"{path} belongs to {user_name(uid)}, but only you should have files there"
    return StoreError(says, advice=_LOOK)


def _not_regular(path: Path) -> StoreError:
    return StoreError(f"{path} is not a regular file (a link, a pipe or a device)", advice=_LOOK)


def _opener(path: str, flags: int) -> int:
    descriptor = os.open(path, flags, FILE_MODE)
    found = os.fstat(descriptor)
    if os.name != "nt" and found.st_uid == os.geteuid() and found.st_mode & _OTHERS:  # made by an older version
        os.fchmod(descriptor, FILE_MODE)
    return descriptor


def close_to_others(root: Path, folders: Iterable[str]) -> tuple[str, ...]:
    """Close some folders of a root, and their direct content, to everybody but their owner.

    Returns the names that others could read until now. Raises `StoreError` when something there belongs to somebody
    else, could be written by others, or is not a file, folder or socket: it may not be what its owner left there.
    """
    if os.name == "nt":
        return ()
    open_names: list[str] = []
    for name in folders:
        folder = root / name
        if not folder.is_dir():
            continue
        require_ours(folder)
        reachable = bool(root.stat().st_mode & folder.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH))
        for path in (folder, *sorted(folder.iterdir())):
            found = path.stat() if path == folder else path.lstat()
            _check_entry(path, found, reachable=reachable)
            if found.st_mode & _OTHERS:
                path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
                open_names += [str(path.relative_to(root))] if reachable else []
    return tuple(open_names)


def _check_entry(path: Path, found: os.stat_result, *, reachable: bool) -> None:
    if found.st_uid != os.geteuid():
        raise _not_yours(path, found.st_uid)
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode) or stat.S_ISSOCK(found.st_mode)):
        raise _not_regular(path)
    if reachable and others_can_write(path, found):
        raise StoreError(
            f"others can write to {path}, so its content may not be yours",
            advice=(
                f"if you did not open it to them yourself, remove it; else make it private with `chmod go= '{path}'`"
            ),
        )
