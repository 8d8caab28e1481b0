"""The cutting of a text into words, texts in quotes, and signs, each with its column."""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(enum.Enum):
    """The kinds of tokens."""

    WORD = enum.auto()
    TEXT = enum.auto()
    BETWEEN = enum.auto()
    OPEN = enum.auto()
    CLOSE = enum.auto()
    END = enum.auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a text or a sign; `column` counts from 1."""

    kind: Kind
    value: str
    column: int


class MistakeError(Exception):
    """A mistake in the text, at one of its columns; it does not leave this package."""

    def __init__(self, column: int, what: str, allowed: str, value: str = "", suggestion: str | None = None) -> None:
        super().__init__(what)
        self.problem = Problem(column=column, what=what, allowed=allowed, value=value, suggestion=suggestion)


#: A number and its unit, and what is glued to it by @ or ~, are one word, with spaces around these signs or without.
_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<between>;)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<word>
        \d[^\s;()"@~]*  (?:\s+(?:s|min|%|[uµμ]A|Hz|kPa)(?![^\s;()@~]))?
        (?:\s*[@~]\s*[^\s;()"@~]+  (?:\s+Hz(?![^\s;()@~]))?)*
      | [^\s;()"]+
      )
    """,
    re.VERBOSE | re.DOTALL,
)

_KINDS: Final = {
    "text": Kind.TEXT,
    "between": Kind.BETWEEN,
    "open": Kind.OPEN,
    "close": Kind.CLOSE,
    "word": Kind.WORD,
}


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, then one that is its end; raises `MistakeError`."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise MistakeError(at + 1, "is a text without its end", 'a second "', value=_shown(text[at:]))
        kind = found.lastgroup or ""
        if kind != "space":
            value = _unquoted(found[0], at + 1) if kind == "text" else found[0]
            yield Token(_KINDS[kind], value, at + 1)
        at = found.end()
    yield Token(Kind.END, "", len(text) + 1)


def _unquoted(text: str, column: int) -> str:
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        allowed = 'the escapes of JSON, such as \\" and \\n'
        raise MistakeError(column, "has an escape that is none", allowed, value=_shown(text)) from None


def _shown(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"
