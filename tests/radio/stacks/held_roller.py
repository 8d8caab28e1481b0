"""A roller in a person's hand, who reads its display, presses its button, cuts its power and switches it off."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowsim.roller.roller import Roller
from glowsim.scene.scenario import Scenario
from glowtool.link.pairing import PairingAnswers
from radio.stacks.holder import Holder
from support.air.people import no, yes
from support.air.rollers import Display, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from glowsim.air.air import Air

#: Long enough to open the pairing window.
LONG_PRESS_S = 2.5


class HeldRoller:
    """A virtual roller with its flash in a folder, and the person who holds it.

    `roller` is the one that is switched on, another object after each restart; `display` has every line ever shown.
    """

    def __init__(self, air: Air, folder: Path, scenario: Scenario | None = None, seed: int = 1) -> None:
        self._air = air
        self._folder = folder
        self._scenario = scenario or Scenario()
        self._seed = seed
        self._held: Holder[Roller] | None = None
        self.display = Display()

    @property
    def roller(self) -> Roller:
        """The roller, for what is not here."""
        assert self._held is not None, "the roller is switched off"
        return self._held.value

    @property
    def name(self) -> str:
        """The name that it advertises."""
        return self.roller.name

    @property
    def address(self) -> str:
        """Its identity address."""
        return self.roller.address

    @property
    def connected(self) -> bool:
        """Whether it is on, and a host is connected."""
        return self._held is not None and self.roller.connected

    @property
    def passkey(self) -> int:
        """The passkey shown last."""
        return self.display.passkey

    def open_window(self) -> None:
        """Hold the button until the pairing window opens."""
        self.roller.press_button(LONG_PRESS_S)

    def cut(self, after_s: float = 0.0) -> None:
        """End the link with a supervision timeout on both sides, now or after `after_s`."""
        self._air.cut(self.address, after_s)

    def forget_bonds(self) -> None:
        """Drop its half of every bond, as a reset to factory settings does."""
        self.roller.bonds.forget()

    def answers(self) -> PairingAnswers:
        """Return the answers of a person who types the digits on the display, and says that all numbers match."""
        return PairingAnswers(passkey=self.right_passkey, compare=yes)

    def wrong_answers(self) -> PairingAnswers:
        """Return the answers of a person who types other digits, and says that no numbers match."""
        return PairingAnswers(passkey=self._wrong_passkey, compare=no)

    async def right_passkey(self) -> int:
        """Return the passkey on the display, once there is one."""
        await until(lambda: any(line.startswith("passkey ") for line in self.display), 5)
        return self.passkey

    async def _wrong_passkey(self) -> int:
        await self.right_passkey()
        return self.display.wrong()

    @asynccontextmanager
    async def switched_on(self) -> AsyncIterator[None]:
        """Have it on for the time of the block, but for the times when it is switched off in it."""
        await self.switch_on()
        try:
            yield
        finally:
            await self.switch_off()

    async def switch_on(self) -> None:
        """Switch it on, with what its flash holds."""
        opening = Roller.open(self._air, self._folder, self._scenario, seed=self._seed, display=self.display.show)
        self._held = await Holder.open(opening)

    async def switch_off(self) -> None:
        """Switch it off; its host sees a supervision timeout."""
        held, self._held = self._held, None
        if held is not None:
            await held.close()

    async def restart(self) -> None:
        """Switch it off and on again."""
        await self.switch_off()
        await self.switch_on()
