"""The words of a step that has none of its own, and those of a step that went to the other side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from glowtool.model.face import Direction
from glowtool.model.names import name_of
from glowtool.routine.steps import Technique
from glowtool.routine.written.places import place_of, words_of_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.model.face import Zone

_SIDES: Final = re.compile(r"\b(left|right)\b", re.IGNORECASE)

_MOVES: Final[Mapping[Technique, str]] = {
    Technique.ROLLING: "Roll evenly",
    Technique.LONG_STROKES: "Roll slowly, in long strokes,",
    Technique.SHORT_STROKES: "Roll in short, light strokes",
    Technique.SKIMMING: "Move only the skin, hardly touching,",
    Technique.LIFTING: "Lift slowly along the muscle",
    Technique.HOLDING: "Hold still",
}

_WAYS: Final[Mapping[Direction, str]] = {
    Direction.ANY: "over",
    Direction.UPWARD: "up",
    Direction.DOWNWARD: "down",
    Direction.OUTWARD: "outward over",
    Direction.INWARD: "inward over",
}


def title_of(zone: Zone) -> str:
    """Return the title of a step that has none: "Left cheek"."""
    words = words_of_zone(zone)
    return words[:1].upper() + words[1:]


def cue_of(technique: Technique, direction: Direction, zone: Zone) -> str:
    """Return the cue of a step that has none: "Roll evenly up the left cheek"."""
    way = "on" if technique is Technique.HOLDING else _WAYS[direction]
    return f"{_MOVES[technique]} {way} the {words_of_zone(zone)}"


def on_the_side_of(zone: Zone, text: str) -> str:
    """Return a text about one side of the face, with the side of this zone where it says left or right."""
    _, side = place_of(zone)
    return text if side is None else _SIDES.sub(lambda found: _like(found[0], name_of(side)), text)


def with_its_side(zone: Zone, title: str) -> str:
    """Return the title of one of the two steps of a step for both sides."""
    _, side = place_of(zone)
    return on_the_side_of(zone, title) if side is None or _SIDES.search(title) else f"{title} ({name_of(side)})"


def other_side_words(text: str, most: int) -> str:
    """Return a text with left and right exchanged, cut where it would be longer than `most`."""
    return _SIDES.sub(lambda found: _like(found[0], "right" if found[0].lower() == "left" else "left"), text)[:most]


def _like(model: str, word: str) -> str:
    """Return a word in the case of another."""
    if model.isupper():
        return word.upper()
    return word.capitalize() if model[:1].isupper() else word
