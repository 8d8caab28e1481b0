"""Routines and scenarios that are damaged or made to harm are refused quickly and in words."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from glowsim.scene.scenario import load
from glowtool.errors import RoutineError, ScenarioError
from glowtool.kit.storage.toml_file import LIMIT_BYTES
from glowtool.kit.text.toml import MAX_PROBLEMS
from glowtool.routine import parse_routine
from glowtool.store.routines.load import load_routine
from support.host.hostile_routines import BY_HAND, damaged, library_of

LIBRARY = Path(__file__).parents[3] / "glowtool/routine/library"

#: Whoever goes through the whole of it takes longer than the suite has time for; `tests/measure` does it too.
SLOW = {"10 000 steps", "10 000 headers", "50 000 problems", "32 parts, often"}


@pytest.mark.parametrize(
    "what", [pytest.param(name, marks=[pytest.mark.long] if name in SLOW else []) for name in BY_HAND]
)
def test_what_was_made_to_harm_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "hostile.toml"
    BY_HAND[what](path)
    with pytest.raises(RoutineError) as refused:
        load_routine(path)
    assert len(refused.value.lines) <= MAX_PROBLEMS + 3
    if what != "empty":  # a scenario that says nothing is the usual one
        with pytest.raises(ScenarioError):
            load(str(path))


@pytest.mark.parametrize(
    ("what", "bound"),
    [
        ("a string of 100 MB", "128 KiB"),
        ("100 000 headers", "128 KiB"),
        ("20 000 parts", "this line has 40003 characters"),
        ("quoted parts", "a key here has more than 32 parts"),
    ],
)
def test_a_bound_refuses_it_before_it_is_parsed(tmp_path: Path, what: str, bound: str) -> None:
    path = tmp_path / "hostile.toml"
    BY_HAND[what](path)
    with pytest.raises(RoutineError, match=bound):
        load_routine(path)


@pytest.mark.parametrize("number", [40, pytest.param(400, marks=pytest.mark.long)])
def test_a_damaged_routine_is_in_order_or_refused(tmp_path: Path, number: int) -> None:
    chance, library = random.Random(number), library_of(LIBRARY)  # noqa: S311 - to be reproduced
    for _ in range(number):
        path = tmp_path / "damaged.toml"
        path.write_bytes(damaged(chance, library))
        with suppress(RoutineError):
            load_routine(path)


def test_the_bounds_are_far_from_what_people_write(tmp_path: Path) -> None:
    text = (LIBRARY / "first-glow.toml").read_text("utf-8")
    for more in ("# " + "." * 200 + "\n", "\n" * 50_000):
        assert parse_routine(f"{more}{text}", "x").name == "first-glow"
    path = tmp_path / "long.toml"
    path.write_text(text + "#" * 80 + "\n" * (LIMIT_BYTES - len(text.encode()) - 80), "utf-8")
    assert load_routine(path).name == "first-glow"


@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_a_byte_order_mark_is_no_mistake(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "bom.toml"
    path.write_text(mark + (LIBRARY / "first-glow.toml").read_text("utf-8"), "utf-8")
    assert load_routine(path).name == "first-glow"


def test_quotation_marks_of_a_word_processor_are_named() -> None:
    with pytest.raises(RoutineError, match="“ ” are not quotation marks of TOML"):
        parse_routine("name = “smart”\n", "smart.toml")


def test_a_number_of_too_many_digits_is_found_on_its_line() -> None:
    with pytest.raises(RoutineError, match=r"x\.toml:2: a number has too many digits"):
        parse_routine("a = 1\nb = " + "1" * 5000, "x.toml")
