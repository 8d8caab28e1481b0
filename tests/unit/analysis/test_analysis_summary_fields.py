"""The JSON of a summary tells every field of it, so that no field can change without the JSON changing."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from glowtool.analysis.analyse import analyse
from glowtool.analysis.summary import BadCell, SessionSummary
from glowtool.stream.layout import Layout
from glowtool.stream.quality.kinds import CellFaultKind
from support.logs.recordings import massage
from support.logs.streams import LAYOUT

#: What the summary's quality holds as well, from which the JSON takes it.
TOLD_ELSEWHERE = ("facts.counters", "facts.damage", "facts.failed_cells")


CELLS = [cell.channel for cell in LAYOUT.cells]


def whole() -> SessionSummary:
    """Return a summary in which everything happened that one can hold."""
    made = analyse(massage())
    quality = replace(
        made.quality,
        lost_samples=300,
        gaps=2,
        interrupted_s=2.5,
        bridged_strokes=1,
        bridged_s=0.2,
        saturated_share={CELLS[0]: 0.25},
        bad_cells=(BadCell(CELLS[1], CellFaultKind.STUCK, "did not move", 1.5),),
        damage=("The end is missing.",),
    )
    return replace(made, quality=quality)


def otherwise(value: Any) -> Any:
    """Return another value of the same kind."""
    match value:
        case enum.Enum():
            return next(member for member in type(value) if member is not value)
        case Layout():
            return replace(value, heads=value.heads[::-1])
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str() if value in CELLS:
            return next(cell for cell in CELLS if cell != value)
        case str():
            return f"{value} x"
        case tuple():
            return (*map(otherwise, value[:1]), *value[1:])
    return 1.0  # nothing was measured


def changes(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every way to change one thing in a value, with the path of that thing."""
    if is_dataclass(value) and not isinstance(value, Layout | type):
        for item in fields(value):
            for where, other in changes(getattr(value, item.name), f"{path}.{item.name}"):
                yield where, replace(value, **{item.name: other})
    elif isinstance(value, Mapping):
        yield path, {**value, "x": 1}
        for key, each in value.items():
            yield f"{path}.{key}", {**value, key: otherwise(each)}
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        yield path, value[1:]
        for where, other in changes(value[0], f"{path}[0]"):
            yield where, (other, *value[1:])
    else:
        yield path, otherwise(value)


SUMMARY = whole()
CHANGES = {where.removeprefix("."): other for where, other in changes(SUMMARY, "")}


def test_everything_in_a_summary_is_changed() -> None:
    assert {where.partition(".")[0].partition("[")[0] for where in CHANGES} == {
        item.name for item in fields(SessionSummary)
    }
    assert len(CHANGES) > 150


def test_no_field_changes_unseen() -> None:
    told = SUMMARY.to_json()
    unseen = {where for where, other in CHANGES.items() if other.to_json() == told}
    assert not {where for where in unseen if not where.startswith(TOLD_ELSEWHERE)}
