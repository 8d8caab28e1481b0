"""The place of a reader in a text, and the tables that it fills, with the column of each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.kit.text.nearest import closest
from glowtool.kit.text.spelled import quoted
from glowtool.routine.text.grammar import forms_of
from glowtool.routine.text.lexer import Kind, MistakeError, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glowtool.kit.text.toml_lines import Place
    from glowtool.routine.text.grammar import Form
    from glowtool.routine.text.lexer import Token

#: A table of a routine's file, while it is being filled.
Table = dict[str, object]

_LONGEST = 40


class Cursor:
    """One pass over the tokens of a text; the tables that it fills are as a file has them."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens_of(text))
        self._at = 0
        #: The columns of items and keys.
        self.columns: dict[Place, int] = {}

    @property
    def next(self) -> Token:
        """The token that comes."""
        return self._tokens[self._at]

    def comes(self, *words: str) -> bool:
        """Return whether one of these words comes; without words: any word or text."""
        token = self.next
        if not words:
            return token.kind in {Kind.WORD, Kind.TEXT}
        return token.kind is Kind.WORD and token.value.lower() in words

    def take(self) -> Token:
        """Return the token that comes, and go on; the end comes again and again."""
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def word(self, after: Token, forms: tuple[Form, ...]) -> Token:
        """Return the word that comes after a word of the grammar."""
        return self._value(Kind.WORD, after, forms)

    def text(self, after: Token, forms: tuple[Form, ...]) -> str:
        """Return the text in quotes that comes after a word of the grammar."""
        return self._value(Kind.TEXT, after, forms).value

    def _value(self, kind: Kind, after: Token, forms: tuple[Form, ...]) -> Token:
        token = self.take()
        if token.kind is not kind:
            needed = "a text in quotes" if kind is Kind.TEXT else "a word"
            raise odd(token, f"is not {needed} after {after.value}", forms_of(after.value.lower(), forms))
        return token

    def put(self, table: Table, place: Place, key: str, value: object, token: Token) -> None:
        """Put a value into a table, once."""
        if key in table:
            raise odd(token, f"says the {key} a second time", "once")
        table[key] = value
        self.columns[*place, key] = token.column

    def put_table(
        self, table: Table, place: Place, key: str, values: Mapping[str, tuple[object, int]], token: Token
    ) -> None:
        """Put a table of values, each with its column, into a table, once."""
        inner: Table = {}
        self.put(table, place, key, inner, token)
        self.fill(inner, (*place, key), values)

    def fill(self, table: Table, place: Place, values: Mapping[str, tuple[object, int]]) -> None:
        """Put values, each with its column, into a table."""
        for key, (value, column) in values.items():
            table[key] = value
            self.columns[*place, key] = column

    def append(self, table: Table, place: Place, key: str, value: object, token: Token) -> Place:
        """Append a value to a list of a table, and return its place."""
        found = table.setdefault(key, [])
        if not isinstance(found, list):
            raise TypeError(f"{key} is no list")
        where = (*place, key, len(found))
        found.append(value)
        self.columns[where] = token.column
        return where


def odd(token: Token, what: str, allowed: str, near: Iterable[str] = ()) -> MistakeError:
    """Return the mistake of a token that cannot stand where it stands; `near` are the words that could."""
    value = {Kind.END: "the end", Kind.TEXT: quoted(token.value)}.get(token.kind, token.value)
    shown = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    suggestion = closest(token.value, near) if token.kind is Kind.WORD else None
    return MistakeError(token.column, what, allowed, value=shown, suggestion=suggestion)
