"""TOML files from people: opening one of the wrong kind never waits, and none is read further than its bound."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError
from glowtool.kit.text.toml import toml_error

if TYPE_CHECKING:
    from pathlib import Path

#: Forty times the longest routine or scenario that comes with glowtool.
LIMIT_BYTES: Final = 128 * 1024

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)

#: The first bytes of a text in UTF-16.
_UTF16: Final = frozenset((b"\xff\xfe", b"\xfe\xff"))


def read_toml_text(path: Path, limit_bytes: int = LIMIT_BYTES) -> str:
    """Return the text of a regular file, without a byte order mark; raises `InputError`, with a line if there is one.

    Raises `OSError` as `open` does.
    """
    _require_regular(path.stat())  # some devices do something when they are opened
    with os.fdopen(os.open(path, _FLAGS), "rb") as stream:
        _require_regular(os.fstat(stream.fileno()))
        content = stream.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise InputError(f"it is longer than the {limit_bytes // 1024} KiB that are allowed")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        other = "; it is UTF-16: save it as UTF-8" if content[:2] in _UTF16 else ""
        raise toml_error(f"this is not UTF-8 text{other}", line) from error


def _require_regular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"it is {_kind(found.st_mode)}")


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a device" if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else "a socket"
