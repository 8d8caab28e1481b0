"""The writing of a written routine as TOML, from which the same routine is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from glowtool.routine.toml.schema import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.routine.written.models import WrittenRoutine

#: A table of a routine, as pydantic dumps it.
Table = dict[str, object]

#: What a basic string of TOML has to escape, and what nobody would see in an editor.
_ESCAPED: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}

#: A line of the file that an editor reads.
DIRECTIVE: Final = "#:schema {}\n"

_MANY_QUOTES: Final = re.compile('"(?="|$)')


def write_toml(routine: WrittenRoutine, schema: str = "") -> str:
    """Return a routine as TOML; what it leaves at its default is left out.

    `schema` is where editors find the JSON Schema, by the directive in the first line.
    """
    content = cast("Table", routine.model_dump(mode="json", exclude_defaults=True))
    lines = [DIRECTIVE.format(schema)] if schema else []
    lines += _keys({key: value for key, value in content.items() if key not in {"steps", "evidence"}})
    for key in ("evidence", "steps"):
        lines += _tables(cast("list[Table]", content.get(key, [])), key)
    return "".join(lines)


def _tables(tables: list[Table], path: str) -> Iterator[str]:
    for table in tables:
        yield f"\n[[{path}]]\n"
        yield from _keys({key: value for key, value in table.items() if key != "steps"})
        yield from _tables(cast("list[Table]", table.get("steps", [])), f"{path}.steps")


def _keys(table: Table) -> Iterator[str]:
    return (f"{key} = {_long(value)}\n" for key, value in in_order(table).items())


def _long(value: object) -> str:
    """Return a value that has lines of its own."""
    if isinstance(value, str) and "\n" in value:
        return f'"""\n{_MANY_QUOTES.sub(_QUOTE, "".join(map(_in_lines, value)))}"""'
    if isinstance(value, list) and value and not isinstance(value[0], int | float):
        return "[\n" + "".join(f"  {_short(item)},\n" for item in value) + "]"
    return _short(value)


_QUOTE: Final = '\\\\"'


def _in_lines(character: str) -> str:
    return character if character in {"\n", "\t", '"'} else _escaped(character)


def _short(value: object) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {_short(item)}" for key, item in in_order(cast("Table", value)).items())
        return f"{{ {inside} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_short, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(int(value)) if value == int(value) else repr(value)
    return f'"{"".join(map(_escaped, str(value)))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
