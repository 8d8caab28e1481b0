"""The reference page of the routine format, written from the models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.routine.text import grammar
from glowtool.routine.toml.schema import allowed_by, node_at, properties, resolve, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.kit.text.toml_lines import Place
from glowtool.routine.toml.schema import Node

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

Rests, repeats, mirrors and included routines are written out first: what remains is a list of at most 64 steps, and a
log keeps that. Each step becomes one record of the [protocol](protocol.md), and each of its keyframes another one, with
all four levels; together they are at most 255. Durations are rounded to 1 ms, frequencies to 0.1 Hz, pressures to
0.01 kPa.
Percentages are shares of the person's own maximum; `peak_ua` is an absolute value, and is lowered to the person's
maximum if it is higher. A rest has the zone of the step before it, no outputs, and a band from 0 to 0 kPa.

## For editors

`glowtool routines schema` prints the JSON Schema (draft 2020-12) of a routine; `glowtool routines new` writes it beside
the file that it makes, and names it in the first line of that file: `#:schema routine.schema.json`. An editor that
knows TOML and that line completes keys and marks wrong values. `glowtool.routine.routine_json_schema()` returns it.
"""

_TEXT: Final = """\
## A routine in one line

Where a command takes the name of a routine or a file, it also takes a text:
`glowtool run "cheek L 60s vib 40%@75Hz cur 120uA@10Hz band 2-4; mirror; jaw 90s vib 30%"`. A text says all that a file
can say, but comments; `glowtool routines show NAME --text` and `--toml` turn one into the other without loss.

A text is made of parts with `;` between them. Each part is a step, something in place of a step, or something that
the routine says about itself. `glowtool routines schema --text` shows the same tables.
"""

_TEXT_END: Final = """
What is left out is as in a file. A time is `60s` or `1.5min`; numbers have a point, and stand with their unit. Texts
stand in quotes, with the escapes of JSON. Small and capital letters are alike. A mistake is shown with its column and
with what is allowed there.
"""

_STEP: Final = ("steps", 0, "<step>")

_A_STEP: Final = """\
Each step begins with `[[steps]]`. A step for both sides is done on the left, then on the right, and lasts for
`duration_s` on each; where its words say left or right, they say the side that is worked."""

_A_KEYFRAME: Final = """\
In the list `keyframes` of a step, in order of time: `keyframes = [{ at_s = 10, amplitude_percent = 60 }]`. The step's
own levels are those of its beginning. Between two keyframes that name a level it goes in a straight line, and after
the last one it holds. An output that begins later has a level of 0 in its table."""

_A_MIRROR: Final = """\
In place of a step. The steps of its list since the last mirror that are on one side come once more, on the other side,
with left and right exchanged in their words, and so do the rests between them. Steps for both sides and for zones in
the middle do not."""

#: The tables of a routine: heading, where they stand in a file, and the place that leads to them.
_TABLES: Final[tuple[tuple[str, str, Place], ...]] = (
    ("The routine", "At the top of the file.", ()),
    ("A step", _A_STEP, _STEP),
    ("Vibration", "In `[steps.vibration]` after the other keys of its step.", (*_STEP, "vibration")),
    ("Microcurrent", "In `[steps.microcurrent]` after the other keys of its step.", (*_STEP, "microcurrent")),
    ("A keyframe", _A_KEYFRAME, (*_STEP, "keyframes", 0)),
    (
        "A timed cue",
        'In the list `cues` of a step, in order of time: `cues = [{ at_s = 15, text = "A little higher" }]`.',
        (*_STEP, "cues", 0),
    ),
    ("A rest", "In place of a step: `rest_s` and no zone.", ("steps", 0, "<rest>")),
    (
        "A repeat",
        "In place of a step: the steps of one round are `[[steps.steps]]` after it, and may be repeats again.",
        ("steps", 0, "<repeat>"),
    ),
    ("A mirror", _A_MIRROR, ("steps", 0, "<mirror>")),
    (
        "An included routine",
        "In place of a step. Included routines may include others, but none that leads back.",
        ("steps", 0, "<include>"),
    ),
    ("Evidence", "Each begins with `[[evidence]]`, before the steps.", ("evidence", 0)),
)


def render() -> str:
    """Return `docs/reference/routines.md`: every key with what is allowed, its default and its meaning."""
    parts = [_HEAD]
    for heading, place, path in _TABLES:
        parts.append(f"## {heading}\n\n{place}\n\n" + "\n".join(_table(_table_node(path))) + "\n")
    parts.append(_limits())
    parts.append("".join(_text()))
    parts.append(_TAIL)
    return "\n".join(parts)


def _table_node(path: Place) -> Node:
    node = node_at(path)
    if node is None:
        raise AssertionError(f"the format has no {path}")
    return node


def _table(node: Node) -> Iterator[str]:
    required = cast("list[str]", node.get("required", []))
    yield "| key | needed | allowed | meaning |"
    yield "|---|---|---|---|"
    for key, raw in properties(node).items():
        needed = "yes" if key in required else _default(raw)
        inner = resolve(raw)
        yield f"| `{key}` | {needed} | {allowed_by(inner, unit_of(key))} | {inner['description']} |"


def _text() -> Iterator[str]:
    """Yield the section on the text form, from the tables of its grammar."""
    yield _TEXT
    for title, forms in grammar.TABLES.items():
        yield f"\n| {title} | example | in a file |\n|---|---|---|\n"
        for form in forms:
            cells = (f"`{form.form}`", f"`{form.example}`", form.meaning)
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
    yield _TEXT_END


def _default(node: Node) -> str:
    value = node.get("default")
    if value is None or value == []:
        return "no"
    if isinstance(value, list):
        return f"no: {' to '.join(f'{each:g}' for each in value)}"
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
