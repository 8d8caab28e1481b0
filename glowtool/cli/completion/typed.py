"""A line as it is typed in bash, whose quotes may still be open, and words as bash takes them back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What needs a backslash in bash, within double quotes and outside of quotes.
_IN_QUOTES: Final = re.compile(r'[\\"$`]')
_ODD: Final = re.compile(r"[^\w@%+=:,./-]")


def split(line: str) -> tuple[list[str], str, str]:
    """Return the words before the last one, the last one, and the quotation mark that is still open in it, or none."""
    words: list[str] = []
    word, quote, begun = "", "", False
    letters = iter(line)
    for letter in letters:
        if quote:
            if letter == quote:
                quote = ""
            elif letter == "\\" and quote == '"':
                word += next(letters, "")
            else:
                word += letter
        elif letter in "'\"":
            quote, begun = letter, True
        elif letter == "\\":
            word, begun = word + next(letters, ""), True
        elif letter in " \t\n":
            if word or begun:
                words.append(word)
            word, begun = "", False
        else:
            word += letter
    return words, word, quote


def in_bash(whole: str, last: str, arguments: Sequence[str], quote: str) -> str:
    """Return a word as bash takes it back: without what stands before its last break, such as a colon, and quoted.

    `last` is the word as typed, and the argument is the end of it that bash takes for the word.
    """
    end = (arguments[0] if arguments else "").strip("'\"")
    end = "" if end in {":", "="} else end
    before = len(last) - len(end) if end and last.endswith(end) else len(last) if not end else 0
    piece = whole[before:]
    if quote == "'":
        return piece.replace("'", "'\\''")
    odd = _IN_QUOTES if quote else _ODD
    return odd.sub(lambda found: f"\\{found[0]}", piece)
