"""A roller before it is switched on: its files are open and its body is at rest; at the end, all is closed in order."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowsim.air.air import Air
from glowsim.air.conditions import LinkConditions
from glowsim.evidence.record import DeliveredRecorder
from glowsim.evidence.truth import keeping_truth
from glowsim.firmware.retained.memory import Memory
from glowsim.peripheral.advertising.privacy import PrivateAddress
from glowsim.peripheral.pairing.bonds import Bonds
from glowsim.roller.flash_file import flash_file
from glowsim.roller.parts import body_of
from glowsim.roller.state_dir import StateDir, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from glowsim.faults.fault import Plan
    from glowsim.firmware.display import Variant
    from glowsim.peripheral.hci import Radio
    from glowsim.physics.body import Body
    from glowsim.roller.state_dir import Identity
    from glowsim.scene.scenario import Scenario

_FLASH: Final = "flash.bin"


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts of a roller. `clock` returns seconds, `wall_clock_us` UTC in µs since 1970.

    `seed` is for body and faults, `on_air` says whether the radio is virtual, and `private` is None for a roller that
    uses its identity address.
    """

    identity: Identity
    memory: Memory
    body: Body
    recorder: DeliveredRecorder
    clock: Callable[[], float]
    wall_clock_us: Callable[[], int]
    faults: tuple[Plan, ...]
    seed: int
    on_air: bool
    variant: Variant
    private: PrivateAddress | None


@contextmanager
def assembled(
    air: Radio,
    state_dir: Path,
    scenario: Scenario,
    *,
    seed: int | None,
    wall_clock_us: Callable[[], int],
    truth: Path | None,
) -> Iterator[Assembly]:
    """Put a roller together for the time of the block; raises as `Roller.open` does."""
    variant, body_seed = scenario.device.variant, scenario.seed if seed is None else seed
    with StateDir.locked(state_dir) as files, flash_file(state_dir / _FLASH) as chip:
        identity = files.identity(seeded(seed, "identity"))
        power_on_unix_us = wall_clock_us()
        if scenario.link.model_fields_set and isinstance(air, Air):
            air.set_conditions(LinkConditions(**scenario.link.model_dump()), identity.address)
        memory = Memory(chip)
        bonds = Bonds(memory, vouched_for=variant.display.authenticates)
        bonds.take_in(files)
        body = body_of(memory, scenario, seed, power_on_unix_us)
        about = {"scenario": scenario.title, "seed": str(body_seed), "serial": identity.serial}
        with (
            DeliveredRecorder(state_dir, power_on_unix_us, wall_clock_us) as recorder,
            keeping_truth(truth, body, about),
        ):
            bonds.drop_what_nobody_vouched_for()
            yield Assembly(
                identity,
                memory,
                body,
                recorder,
                asyncio.get_running_loop().time,
                wall_clock_us,
                tuple(fault.plan for fault in scenario.faults),
                body_seed,
                isinstance(air, Air),
                variant,
                PrivateAddress(identity.irk, seeded(seed, "addresses")) if variant.privacy else None,
            )
