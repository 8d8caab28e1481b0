"""The live view says in every state what the matter is, from massages over the whole stack, at every size.

The pictures to look at: `python tests/measure/views/live_view.py FOLDER`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from glowsim.time.virtual_time import in_virtual_time
from support.stack.filmed import film, lines_of
from support.stack.scenes import SCENES

if TYPE_CHECKING:
    from support.stack.filmed import Film

STYLE = re.compile(r"\x1b\[[0-9;]*m")
SIZES = ((120, 40), (80, 24), (40, 24), (40, 10))

#: What each moment must say, however small the terminal.
SAYS = {
    "connecting": ("Connecting …",),
    "starting": ("Starting softly", "x emergency"),
    "beginning": ("Step 1 of 4", "Left cheek"),
    "running": ("Step 1 of 4", "in the band", "s left"),
    "next-step": ("Next in 2 s: Right cheek",),
    "paused": ("PAUSED", "Outputs are off", "Step 2 of 4"),
    "last-step": ("Next: the end",),
    "ended": ("FINISHED", "outputs are off"),
    "contact-lost": ("NO CONTACT", "Lay both heads on the skin.", "no contact"),
    "over-pressure": ("TOO HARD", "Press less: outputs are halved.", "11.0 kPa"),
    "pressure-zero": ("TOO HARD", "Press much less: outputs are off.", "15.0 kPa"),
    "link-lost": ("LINK LOST", "Step 1 of 4", "The roller stops by itself."),
    "link-trying": ("LINK LOST", "Step 1 of 4", "Connecting again, for 4 s"),
    "question": ("QUESTION", "Go on softly with step 1 of 4", "[y/N]"),
    "emergency-stop": ("EMERGENCY STOP", "glowtool rearm", "outputs are off"),
    "advice": ("A little slower.",),
    "zero-question": ("QUESTION", "Take that as its zero?", "[y/N]"),
}

#: What a person who hears lines is told.
LINES = {
    "even": ("In 4 seconds: Right cheek.", "Paused.", "Going on.", "The massage ends: the program ran to its end."),
    "lift": ("No contact, the current is off. Lay both heads on the skin.",),
    "pressure": ("Press less: outputs are halved.", "Press much less: outputs are off."),
    "link": ("Connected again after", "Go on softly with step 1 of 4", "No."),
    "emergency": ("The massage ends: emergency stop", "glowtool rearm"),
    "hasty": ("A little slower.",),
    "offset": ("Take that as its zero?", "No."),
}


#: Massages that need a minute of their own are left to the long suite.
_LONG = {"even", "hasty", "offset"}
NAMES = [pytest.param(name, marks=[pytest.mark.long] if name in _LONG else []) for name in LINES]


@pytest.fixture(scope="module", params=NAMES)
def taken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Film:
    scene = next(scene for scene in SCENES if scene.name == request.param)
    return in_virtual_time(film)(tmp_path_factory.mktemp(scene.name), scene)


def test_every_state_says_what_the_matter_is_at_every_size_with_and_without_colour(taken: Film) -> None:
    for shot in taken.shots:
        for columns, rows in SIZES:
            drawn = [shot.drawn(columns, rows, colour=colour) for colour in (True, False)]
            text, without = (STYLE.sub("", each) for each in drawn)
            assert text == without
            assert len(text.splitlines()) <= rows
            for said in SAYS[shot.name]:
                assert said in " ".join(text.split()), (shot.name, columns, rows)
            assert "\x1b[3" not in drawn[1], "a colour"


def test_plain_lines_say_the_same_and_draw_nothing(taken: Film) -> None:
    lines = lines_of(taken)
    for said in LINES[taken.name]:
        assert any(said in line for line in lines), said
    assert not [line for line in lines if line != line.strip() or set(line) & set("─━│█▶✓\x1b\r")]


def test_the_roller_beeps_before_the_next_step(taken: Film) -> None:
    assert taken.beeped == (taken.name == "lift")


def test_each_scene_is_looked_at() -> None:
    assert {scene.name for scene in SCENES} == set(LINES)
