"""The reference page of the routine format, written from the models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.routine.schema import Node, allowed_by, properties, resolve, routine_json_schema, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = """\
# The routine format

This page is generated from the models in `glowtool/routine`; do not edit it.

A routine is a TOML file in UTF-8. Keys carry their unit: `_s` seconds, `_hz` hertz, `_ua` µA, `_kpa` kPa, `_percent` %.
Names are lower-case, with hyphens. A key that is not on this page is an error, and so is a value out of range:
`glowtool routines validate FILE` lists the problems with their lines, the values and what is allowed. A file has
at most 128 KiB.

A routine that follows this page can still be refused before it is sent: the safety rules decide what is allowed in
which zone. A person's own maximum lowers the outputs.
"""

_TAIL: Final = """\
## How it becomes a program

Each step becomes one step record of the [protocol](protocol.md). Durations are rounded to 1 ms, frequencies to 0.1 Hz,
pressures to 0.01 kPa. `amplitude_percent` is a share of the person's own maximum; `peak_ua` is an absolute value, and
is lowered to the person's maximum if it is higher.

## For editors

`glowtool.routine.routine_json_schema()` returns the JSON Schema (draft 2020-12) of a routine. An editor that knows TOML
can use it to complete keys and mark wrong values.
"""

#: The tables of a routine: heading, where they stand in a file, and the key path that leads to them.
_TABLES: Final = (
    ("The routine", "At the top of the file.", ()),
    ("A step", "Each step begins with `[[steps]]`.", ("steps",)),
    ("Vibration", "In `[steps.vibration]` after the other keys of its step.", ("steps", "vibration")),
    ("Microcurrent", "In `[steps.microcurrent]` after the other keys of its step.", ("steps", "microcurrent")),
)


def render() -> str:
    """Return `docs/reference/routines.md`: every key with what is allowed, its default and its meaning."""
    parts = [_HEAD]
    for heading, place, path in _TABLES:
        parts.append(f"## {heading}\n\n{place}\n\n" + "\n".join(_table(_table_node(path))) + "\n")
    parts.append(_limits())
    parts.append(_TAIL)
    return "\n".join(parts)


def _table_node(path: tuple[str, ...]) -> Node:
    node: Node = routine_json_schema()
    for key in path:
        node = resolve(properties(node)[key])
        if node.get("type") == "array":
            node = resolve(cast("Node", node["items"]))
    return node


def _table(node: Node) -> Iterator[str]:
    required = cast("list[str]", node.get("required", []))
    yield "| key | needed | allowed | meaning |"
    yield "|---|---|---|---|"
    for key, raw in properties(node).items():
        needed = "yes" if key in required else _default(raw)
        inner = resolve(raw)
        yield f"| `{key}` | {needed} | {allowed_by(inner, unit_of(key))} | {inner['description']} |"


def _default(node: Node) -> str:
    value = node.get("default")
    if value is None or value == []:
        return "no"
    return f"no: {value:g}" if isinstance(value, float) else f"no: {value}"


def _limits() -> str:
    massage, step = CEILINGS[CeilingId.MASSAGE_DURATION], CEILINGS[CeilingId.STEP_DURATION]
    place = CEILINGS[CeilingId.PLACE_DWELL]
    return (
        "## Limits over all steps\n\n"
        f"All steps together last at most {massage.value} s ({massage.source}); "
        f"one step lasts at most {step.value} s ({step.source}).\n\n"
        f"One zone is worked for at most {place.value} s ({place.source}). Steps with vibration or microcurrent there\n"
        "add up. Each second without either gives one back: in a step that has neither, on another zone, in a pause.\n"
        "The roller continues to count from one massage to the next, and a loss of power gives nothing back.\n"
    )
