"""Text from outside, made safe to show: names come from the air, titles and file names from their authors.

A line feed in one would forge a line of ours; control characters and C1 codes are orders to a terminal; bidirectional
marks let a reader see another order than there is. They are shown as what they are, and never carried out.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def visible(text: str) -> str:
    """Return a text as one line of characters that can be seen; the others are shown as in Python's own escapes."""
    return text if text.isprintable() else "".join(map(_seen, text))


def json_line(value: Mapping[str, object]) -> str:
    """Return an object as one line of JSON that a terminal can show; a parser reads the very text that was given."""
    import json  # noqa: PLC0415 - the help is shown without it

    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _seen(letter: str) -> str:
    if letter.isprintable():
        return letter
    if unicodedata.category(letter) == "Zs":
        return " "  # one that is not to be broken at, or of another width
    return letter.encode("unicode_escape").decode("ascii")


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
