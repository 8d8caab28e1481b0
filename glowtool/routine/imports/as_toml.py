"""An imported routine as a TOML file that a person can read and change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowtool.routine.written.models import WrittenRoutine


def write_toml(written: WrittenRoutine) -> str:
    """Return the TOML text of a routine; what is as usual is left out."""
    content = written.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    steps = content.pop("steps")
    blocks = ["\n".join(_lines(content)), *("\n".join(["[[steps]]", *_lines(_place_first(step))]) for step in steps)]
    return "\n\n".join(blocks) + "\n"


def _place_first(step: Mapping[str, object]) -> dict[str, object]:
    return {**{key: step[key] for key in ("zone", "side") if key in step}, **step}


def _lines(table: Mapping[str, object]) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{key} = ["
            yield from (f"  {_value(item)}," for item in value)
            yield "]"
        elif isinstance(value, str) and "\n" in value:
            yield f'{key} = """'
            *lines, last = value.split("\n")
            yield from map(_escaped, lines)
            yield f'{_escaped(last)}"""'
        else:
            yield f"{key} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_value(inner)}' for key, inner in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return f'"{_escaped(value)}"'
    return json.dumps(value)


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
