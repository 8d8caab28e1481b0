"""Scenarios: the built-in ones load, and mistakes are named with file, field, value and what is allowed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.physics.body import BodyParameters
from glowsim.physics.hand import HandParameters
from glowsim.physics.personas import PERSONAS
from glowsim.physics.skin import SkinParameters
from glowsim.scenario import Battery, Hand, Scenario, Skin, built_in, load
from glowtool.errors import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", built_in())
def test_built_in_scenarios_load_and_say_what_they_are(name: str) -> None:
    scenario = load(name)
    assert scenario.title
    assert isinstance(scenario.body(), BodyParameters)


def test_the_default_scenario_is_nominal_and_changes_nothing() -> None:
    assert load(None) == load("nominal")
    assert load(None).body() == BodyParameters()


@pytest.mark.parametrize(("model", "parameters"), [(Hand, HandParameters), (Skin, SkinParameters)])
def test_every_parameter_can_be_set(model: type[Hand | Skin], parameters: type) -> None:
    assert set(model.model_fields) - {"persona"} == {field.name for field in dataclasses.fields(parameters)}


@pytest.mark.parametrize("name", PERSONAS)
def test_a_persona_is_a_hand_of_which_a_scenario_can_change_a_part(name: str) -> None:
    assert Scenario.model_validate({"hand": {"persona": name}}).body().hand == PERSONAS[name]
    changed = Scenario.model_validate({"hand": {"persona": name, "stroke_mm": 33}}).body().hand
    assert changed == dataclasses.replace(PERSONAS[name], stroke_mm=33)


def test_a_file_sets_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("seed = 9\n[hand]\ntarget_kpa = 2.5\n[battery]\npercent = 8\n")
    scenario = load(str(path))
    assert (scenario.seed, scenario.body().hand.target_kpa, scenario.body().battery_percent) == (9, 2.5, 8)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[hand]\ntarget_kpa = 90", ["hand.target_kpa", "90", "less than or equal to 40"]),
        ('[hand]\npersona = "rough"', ["hand.persona", "'rough'", "'gentle'"]),
        ("[hand]\ngrip = 1", ["hand.grip", "1", "not permitted"]),
        ('[battery]\ncharging = "maybe"', ["battery.charging", "'maybe'", "boolean"]),
        ("seed = -1", ["seed", "-1", "greater than or equal to 0"]),
        ("seed = \n", ["not TOML", "line 1"]),
    ],
)
def test_a_mistake_is_named(text: str, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load(str(path))
    for name in [str(path), *names]:
        assert name in str(caught.value)


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'gentle'; there are .*nominal"):
        load("gentle")
    with pytest.raises(ScenarioError, match="cannot read"):
        load(str(tmp_path / "absent.toml"))


@given(kept=st.floats(0, 100), off_s=st.floats(-1e9, 1e9))
def test_the_battery_charges_in_the_cradle_and_never_past_full(kept: float, off_s: float) -> None:
    percent = Scenario().body(kept, off_s).battery_percent
    assert kept <= percent <= 100
    assert Scenario(battery=Battery(percent=7)).body(kept, off_s).battery_percent == 7
