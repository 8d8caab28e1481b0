"""A row of routines is what was asked for, never stronger, and held against the day and the places as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.app.place import Place
from glowtool.app.rows.row import Change, parted, row_of
from glowtool.errors import InputError, UsageError
from glowtool.routine import compile_routine
from glowtool.routine.changes import at_level, from_step, without_current
from glowtool.routine.models import Routine
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry
from glowtool.store.routines.load import builtin_names, load_routine

if TYPE_CHECKING:
    from pathlib import Path

FIRST_GLOW = "first-glow"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    from datetime import UTC, datetime

    DeviceRegistry(tmp_path).remember(
        KnownRoller(address="F0:00:00:00:00:01", name="GR-1 C0DE", serial="1", last_seen_utc=datetime.now(UTC))
    )
    DeviceRegistry(tmp_path).rename("F0:00:00:00:00:01", "Desk")
    return Place("sim", tmp_path)


@pytest.mark.parametrize(
    ("words", "on", "routines", "device"),
    [
        (["first-glow"], None, ["first-glow"], None),
        (["first-glow", "desk"], None, ["first-glow"], "desk"),
        (["first-glow", "F0:00:00:00:00:01"], None, ["first-glow"], "F0:00:00:00:00:01"),
        (["first-glow", "evening-calm"], None, ["first-glow", "evening-calm"], None),
        (["first-glow", "evening-calm", "desk"], None, ["first-glow", "evening-calm"], "desk"),
        (["first-glow", "mine.toml"], None, ["first-glow", "mine.toml"], None),
        (["first-glow", "cheek L 60s vib 40%"], None, ["first-glow", "cheek L 60s vib 40%"], None),
        (["first-glow", "dsek"], None, ["first-glow"], "dsek"),
        (["first-glow", "evening-clam"], None, ["first-glow", "evening-clam"], None),
        (["first-glow", "desk"], "hall", ["first-glow", "desk"], "hall"),
    ],
)
def test_the_last_word_is_a_roller_unless_it_is_a_routine(
    place: Place, words: list[str], on: str | None, routines: list[str], device: str | None
) -> None:
    assert parted(place, words, on) == (routines, device)


@pytest.mark.parametrize("name", builtin_names())
@pytest.mark.parametrize("percent", [10, 36.6, 60, 99.9])
def test_a_level_never_raises_anything_and_the_routine_stays_a_valid_one(name: str, percent: float) -> None:
    routine = load_routine(name)
    lower = at_level(routine, percent)
    assert Routine.model_validate(lower.model_dump()) == lower
    for before, after in zip(compile_routine(routine), compile_routine(lower), strict=True):
        for at_s in (0.0, before.duration_s / 3, before.duration_s):
            was, now = before.levels_at(at_s), after.levels_at(at_s)
            assert now.amplitude <= was.amplitude * percent / 100 + 0.001
            assert now.peak_ua <= was.peak_ua * percent / 100 + 1


@pytest.mark.parametrize("name", builtin_names())
def test_without_current_none_flows_at_any_moment(name: str) -> None:
    silent = without_current(load_routine(name))
    assert not silent.uses_microcurrent
    assert all(step.peak_most_ua == 0 for step in compile_routine(silent))
    assert Routine.model_validate(silent.model_dump()) == silent


def test_a_routine_begins_at_a_step_by_its_number_or_title() -> None:
    routine = load_routine(FIRST_GLOW)
    assert from_step(routine, "2").steps == routine.steps[1:]
    assert from_step(routine, "right cheek").steps == routine.steps[1:]
    for said, why in {
        "0": "it has steps 1 to 4", "5": "it has steps 1 to 4", "Rigth cheek": "did you mean 'Right cheek'",
        "forehead": "give the number: 3, 4", "nose": "its steps: Left cheek",
    }.items():  # fmt: skip
        with pytest.raises(InputError) as error:
            from_step(routine, said)
        assert why in str(error.value)


def test_a_row_is_repeated_and_only_its_beginning_begins_later(place: Place) -> None:
    row = row_of(place, [FIRST_GLOW, "evening-calm"], Change(repeat=2, start="3"))
    assert [routine.name for routine in row] == [FIRST_GLOW, "evening-calm"] * 2
    assert [len(routine.steps) for routine in row][0::2] == [2, 4]
    with pytest.raises(UsageError, match="--repeat is 0"):
        row_of(place, [FIRST_GLOW], Change(repeat=0))
    with pytest.raises(InputError, match="it must be 10 to 100 %"):
        row_of(place, [FIRST_GLOW], Change(level_percent=120))
