"""The way back: a flat routine as a written one of the same steps; only words that are too long are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.routine.fields import CUE_LENGTH, TITLE_LENGTH
from glowtool.routine.head import Head
from glowtool.routine.steps import StepBase
from glowtool.routine.written.models import Rest, WrittenRoutine, WrittenStep
from glowtool.routine.written.places import place_of
from glowtool.routine.written.words import cue_of, title_of

if TYPE_CHECKING:
    from glowtool.routine.models import Routine, Step


def written_of(routine: Routine) -> WrittenRoutine:
    """Return the written routine of these steps, one item for each."""
    head = {name: getattr(routine, name) for name in Head.model_fields}
    return WrittenRoutine(**head, steps=tuple(map(item_of, routine.steps)))


def item_of(step: Step) -> WrittenStep | Rest:
    """Return a flat step as an item of a written routine."""
    title, cue = _shortened(step.title, TITLE_LENGTH), _shortened(step.cue, CUE_LENGTH)
    if step.zone is None or step.band_kpa is None:
        return Rest(rest_s=step.duration_s, title=title, cue=cue)
    region, side = place_of(step.zone)
    common = {name: getattr(step, name) for name in StepBase.model_fields}
    return WrittenStep(
        **common,
        zone=region,
        side=side,
        band_kpa=step.band_kpa,
        title=None if title == title_of(step.zone) else title,
        cue=None if cue == cue_of(step.technique, step.direction, step.zone) else cue,
    )


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
