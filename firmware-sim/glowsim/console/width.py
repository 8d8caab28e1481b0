"""Wrapping of sentences for a narrow terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


def fitted(text: str, stream: TextIO) -> str:
    """Return a text; its lines are broken between words if the stream is a terminal too narrow for them."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
    except (OSError, ValueError):  # closed, or no descriptor behind it
        return text
    if not columns or all(len(line) <= columns for line in text.split("\n")):
        return text
    import textwrap

    wrapper = textwrap.TextWrapper(columns, break_long_words=False, break_on_hyphens=False)
    return "\n".join(wrapper.fill(line) if len(line) > columns else line for line in text.split("\n"))
