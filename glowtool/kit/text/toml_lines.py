"""The lines of a TOML text's keys; tomllib does not tell them.

This works on texts that tomllib has accepted. Everything in an inline table or array has the line of the key that
holds it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: A place in a TOML file: keys and indices from the root.
Place = tuple[str | int, ...]

_TOKEN: Final = re.compile(
    r'''
      (?P<comment>\#[^\n]*)
    | (?P<string>"""(?:\\.|[^\\])*?"{3,5} | \'\'\'.*?\'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
    | (?P<newline>\n)
    | (?P<open>[\[{])
    | (?P<close>[\]}])
    | (?P<other>[^\#"'\n\[\]{}]+)
    ''',
    re.VERBOSE | re.DOTALL,
)

_KEY: Final = re.compile(
    r"""\s*(?:"(?P<basic>(?:\\.|[^"\\])*)"|'(?P<literal>[^']*)'|(?P<bare>[\w-]+))\s*(?P<dot>\.?)"""
)


def key_lines(text: str) -> dict[Place, int]:
    """Return the line, from 1, of every key and table of a TOML text."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for line, statement in _statements(text):
        if statement.startswith("["):
            table = _resolve(_keys(statement.lstrip("[")), counts, is_array=statement.startswith("[["))
            found.setdefault(table, line)
            if isinstance(table[-1], int):
                found.setdefault(table[:-1], line)
        else:
            place = table
            for key in _keys(statement):
                place = (*place, key)
                found.setdefault(place, line)
    return found


def line_of(lines: Mapping[Place, int], place: Place) -> int | None:
    """Return the line of a place, or of the nearest element that holds it; None when there is none."""
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return None


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text into headers and assignments, each with its first line, without comments."""
    line, begun, depth = 1, 1, 0
    parts: list[str] = []
    for token in _TOKEN.finditer(text + "\n"):
        kind, piece = token.lastgroup, token.group()
        if kind == "newline" and depth == 0:
            statement = "".join(parts).strip()
            if statement:
                yield begun, statement
            parts, begun = [], line + 1
        elif kind != "comment":
            parts.append(piece)
        depth += {"open": 1, "close": -1}.get(kind or "", 0)
        line += piece.count("\n")


def _keys(statement: str) -> list[str]:
    """Return the parts of the dotted key at the head of a statement."""
    keys: list[str] = []
    at = 0
    while (match := _KEY.match(statement, at)) is not None:
        keys.append(match["bare"] or match["literal"] or match["basic"] or "")
        at = match.end()
        if not match["dot"]:
            break
    return keys


def _resolve(keys: list[str], counts: dict[Place, int], *, is_array: bool) -> Place:
    """Turn a header's keys into a place; an array of tables on the way means its newest element."""
    place: Place = ()
    for number, key in enumerate(keys):
        place = (*place, key)
        if is_array and number == len(keys) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place
