"""Two rollers in a household, switched on for one visit at a time."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glowsim.adapter import adapter as simulated
from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.roller.rollers import rollers_on
from glowsim.scene.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bumble.transport.common import Transport

    from glowsim.peripheral.pairing.screen import Screen
    from glowsim.roller.roller import Roller as VirtualRoller


@dataclass
class House:
    """The air of a household and the rollers that are switched on in it."""

    air: Air
    rollers: list[VirtualRoller]
    lines: list[str] = field(default_factory=list)


@asynccontextmanager
async def house(state_dir: Path, seed: int) -> AsyncIterator[House]:
    """Switch both rollers on for one visit, and let `--adapter sim` hear them."""
    air, lines = Air(), list[str]()
    usual = simulated.open_transport

    @asynccontextmanager
    async def heard(
        argument: str | None, *, state_dir: Path, announce: Callable[[str], None]
    ) -> AsyncIterator[Transport]:
        async with in_process_transport(air, "glowtool") as transport:
            yield transport

    def show(number: int, screen: Screen) -> None:
        lines.append(f"{number}: {screen}")

    async with rollers_on(air, state_dir, Scenario(), 2, seed=seed, display=show) as rollers:
        simulated.open_transport = heard
        try:
            yield House(air, rollers, lines)
        finally:
            simulated.open_transport = usual
