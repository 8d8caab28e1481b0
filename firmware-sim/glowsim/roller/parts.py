"""The parts of a roller, built from its identity, its scenario and the content of its flash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.firmware import HARDWARE_REVISION
from glowsim.firmware.model import GR1
from glowsim.peripheral.mind import Facts
from glowsim.physics.body import Body

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from glowsim.firmware.model import Model
    from glowsim.firmware.retained.memory import Memory
    from glowsim.roller.state_dir import Identity
    from glowsim.scene.scenario import Scenario

#: The section of the memory that keeps the charge.
FUEL_GAUGE: Final = "fuel_gauge"


def facts(identity: Identity, model: Model = GR1) -> Facts:
    """Return the facts about a roller of a model."""
    return Facts(
        manufacturer="glowsim",
        model=model.name,
        serial=identity.serial,
        hardware=HARDWARE_REVISION,
        firmware=model.firmware,
        model_number=model.number,
        channels=model.channels,
    )


def body_of(memory: Memory, scenario: Scenario, seed: int | None, now_unix_us: int) -> Body:
    """Return the body at power-on, with the charge that the fuel gauge kept and the cradle has added since."""
    gauge = memory.load().get(FUEL_GAUGE)
    kept = gauge if isinstance(gauge, dict) else {}
    percent, off_at_s = kept.get("percent"), kept.get("unix_s")
    if isinstance(percent, int | float) and isinstance(off_at_s, int | float):
        parameters = scenario.body(float(percent), now_unix_us / 1e6 - float(off_at_s))
    else:
        parameters = scenario.body()
    return Body(parameters, scenario.seed if seed is None else seed)


def passkeys(chance: random.Random) -> Callable[[], int]:
    """Return a function that draws passkeys, 1 to 999999."""
    # Not 000000: bumble takes that for "no passkey yet".
    return lambda: chance.randrange(1, 1_000_000)
