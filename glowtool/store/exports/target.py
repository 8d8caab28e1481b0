"""An output file that a person names: only a regular file is ever replaced, and only on request.

A pipe and a device are written into, and a link is followed: a person who names one means its target. Putting another
file in its place would break it, and for a device that breaks the machine.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from glowtool.errors import InputError
from glowtool.kit.storage.files import make_folder, storing, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO


def write_to(path: Path, write: Callable[[BinaryIO], object], *, force: bool) -> None:
    """Let `write` fill the target that a person named; a regular file appears whole or not at all, with mode 0600.

    Raises `InputError` when the file exists and `force` is not set, or when the target cannot be written to;
    `StoreError` when the system refuses the write.
    """
    with storing(f"write {path}"):
        found = _status(path)
        if found is None:
            make_folder(path.resolve().parent)
            write_atomic(path.resolve(), write)
        elif _is_standard_output(found):
            write(sys.stdout.buffer)
            sys.stdout.buffer.flush()
        elif stat.S_ISREG(found.st_mode):
            _require_leave(path, found, force=force)
            write_atomic(path.resolve(), write)
        elif stat.S_ISFIFO(found.st_mode) or stat.S_ISCHR(found.st_mode):
            # No O_CREAT: if it is gone by now, nothing replaces it.
            with os.fdopen(os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), "wb") as stream:
                write(stream)
        else:
            raise InputError(
                f"{path} is {_kind(found.st_mode)}", advice="give a new file, a pipe, or - for standard output"
            )


def _status(path: Path) -> os.stat_result | None:
    """Return the status of a path's target; None when there is nothing yet, also at the end of a link."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _is_standard_output(found: os.stat_result) -> bool:
    """Return whether it is the target of standard output, as for /dev/stdout: reopening it would lose the position."""
    with suppress(OSError, ValueError):
        return stat.S_ISREG(found.st_mode) and os.path.samestat(found, os.fstat(sys.stdout.fileno()))
    return False


def _require_leave(path: Path, found: os.stat_result, *, force: bool) -> None:
    is_empty_behind_link = path.is_symlink() and found.st_size == 0
    if not force and not is_empty_behind_link:
        where = f"{path} leads to {path.resolve()}, which" if path.is_symlink() else f"{path}"
        raise InputError(f"{where} exists already", advice="name another file, or replace it with --force")


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a block device, and glowtool does not overwrite disks" if stat.S_ISBLK(mode) else "not a file"
