"""Scenarios: the person who holds the roller, the skin, the charge, the faults. TOML files, checked by pydantic."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from glowsim.faults.fault import Plan
from glowsim.faults.kinds import find
from glowsim.faults.schema import complete_schema
from glowsim.firmware.display import DisplayKind, Variant
from glowsim.firmware.model import MODELS
from glowsim.physics.body import BodyParameters
from glowsim.physics.contact.skin import SkinParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.hand.personas import PERSONAS
from glowsim.scene.scenario_parts import Battery, Cells, Heat, Motor, Part
from glowsim.scene.scenario_problems import problems
from glowtool.errors import InputError, ScenarioError
from glowtool.kit.storage.toml_file import read_toml_text
from glowtool.kit.text.toml import parse_toml

DEFAULT: Final = "nominal"

_BUILT_IN: Final = Path(__file__).parent / "scenarios"
_HAND: Final = HandParameters()
_SKIN: Final = SkinParameters()
_BODY: Final = BodyParameters()

# The names are those of the tables; a type checker cannot read them out of there.
if TYPE_CHECKING:
    PersonaName = str
    ModelName = str
    DisplayName = str
else:
    PersonaName, ModelName = Literal[tuple(PERSONAS)], Literal[tuple(MODELS)]
    DisplayName = Literal[tuple(kind.value for kind in DisplayKind)]


class Hand(Part):
    """How the person holds and moves the roller; see `HandParameters`. The persona, if any, sets the rest."""

    persona: PersonaName | None = None
    target_kpa: Annotated[float, Field(ge=0, le=40)] = _HAND.target_kpa
    stroke_mm: Annotated[float, Field(gt=0, le=300)] = _HAND.stroke_mm
    stroke_s: Annotated[float, Field(ge=0.2, le=30)] = _HAND.stroke_s
    symmetry: Annotated[float, Field(ge=0, le=1)] = _HAND.symmetry
    tremor_kpa: Annotated[float, Field(ge=0, le=5)] = _HAND.tremor_kpa
    wander_kpa: Annotated[float, Field(ge=0, le=10)] = _HAND.wander_kpa
    lift_s: Annotated[float, Field(ge=0, le=10)] = _HAND.lift_s
    lift_every: Annotated[int, Field(ge=0, le=1000)] = _HAND.lift_every
    reaction_s: Annotated[float, Field(ge=0, le=10)] = _HAND.reaction_s
    reaction_jitter: Annotated[float, Field(ge=0, le=1)] = _HAND.reaction_jitter
    tremor_hz: Annotated[float, Field(gt=0, le=20)] = _HAND.tremor_hz
    rhythm_jitter: Annotated[float, Field(ge=0, le=0.5)] = _HAND.rhythm_jitter
    length_jitter: Annotated[float, Field(ge=0, le=0.5)] = _HAND.length_jitter
    force_jitter: Annotated[float, Field(ge=0, le=0.5)] = _HAND.force_jitter
    symmetry_jitter: Annotated[float, Field(ge=0, le=0.5)] = _HAND.symmetry_jitter
    fatigue_per_min: Annotated[float, Field(ge=0, le=1)] = _HAND.fatigue_per_min
    wrong_way_share: Annotated[float, Field(ge=0, le=1)] = _HAND.wrong_way_share
    lapse_per_min: Annotated[float, Field(ge=0, le=60)] = _HAND.lapse_per_min
    lapse_s: Annotated[float, Field(ge=0, le=60)] = _HAND.lapse_s

    def parameters(self) -> HandParameters:
        """Return the persona's hand, or the default one, with the values that are set here."""
        usual = _HAND if self.persona is None else PERSONAS[self.persona]
        return replace(usual, **self.model_dump(exclude_unset=True, exclude={"persona"}))


class Skin(Part):
    """The skin under the heads; see `SkinParameters`."""

    moisture: Annotated[float, Field(ge=0, le=1)] = _SKIN.moisture
    temperature_c: Annotated[float, Field(ge=10, le=45)] = _SKIN.temperature_c
    bare_moisture: Annotated[float, Field(ge=0, le=1)] = _SKIN.bare_moisture
    drying_s: Annotated[float, Field(ge=0, le=36_000)] = _SKIN.drying_s


class Link(Part):
    """The radio between roller and host; see `glowsim.air.conditions.LinkConditions`. The default is ideal."""

    interval_s: Annotated[float, Field(ge=0.0075, le=4)] | None = None
    loss: Annotated[float, Field(ge=0, le=1)] = 0.0
    delay_s: Annotated[float, Field(ge=0, le=10)] = 0.0
    jitter_s: Annotated[float, Field(ge=0, le=10)] = 0.0
    duplicate: Annotated[float, Field(ge=0, le=1)] = 0.0
    host_drop: Annotated[float, Field(ge=0, le=1)] = 0.0
    advertising_drop: Annotated[float, Field(ge=0, le=1)] = 0.0
    supervision_s: Annotated[float, Field(ge=0.1, le=32)] | None = None
    distance_m: Annotated[float, Field(ge=0, le=10_000)] = 1.0

    @model_validator(mode="after")
    def _longer_than_two_intervals(self) -> Self:
        if self.supervision_s is not None and self.interval_s is not None and self.supervision_s <= 2 * self.interval_s:
            raise ValueError(f"supervision_s must be more than two intervals, {2 * self.interval_s:g} s")
        return self


class Device(Part):
    """The roller of a scenario: its model, its display, and whether it uses a resolvable private address."""

    model: ModelName = "gr-1"
    display: DisplayName = "passkey"
    privacy: bool = False

    @property
    def variant(self) -> Variant:
        """The variant of the roller."""
        return Variant(DisplayKind(self.display), self.privacy, MODELS[self.model])


class Fault(Part):
    """A planned fault; its own parameters stand beside these keys."""

    model_config = ConfigDict(extra="allow", json_schema_extra=complete_schema)

    name: str
    at_s: Annotated[float, Field(ge=0, le=1e6, description="when, in s since power-on")] = 0.0
    for_s: Annotated[float, Field(gt=0, le=1e6, description="for how long, in s; without it: to the end")] | None = None
    rate_per_min: Annotated[float, Field(gt=0, le=600, description="times per minute, at random")] | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        try:
            kind = find(self.name)
            kind.values(self.model_extra or {})
        except InputError as error:
            raise ValueError(str(error)) from error
        if kind.moment and self.for_s is not None:
            raise ValueError(f"fault {self.name} is momentary and takes no for_s")
        if self.rate_per_min is not None and self.for_s is None and not kind.moment:
            raise ValueError(f"fault {self.name} repeats, so it needs for_s beside rate_per_min")
        return self

    @property
    def plan(self) -> Plan:
        """The plan, as the board takes it."""
        return Plan(self.name, self.at_s, self.for_s, self.rate_per_min, dict(self.model_extra or {}))


class Scenario(Part):
    """One scenario. `seed` is the body's: the same seed and the same commands give the same readings."""

    title: str = ""
    purpose: Annotated[str, Field(description="the purpose of the scenario, in one line")] = ""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    ambient_c: Annotated[float, Field(ge=-10, le=50)] = _BODY.ambient_c
    device: Device = Device()
    hand: Hand = Hand()
    skin: Skin = Skin()
    cells: Cells = Cells()
    motor: Motor = Motor()
    heat: Heat = Heat()
    battery: Battery = Battery()
    link: Link = Link()
    # TOML has lists.
    faults: Annotated[tuple[Fault, ...], Field(strict=False)] = ()

    @property
    def needs_air(self) -> tuple[str, ...]:
        """The parts of the scenario, in words, that need the virtual air; a real controller ignores them."""
        named = dict.fromkeys(f"fault {fault.name}" for fault in self.faults if find(fault.name).needs_air)
        return (*(["[link]"] if self.link.model_fields_set else []), *named)

    def body(self, kept_percent: float | None = None, off_s: float = 0.0) -> BodyParameters:
        """Return the body at power-on, given the battery's charge at the last power-off and the time since then."""
        percent = self.battery.percent
        if percent is None and kept_percent is not None:
            percent = min(100.0, kept_percent + max(0.0, off_s) / 3600 * self.battery.charge_percent_per_h)
        parameters = BodyParameters(
            hand=self.hand.parameters(),
            skin=SkinParameters(**self.skin.model_dump()),
            cells=self.cells.parameters(),
            charging=self.battery.charging,
            ambient_c=self.ambient_c,
            motor=self.motor.parameters(),
            battery=self.battery.parameters(),
            heat=self.heat.parameters(),
        )
        return parameters if percent is None else replace(parameters, battery_percent=percent)


def built_in() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the simulator."""
    return tuple(sorted(path.stem for path in _BUILT_IN.glob("*.toml")))


def load(name_or_path: str | None) -> Scenario:
    """Load a built-in scenario by name, or a file by path; ScenarioError names file, line, key, value, allowed values.

    A path contains a directory or ends in `.toml`. None means the default scenario.
    """
    wanted = DEFAULT if name_or_path is None else name_or_path
    path = Path(wanted)
    if path.suffix != ".toml" and len(path.parts) == 1:
        if wanted not in built_in():
            guess = f"; did you mean {close[0]}?" if (close := get_close_matches(wanted, built_in(), 1)) else ""
            raise ScenarioError(
                f"there is no scenario {wanted!r}; there are {', '.join(built_in())}, or give the path of a .toml file"
                + guess
            )
        path = _BUILT_IN / f"{wanted}.toml"
    try:
        text = read_toml_text(path)
    except (OSError, InputError) as error:
        raise ScenarioError(f"cannot read the scenario {path}: {getattr(error, 'strerror', None) or error}") from error
    try:
        content = parse_toml(text)
    except InputError as error:
        raise ScenarioError(f"{path}:{error}") from error
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        first, *more = (f"{path}:{said}" for said in problems(text, Scenario, error))
        raise ScenarioError(first).listing(*more) from error
