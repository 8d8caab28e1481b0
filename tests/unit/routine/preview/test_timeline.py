"""A routine on a timeline: in characters of any width, as an SVG by itself, and in words that say the same."""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.model.program import Program
from glowtool.routine import Routine, compile_routine
from glowtool.routine.preview.drawing import draw
from glowtool.routine.preview.numbers import as_object
from glowtool.routine.preview.text import ASCII, BLOCKS, NARROWEST, WIDEST, listing, picture
from glowtool.routine.preview.timeline import Timeline, timeline_of
from glowtool.store.routines.load import builtin_names, load_routine

SVG = "{http://www.w3.org/2000/svg}"


def step(title: str, **more: object) -> dict[str, object]:
    return {"title": title, "zone": "cheek-left", "duration_s": 30.0, "band_kpa": (2.0, 5.0), "cue": "Roll", **more}


def timeline(*steps: dict[str, object]) -> Timeline:
    routine = Routine.model_validate(
        {"name": "mine", "title": "Mine", "goal": "relaxation", "description": "x", "steps": steps}
    )
    return timeline_of(routine, compile_routine(routine))


@cache
def named(name: str) -> Timeline:
    routine = load_routine(name)
    return timeline_of(routine, compile_routine(routine))


LIGHT = {"amplitude_percent": 20.0, "frequency_hz": 60.0}


def test_the_picture_shows_steps_levels_pressure_and_time() -> None:
    shown = picture(named("first-glow"), 60)
    assert shown == [
        "     step │1 left cheek   │2 right cheek   │3 for L│4 fore R",
        "     40 %  ▁▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▄████████████████",
        "vibration  █████████████████████████████████████████████████",
        "      0 % ▇█████████████████████████████████████████████████",
        "   120 µA                                  ▃████████████████",
        "  current ▁█████████████████████████████████████████████████",
        "     0 µA ██████████████████████████████████████████████████",
        "      kPa │2–5            │2–5             │2–5    │2–5",
        "      min 0:00       0:10       0:20       0:30       0:40",
    ]


@given(st.sampled_from(builtin_names()), st.integers(NARROWEST, WIDEST), st.sampled_from([ASCII, BLOCKS]))
def test_no_line_is_wider_than_asked_for(name: str, width: int, glyphs: object) -> None:
    chosen = ASCII if glyphs is ASCII else BLOCKS
    shown = picture(named(name), width, chosen)
    assert all(len(line) <= width for line in shown)
    if chosen is ASCII:
        assert all(line.replace("µ", "u").replace("–", "-").isascii() for line in shown)


def test_what_is_not_used_has_no_rows() -> None:
    labels = [line[:9].strip() for line in picture(named("light-drainage"), 80)]
    assert labels == ["step", "kPa", "min"]


def test_a_rest_and_cues_stand_in_the_picture_and_in_the_words() -> None:
    made = timeline(
        step("Left cheek", vibration=LIGHT, cues=({"at_s": 15.0, "text": "Now the other way"},)),
        {"title": "Rest", "duration_s": 30.0, "cue": "Lift the roller off"},
    )
    shown = picture(made, 50)
    assert "2 rest" in shown[0]
    assert shown[-2].index("●") == 10 + 10
    assert list(map(str, listing(made))) == [
        "1. 0:00 Left cheek, 30 s: Roll",
        "   vibration 20 % at 60 Hz; pressure 2–5 kPa",
        "   0:15 “Now the other way”",
        "2. 0:30 Rest, 30 s: Lift the roller off",
        "   no outputs",
    ]


def test_text_of_others_is_made_visible() -> None:
    made = timeline(step("Left \u202echeek", vibration=LIGHT))
    assert not any(re.search("[\u202e]", line) for line in [*picture(made, 60), *map(str, listing(made)), draw(made)])


@pytest.mark.parametrize("name", builtin_names())
def test_the_svg_is_well_formed_draws_every_step_and_says_all_of_it(name: str) -> None:
    made = named(name)
    text = draw(made)
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert root.get("role") == "img"
    words = root.find(f"{SVG}desc")
    assert words is not None
    assert words.text == " ".join(line.text for line in listing(made))
    bars = [each for each in root.iter(f"{SVG}rect") if each.get("class") in {"left", "right", "middle", "rest"}]
    assert len(bars) == len(made.spans)
    assert "prefers-color-scheme:dark" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_the_svg_stays_within_its_page() -> None:
    root = ET.fromstring(draw(named("first-glow")))  # noqa: S314 - our own
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x", "0")) <= width
        assert 0 <= float(text.get("y", "0")) <= height


def test_ten_steps_stand_in_one_column() -> None:
    made = timeline(*(step(f"Step {number}", vibration=LIGHT) for number in range(10)))
    lines = [line for line in listing(made) if line.begins]
    assert [str(line)[:4] for line in lines[8:]] == [" 9. ", "10. "]
    assert draw(made).count('class="number"') == 10


def test_numbers_for_programs_follow_the_same_course() -> None:
    found = as_object(named("first-glow"))
    course = found["course"]
    assert isinstance(course, list)
    assert max(each["peak_ua"] for each in course) == 120
    assert found["duration_s"] == 45


def test_a_program_of_another_routine_is_no_preview_of_it() -> None:
    with pytest.raises(ValueError, match="shorter"):
        timeline_of(load_routine("first-glow"), Program(compile_routine(load_routine("first-glow"))[:2]))


def test_a_place_that_is_cut_says_so_and_the_picture_has_room_for_a_forehead_of_half_a_minute() -> None:
    span = named("muscle-lift").spans[4]
    assert [span.label(room) for room in (15, 12, 11, 8, 5, 1)] == [
        "5 left forehead", "5 forehead L", "5 forehe. L", "5 fore L", "5", "5",
    ]  # fmt: skip
    assert "5 forehead L" in draw(named("muscle-lift"))
