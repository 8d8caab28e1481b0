"""The adapter `sim` of glowtool: one virtual roller and a controller for glowtool, in the same process."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.roller.roller import LONG_PRESS_S, Roller
from glowsim.scene.scenario import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bumble.transport.common import Transport

    from glowsim.peripheral.pairing.screen import Screen


@asynccontextmanager
async def open_transport(
    argument: str | None, *, state_dir: Path, announce: Callable[[str], None]
) -> AsyncIterator[Transport]:
    """Yield the HCI transport of a controller with one virtual roller in reach.

    `argument` is the name or the path of a scenario, None for the default one. The roller keeps its state in
    `state_dir`; `announce` gets the lines of its display from the first pairing attempt on. The roller confirms
    numbers to compare by itself: the person at the keyboard also holds the roller, and answers once. Raises
    ScenarioError, AdapterUnavailableError when another process uses the directory, InputError when a file in it is
    damaged.
    """
    scenario = load(argument)
    air = Air()

    def confirm() -> None:
        # The person at the keyboard also holds the roller, which is there before it shows anything.
        roller.confirm()

    display = _ShyDisplay(announce, confirm)
    async with (
        Roller.open(air, state_dir, scenario, display=display.show, on_attempt=display.reveal) as roller,
        in_process_transport(air, "glowtool") as transport,
    ):
        roller.press_button(LONG_PRESS_S)
        yield transport


class _ShyDisplay:
    """A display that stays dark until a host begins to pair; then it shows its content, and every change of it.

    `confirm` is called when the person is asked to compare.
    """

    def __init__(self, announce: Callable[[str], None], confirm: Callable[[], None]) -> None:
        self._announce = announce
        self._confirm = confirm
        self._screen: Screen | None = None
        self._revealed = False

    def show(self, screen: Screen) -> None:
        self._screen = screen
        if self._revealed:
            self._announce(str(screen))
        if screen.asks_to_compare:
            self._confirm()

    def reveal(self) -> None:
        if not self._revealed and self._screen is not None:
            self._revealed = True
            self._announce(str(self._screen))
