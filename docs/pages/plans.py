"""The reference page of plans: their file format, and those that come with glowtool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.model.names import name_of
from glowtool.routine.plans.models import Phase, Plan
from glowtool.routine.plans.parse import allowed
from glowtool.store.plans.load import builtin_plan_names, load_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

_HEAD = """\
# Plans

Generated from the models in `glowtool/routine/plans/` and the plans in its `library/` by `make docs`.
How a plan is followed, and what counts: [follow a plan](../how-to/follow-a-plan.md)."""


def render() -> str:
    """Return `docs/reference/plans.md`."""
    lines = [_HEAD, "", "## The file", "", *_table(Plan), "", "`[[phases]]`, each:", "", *_table(Phase), ""]
    lines += ["## The plans that come with glowtool", ""]
    for name in builtin_plan_names():
        lines += [*_plan(load_plan(name)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield "| key | allowed | meaning |"
    yield "| --- | --- | --- |"
    for key, field in model.model_fields.items():
        needed = "" if field.is_required() else "; may be left out"
        yield f"| `{key}` | {allowed(key)}{needed} | {field.description} |"


def _plan(plan: Plan) -> Iterator[str]:
    yield f"### `{plan.name}`"
    yield ""
    yield f"{plan.title}. Goal: {name_of(plan.goal)}. {plan.weeks} weeks."
    for paragraph in plan.description.strip().split("\n\n"):
        yield ""
        yield " ".join(paragraph.split())
    yield ""
    yield "| phase | weeks | missed day | day 1 | 2 | 3 | 4 | 5 | 6 | 7 |"
    yield f"|{' --- |' * 10}"
    for phase in plan.phases:
        yield f"| {phase.title} | {phase.weeks} | {name_of(phase.missed)} | {' | '.join(phase.days)} |"
    for source in plan.sources:
        yield ""
        yield f"Source: {source}."
