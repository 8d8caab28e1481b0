"""An output file that a person names: only a regular file is ever replaced, and only on request.

A pipe and a device are written into, and a link is followed: whoever names one means what it leads to. To put another
file in its place would break it, which for a device breaks the machine.
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
    """Have `write` fill what a person named; a regular file appears as a whole or not at all, with mode 0600.

    Raises `InputError` when it is there already and `force` does not say to replace it, or when it is nothing that can
    be written to; `StoreError` when the system does not take it.
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
            # No O_CREAT: should it be gone by now, nothing takes its place.
            with os.fdopen(os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), "wb") as stream:
                write(stream)
        else:
            raise InputError(
                f"{path} is {_kind(found.st_mode)}", advice="allowed: a new file, a pipe, or - for standard output"
            )


def _status(path: Path) -> os.stat_result | None:
    """Return what a path leads to; None where nothing is there yet, also at the end of a link."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _is_standard_output(found: os.stat_result) -> bool:
    """Return whether it is what standard output leads to, as for /dev/stdout: opened anew, its place would be lost."""
    with suppress(OSError, ValueError):
        return stat.S_ISREG(found.st_mode) and os.path.samestat(found, os.fstat(sys.stdout.fileno()))
    return False


def _require_leave(path: Path, found: os.stat_result, *, force: bool) -> None:
    is_empty_behind_link = path.is_symlink() and found.st_size == 0
    if not force and not is_empty_behind_link:
        where = f"{path} leads to {path.resolve()}, which" if path.is_symlink() else f"{path}"
        raise InputError(f"{where} exists already", advice="--force replaces it, or name another file")


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a block device, and glowtool overwrites no disk" if stat.S_ISBLK(mode) else "no file"
