"""The breaking of sentences for a narrow terminal."""

from __future__ import annotations

import os
import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


def fitted(text: str, stream: TextIO) -> str:
    """Return a text with its lines broken at words if the stream is a terminal too narrow for them, else unchanged.

    The rest of a broken line is indented like its beginning, but not like the number of a list.
    """
    columns = _columns(stream)
    if columns is None or all(len(line) <= columns for line in text.splitlines()):
        return text
    return "\n".join(_broken(line, columns) for line in text.split("\n"))


def _broken(line: str, columns: int) -> str:
    if len(line) <= columns:
        return line
    head = re.match(r" *(?:\d{1,3}\. )?", line)
    indent = " " * len(head[0] if head else "")
    return textwrap.fill(line, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _columns(stream: TextIO) -> int | None:
    """Return the width of a stream's terminal; None for anything else, and when the width is unknown."""
    try:
        return (os.get_terminal_size(stream.fileno()).columns or None) if stream.isatty() else None
    except (OSError, ValueError):  # closed, or no descriptor behind it
        return None
