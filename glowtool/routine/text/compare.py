"""The differences of two routines, step by step as they run."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from glowtool.routine.text.grammar import DEFAULTS
from glowtool.routine.text.writer import head_parts, item_text
from glowtool.routine.written.flat import written_of

if TYPE_CHECKING:
    from glowtool.routine.models import Routine


def differences(one: Routine, other: Routine) -> list[str]:
    """Return the lines of both, each with what it is in front: "- " in the first only, "+ " in the other, "  " in both.

    There are none when the routines say the same; names do not count.
    """
    before, after = _lines(one), _lines(other)
    if before == after:
        return []
    return [line for line in difflib.Differ().compare(before, after) if not line.startswith("?")]


def _lines(routine: Routine) -> list[str]:
    """Return what a routine says, a line for each part, in the words of its text."""
    written = written_of(routine).model_copy(update={"name": DEFAULTS["name"]})
    return [*head_parts(written), *map(item_text, written.steps)]
