"""The built-in scenarios load, and a mistake is named with file, field, value and what is allowed."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.air.conditions import LinkConditions
from glowsim.faults.board import Board
from glowsim.faults.fault import Plan
from glowsim.faults.faulty_body import FaultyBody
from glowsim.faults.kinds import KINDS, find
from glowsim.physics.battery import BatteryParameters
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.cells import CellParameters
from glowsim.physics.contact.skin import SkinParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.hand.personas import PERSONAS
from glowsim.physics.heat import HeatParameters
from glowsim.physics.motor import MotorParameters
from glowsim.roller.plant import RollerPlant
from glowsim.scene.scenario import Hand, Link, Scenario, Skin, built_in, load
from glowsim.scene.scenario_parts import Battery, Cells, Heat, Motor
from glowtool.errors import ScenarioError
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import encode_program
from pages.scenarios import scenario_schema
from support.device.firmware_bench import Bench, step

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
        ("[hand]\ntarget_kpa = 90", [":2: hand.target_kpa is 90; allowed: 0 to 40"]),
        ("\n[hand]\n# so\ntarget_kpa = nan", [":4: hand.target_kpa is nan; allowed: a finite number"]),
        ('ambient_c = "20"', [":1: ambient_c is '20'; allowed: a number"]),
        ('hand = "gentle"', [":1: hand is 'gentle'; allowed: a table of its own, such as [hand]"]),
        (
            '[faults]\nname = "reboot"',
            ["{'name': 'reboot'}; allowed: tables of its own, each under [[faults]]"],
        ),
        ("[hnd]\nstroke_s = 2", [":1: hnd is not known", "did you mean hand?"]),
        ("[hand]\nstroke_mm = 0", ["allowed: more than 0 to 300"]),
        ("seed = 1.5", [":1: seed is 1.5; allowed: a whole number"]),
        ("[battery]\ncharging = 1", [":2: battery.charging is 1; allowed: true or false"]),
        ('[hand]\npersona = "rough"', ["hand.persona", "'rough'", "'gentle'"]),
        ("[hand]\ngrip = 1", [":2: hand.grip is not known; known are persona, target_kpa, "]),
        ("[hand]\ntarget_kp = 1", ["did you mean target_kpa?"]),
        ('[battery]\ncharging = "maybe"', ["battery.charging is 'maybe'; allowed: true or false"]),
        ("seed = -1", ["seed is -1; allowed: 0 to less than 9.2"]),
        ("seed = \n", ["not TOML", ":1: "]),
    ],
)
def test_a_mistake_is_named(text: str, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load(str(path))
    for name in [str(path), *names]:
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('[[faults]]\nname = "cell-stuk"', [":1: faults.1: there is no fault", "did you mean cell-stuck"]),
        ('[[faults]]\nname = "cell-stuck"\ncell = "xx"', ["faults.1", "cell is 'xx'", "lf, lr, rf, rr, all"]),
        ('[[faults]]\nname = "hang"\nfor_s = 2', ["is momentary"]),
        ('[[faults]]\nname = "link-loss"\nrate_per_min = 2', ["needs for_s"]),
        ('[[faults]]\nname = "link-loss"\nat_s = -1', [":3: faults.1.at_s is -1; allowed: 0 to 1000000"]),
        ('[[faults]]\nname = "hang"\n[[faults]]\nat_s = 1', [":3: faults.2.name is missing"]),
        ("[link]\ninterval_s = 1\nsupervision_s = 1.5", ["link", "more than two intervals, 2 s"]),
    ],
)
def test_a_mistake_in_a_fault_or_the_link_is_named(text: str, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load(str(path))
    for name in [str(path), *names]:
        assert name in str(caught.value)


def test_there_are_at_least_twelve_beside_the_nominal_one_and_each_differs() -> None:
    scenarios = {name: load(name) for name in built_in()}
    assert len(scenarios) >= 13
    assert all(scenario.purpose for scenario in scenarios.values())
    played = [scenario.model_copy(update={"title": "", "purpose": ""}) for scenario in scenarios.values()]
    assert all(played.count(scenario) == 1 for scenario in played)


def test_the_link_of_a_scenario_is_the_airs_conditions() -> None:
    assert set(Link.model_fields) == {field.name for field in dataclasses.fields(LinkConditions)} - {"phy"}
    assert LinkConditions(**Link().model_dump()) == LinkConditions()


@pytest.mark.parametrize("name", built_in())
def test_a_built_in_scenario_can_be_played(name: str) -> None:
    """Twelve seconds of a massage without a radio: it stays within the ceilings, and its faults come on."""
    scenario = load(name)
    LinkConditions(**scenario.link.model_dump())
    body = Body(scenario.body(), scenario.seed)
    soon = tuple(dataclasses.replace(fault.plan, at_s=min(fault.at_s, 4.0)) for fault in scenario.faults)
    board = Board(soon, scenario.seed, RollerPlant(body))
    bench = Bench(FaultyBody(body, board))  # type: ignore[arg-type]  # it has the one method that is used
    bench.upload(encode_program((step(20_000),)))
    bench.result(Opcode.START)
    seen = set()
    for _ in range(60):
        bench.run(0.2)
        assert bench.delivered is not None
        assert bench.delivered.peak_ua <= 400
        seen |= {fault.kind.name for fault in board.active}
    lasting = {plan.name for plan in soon if plan.rate_per_min is None and not find(plan.name).moment}
    assert lasting <= seen


def test_the_schema_knows_every_fault_and_its_bounds() -> None:
    schema = json.loads(scenario_schema())
    rows = {row["properties"]["name"]["const"]: row for row in schema["$defs"]["Fault"]["oneOf"]}
    assert set(rows) == {kind.name for kind in KINDS}
    assert rows["cell-noisy"]["properties"]["noise_kpa"]["maximum"] == 20
    assert rows["cell-stuck"]["properties"]["cell"]["enum"] == ["lf", "lr", "rf", "rr", "all"]
    assert not rows["hang"]["additionalProperties"]
    assert "for_s" not in rows["hang"]["properties"]
    assert rows["cell-noisy"]["dependentRequired"] == {"rate_per_min": ["for_s"]}


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'nobody'; there are .*nominal"):
        load("nobody")
    with pytest.raises(ScenarioError, match="cannot read"):
        load(str(tmp_path / "absent.toml"))


@given(kept=st.floats(0, 100), off_s=st.floats(-1e9, 1e9))
def test_the_battery_charges_in_the_cradle_and_never_past_full(kept: float, off_s: float) -> None:
    percent = Scenario().body(kept, off_s).battery_percent
    assert kept <= percent <= 100
    assert Scenario(battery=Battery(percent=7)).body(kept, off_s).battery_percent == 7


def test_what_faults_do_by_themselves_is_told() -> None:
    body = Body(Scenario().body(), 1)
    board = Board((Plan("cell-dead", 1.0, 2.0, None, {"cell": "rr"}), Plan("low-battery", 2.0)), 1, RollerPlant(body))
    told: list[str] = []
    board.tell = told.append
    for time_us in range(0, 5_000_000, 5_000):
        board.pass_time(time_us)
    assert told == ["fault cell-dead cell=rr is on", "fault low-battery has struck", "fault cell-dead cell=rr is over"]


@pytest.mark.parametrize(
    ("part", "kind"),
    [(Cells, CellParameters), (Motor, MotorParameters), (Heat, HeatParameters), (Battery, BatteryParameters)],
)
def test_every_parameter_of_a_part_can_be_set_and_is_the_bodys_where_it_is_not(
    part: type[Cells | Motor | Heat | Battery], kind: type
) -> None:
    names = {item.name for item in dataclasses.fields(kind)}
    assert names <= set(part.model_fields)
    assert part().parameters() == kind()
    for name in names:
        changed = part.model_validate({name: getattr(kind(), name) * 0.9}).parameters()
        assert changed == dataclasses.replace(kind(), **{name: getattr(kind(), name) * 0.9})


def test_a_scenario_with_another_board_gives_another_body(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        "[motor]\nlag_s = 0.1\n[battery]\ncapacity_mah = 90\n[cells]\nnoise_kpa = 0\n[heat]\nmotor_w = 1.5\n"
    )
    body = load(str(path)).body()
    assert (body.motor.lag_s, body.battery.capacity_mah, body.cells.noise_kpa, body.heat.motor_w) == (0.1, 90, 0, 1.5)
    path.write_text("[motor]\nlag_s = 0\n")
    with pytest.raises(ScenarioError, match=r"motor\.lag_s is 0"):
        load(str(path))
