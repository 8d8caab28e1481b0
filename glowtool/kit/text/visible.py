"""Text from outside, made safe to show: names come from the air, titles and file names from their authors.

A line feed in one would forge a line of ours; control characters and C1 codes are commands to a terminal;
bidirectional marks show a reader another order. Such characters are shown as escapes, and never take effect.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def visible(text: str) -> str:
    """Return a text as one line of visible characters; the others are shown as Python's escapes."""
    return text if text.isprintable() else "".join(map(_seen, text))


def json_line(value: Mapping[str, object]) -> str:
    """Return an object as one line of JSON that is safe on a terminal; a parser reads exactly the given text."""
    import json  # noqa: PLC0415 - the help is shown without it

    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _seen(letter: str) -> str:
    if letter.isprintable():
        return letter
    if unicodedata.category(letter) == "Zs":
        return " "  # a space that does not break, or one of another width
    return letter.encode("unicode_escape").decode("ascii")


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
