"""The grammar of a routine in one line, declared once: reader, writer, hints and the reference page take it from here.

A text is made of parts with `;` between them. A part is a step, something in place of a step, or something that the
routine says about itself. Its first word tells which; what follows in a part may stand in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.face import Direction
from glowtool.model.names import name_of
from glowtool.routine.head import Goal
from glowtool.routine.steps import Technique
from glowtool.routine.written.places import Region, Side

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the grammar: its word, how it is written, an example, and what it means in a file."""

    word: str
    form: str
    example: str
    meaning: str


#: What a text need not say about itself.
DEFAULTS: Final[Mapping[str, str]] = {
    "name": "typed",
    "title": "Typed routine",
    "goal": name_of(Goal.OTHER),
    "description": "Typed on the command line.",
}

#: What the routine says about itself.
HEADS: Final = (
    Form("name", "name NAME", "name my-cheeks", f"`name`; left out: {DEFAULTS['name']}"),
    Form("title", 'title "TEXT"', 'title "My cheeks"', f"`title`; left out: {DEFAULTS['title']}"),
    Form("goal", "goal GOAL", "goal relaxation", f"`goal`; left out: {DEFAULTS['goal']}"),
    Form("about", 'about "TEXT"', 'about "Slow and light."', "`description`"),
    Form("source", 'source "TEXT"', 'source "My own notes"', "one of the `sources`; may come again"),
    Form(
        "evidence",
        'evidence "CLAIM" from "SOURCE" [n COUNT] [by "FUNDER"]',
        'evidence "Blood flow rose by 25 %" from "Miyaji 2018" n 12 by "the maker"',
        "one of the `evidence` tables; may come again",
    ),
)

#: What stands in place of a step.
ITEMS: Final = (
    Form("rest", 'rest TIME [title "TEXT"] [cue "TEXT"]', "rest 20s", "a rest"),
    Form("repeat", "repeat ROUNDS ( PART; PART )", "repeat 3 (cheek L 20s; rest 5s)", "a repeat"),
    Form("mirror", "mirror", "mirror", "the steps before on the other side"),
    Form("include", "include NAME", "include light-drainage", "an included routine"),
)

#: What a step says, beside its zone.
OPTIONS: Final = (
    Form("vib", "vib LEVEL%[@HZ][~PATTERN[/PERIOD]]", "vib 40%@75Hz~wave/5s", "`vibration`"),
    Form("cur", "cur PEAKuA[@HZ][~WAVEFORM], or PERCENT% of one's own maximum", "cur 120uA@10Hz", "`microcurrent`"),
    Form("band", "band LOW-HIGH", "band 2-4", "`band_kpa`"),
    Form("ramp", "ramp TIME", "ramp 8s", "`ramp_s`"),
    Form("return", "return WAY", "return roll-back", "`return`"),
    Form("title", 'title "TEXT"', 'title "Left cheek"', "`title`"),
    Form("cue", 'cue "TEXT"', 'cue "Up to the cheekbone"', "`cue`"),
    Form(
        "at", "at TIME [vib [LEVEL%][@HZ]] [cur [PEAK][@HZ]]", "at 20s vib 60%@80Hz cur 200uA", "one of the `keyframes`"
    ),
    Form("at", 'at TIME say "TEXT"', 'at 15s say "A little higher"', "one of the timed `cues`"),
)

#: Words that stand alone in a step.
SIDES: Final[Mapping[str, Side]] = {"L": Side.LEFT, "R": Side.RIGHT, "both": Side.BOTH}
DIRECTIONS: Final[Mapping[str, Direction]] = {
    "up": Direction.UPWARD,
    "down": Direction.DOWNWARD,
    "out": Direction.OUTWARD,
    "in": Direction.INWARD,
    "any": Direction.ANY,
}
TECHNIQUES: Final[Mapping[str, Technique]] = {name_of(technique): technique for technique in Technique}
REGIONS: Final[Mapping[str, Region]] = {name_of(region): region for region in Region}

#: The same in tables for the page: heading of a row, the words, what they are in a file.
ALONE: Final = (
    Form("SIDE", " | ".join(SIDES), "L", "`side`; also left, right. Left out: both, where there are sides"),
    Form("TIME", "NUMBERs or NUMBERmin", "60s", "`duration_s`"),
    Form("DIRECTION", " | ".join(DIRECTIONS), "up", "`direction`; also upward, downward, outward, inward"),
    Form("TECHNIQUE", " | ".join(TECHNIQUES), "lifting", "`technique`"),
    Form("RATE", "NUMBER/min", "30/min", "`strokes_per_min`"),
)

#: A step as a whole, for whoever wrote no part that is one.
STEP: Final = Form("ZONE", "ZONE [SIDE] TIME …", "cheek L 60s vib 40%", f"a step; ZONE is {', '.join(REGIONS)}")

#: The whole grammar, table by table.
TABLES: Final[Mapping[str, tuple[Form, ...]]] = {
    "parts, with ; between them": (STEP, *ITEMS),
    "in a step, in any order": (*ALONE, *OPTIONS),
    "about the routine": HEADS,
}

#: Every word with which a part can begin.
BEGINNINGS: Final = (*REGIONS, *(each.word for each in (*ITEMS, *HEADS)))


def forms_of(word: str, forms: tuple[Form, ...]) -> str:
    """Return how the form of a word is written, with an example."""
    found = [each for each in forms if each.word == word]
    return ", or ".join(f"{each.form}, as in `{each.example}`" for each in found)
