"""The reference page of the built-in routines: what each is for, what it uses, and what is known behind it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from glowtool.model.names import words_of
from glowtool.routine import Goal, compile_routine
from glowtool.routine.preview.drawing import draw
from glowtool.routine.preview.timeline import timeline_of
from glowtool.store.routines.load import builtin_names, load_routine
from glowtool.store.routines.outline import outline_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.routine import Routine
    from glowtool.routine.models import Evidence

_HEAD: Final = """\
# The built-in routines

This page is generated from the files in `glowtool/routine/library`; do not edit it.

The plain name is the short form; `-long` is the full one, and `-vibration` the one without microcurrent. `glowtool
routines preview NAME` shows a routine over time before it is felt. What a routine says of studies is what they found,
their size, and who paid where that is known. None of them promises a medical effect: this is a wellness tool, not a
medical device.
"""


def render() -> str:
    """Return `docs/reference/library.md`: a table of all, then each goal with its routines and what is behind them."""
    routines = [load_routine(name) for name in builtin_names()]
    goals = [goal for goal in Goal if any(routine.goal is goal for routine in routines)]
    return "\n".join([_HEAD, *(line for goal in goals for line in _goal(goal, routines))])


def picture() -> str:
    """Return `docs/preview.svg`, a routine with keyframes and cues as `glowtool routines preview --svg` draws it."""
    routine = load_routine("muscle-lift")
    return draw(timeline_of(routine, compile_routine(routine)))


def _goal(goal: Goal, routines: list[Routine]) -> Iterator[str]:
    yield f"## {words_of(goal).capitalize()}\n"
    for routine in routines:
        if routine.goal is goal:
            yield f"### {routine.name}\n"
            yield f"{timeline_of(routine, compile_routine(routine)).facts}.\n"
            yield f"{' '.join(routine.description.split())}\n"
            yield from (f"- {source}" for source in routine.sources)
            yield from map(_evidence, routine.evidence)
            yield ""


def _evidence(known: Evidence) -> str:
    people = f"; {known.participants} people" if known.participants else ""
    paid = f"; paid for by {known.funded_by}" if known.funded_by else ""
    return f"- {known.claim} ({known.source}{people}{paid})"


def table() -> str:
    """Return `glowtool/store/routines/built_in.json`: what a list says of the built-in routines, a line for each."""
    outlines = (asdict(outline_of(load_routine(name))) for name in builtin_names())
    lines = ",\n".join(f"  {json.dumps(outline, ensure_ascii=False)}" for outline in outlines)
    return f"[\n{lines}\n]\n"
