"""A written routine with left and right exchanged, for whoever begins on the other side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.routine.fields import CUE_LENGTH, CUE_RUN_LENGTH, TITLE_LENGTH
from glowtool.routine.written.models import Include, Repeat, WrittenStep
from glowtool.routine.written.places import OTHER
from glowtool.routine.written.words import other_side_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.routine.written.models import Item, WrittenRoutine


def has_includes(items: Iterable[Item]) -> bool:
    """Return whether other routines are included anywhere; they cannot be exchanged by their name."""
    return any(isinstance(item, Include) or (isinstance(item, Repeat) and has_includes(item.steps)) for item in items)


def swapped(routine: WrittenRoutine, name: str) -> WrittenRoutine:
    """Return a routine under a new name, in which each step is on the other side, and its words say so."""
    return routine.model_copy(update={"name": name, "steps": tuple(map(_swapped, routine.steps))})


def _swapped(item: Item) -> Item:
    if isinstance(item, Repeat):
        return item.model_copy(update={"steps": tuple(map(_swapped, item.steps))})
    if not isinstance(item, WrittenStep):
        return item
    title = None if item.title is None else other_side_words(item.title, TITLE_LENGTH)
    cue = None if item.cue is None else other_side_words(item.cue, CUE_LENGTH)
    cues = tuple(each.model_copy(update={"text": other_side_words(each.text, CUE_RUN_LENGTH)}) for each in item.cues)
    side = None if item.side is None else OTHER[item.side]
    return item.model_copy(update={"side": side, "title": title, "cue": cue, "cues": cues})
