"""A known roller that asks for weaker pairing than before: refused, unless a person types the roller's name.

Anyone nearby can imitate address, name and serial number, and claim to have no display. Only a check of digits tells
such a device from the roller, so no option switches it off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.app.asks import GiveUpCheck, UnansweredError
from glowtool.app.rollers.sighting import known_as
from glowtool.errors import WeakPairingError
from glowtool.link.pairing import SecurityLevel
from glowtool.store.rollers.known import KnownRoller, Paired

if TYPE_CHECKING:
    from glowtool.app.asks import Asks
    from glowtool.app.rollers.sighting import Sighting
    from glowtool.link.adapter import Adapter


@dataclass(slots=True)
class Remembered:
    """How the known rollers were paired, and the one whose check a person gave up, if any."""

    rollers: tuple[KnownRoller, ...]
    given_up: KnownRoller | None = None

    @classmethod
    async def of(cls, adapter: Adapter, rollers: tuple[KnownRoller, ...], sighting: Sighting) -> Remembered:
        """Return how rollers were paired; where no note says so, what the present bond proves.

        This includes the roller that is heard: its bond may have outlived the file of the known rollers.
        """
        heard = sighting.device.address
        level = None if any(known.address == heard for known in rollers) else await adapter.bond_level(heard)
        bonded = () if level is None else (_only_bonded(sighting, level),)
        return cls((*[await _with_level(adapter, known) for known in rollers], *bonded))

    async def ask_before(self, sighting: Sighting, asks: Asks) -> None:
        """Ask a person to type the name of a known roller that announces a weaker way of pairing than before.

        It asks before anything is changed, and raises `WeakPairingError` when the person types anything else.
        """
        known = known_as(sighting, self.rollers)
        if known is None or sighting.has_display or not known.gives_up(SecurityLevel.UNAUTHENTICATED):
            return
        try:
            typed = await asks.typed(GiveUpCheck(known.spoken, known.how_paired))
        except UnansweredError:  # nobody typed the name, so nothing is given up
            typed = ""
        if typed != known.spoken:
            raise _refused(known)
        self.given_up = known

    def require_as_strong(self, entry: KnownRoller) -> None:
        """Raise `WeakPairingError` when the paired device is a known roller, paired in a weaker way than before.

        Before pairing, a device may claim anything about itself; its serial number is read only now.
        """
        level = SecurityLevel.AUTHENTICATED if entry.paired is None else entry.paired.level
        for known in self.rollers:
            is_same = known.address == entry.address or (known.serial != "" and known.serial == entry.serial)
            if is_same and known.gives_up(level) and known != self.given_up:
                raise _refused(known)


def _only_bonded(sighting: Sighting, level: SecurityLevel) -> KnownRoller:
    address = sighting.device.address
    return KnownRoller(
        address=address, name=sighting.name or address, last_seen_utc=datetime.now(UTC), paired=Paired(level=level)
    )


async def _with_level(adapter: Adapter, known: KnownRoller) -> KnownRoller:
    level = None if known.paired is not None else await adapter.bond_level(known.address)
    return known if level is None else known.model_copy(update={"paired": Paired(level=level)})


def _refused(known: KnownRoller) -> WeakPairingError:
    return WeakPairingError(
        f"{known.spoken} was {known.how_paired}, but would now be paired without a check, so nothing was changed. "
        "Another device may answer in its place",
        advice=(
            "go where nobody is nearby, and try again. If you changed this setting on the roller, pair again and type "
            f"its name when asked, or forget it first (`glowtool devices forget {known.address}`)"
        ),
    )
