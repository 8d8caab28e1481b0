"""A known roller that wants to be paired in a weaker way than before: refused, unless a person types what is given up.

Whoever stands near can imitate address, name and serial number, and say that there is no display. Only a check of
digits tells such a device from the roller, so no option takes it away.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.cli.scan.command import known_as
from glowtool.cli.terminal.passkey import after_question, read_line
from glowtool.cli.terminal.streams import show
from glowtool.errors import WeakPairingError
from glowtool.link.pairing import SecurityLevel
from glowtool.protocol.advertising import AdvertisingFlag

if TYPE_CHECKING:
    from glowtool.cli.scan.command import Sighting
    from glowtool.link.adapter import Adapter
    from glowtool.store.rollers.registry import KnownRoller


@dataclass(slots=True)
class Remembered:
    """How the known rollers were paired, and the one whose check a person gave up, if any."""

    rollers: tuple[KnownRoller, ...]
    given_up: KnownRoller | None = None

    @classmethod
    async def of(cls, adapter: Adapter, rollers: tuple[KnownRoller, ...], sighting: Sighting) -> Remembered:
        """Return how rollers were paired; where that was not noted, what the present bond proves.

        So too for the roller that is heard: the bond with it may have outlived the file of the known rollers.
        """
        heard = sighting.device.address
        level = None if any(known.address == heard for known in rollers) else await adapter.bond_level(heard)
        bonded = () if level is None else (_only_bonded(sighting, level),)
        return cls((*[await _with_level(adapter, known) for known in rollers], *bonded))

    async def ask_before(self, sighting: Sighting) -> None:
        """Have a person type the name of a known roller that announces a weaker way than before.

        Asked before anything is changed. Raises `WeakPairingError` when anything else was typed.
        """
        known = known_as(sighting, self.rollers)
        has_display = AdvertisingFlag.NO_DISPLAY not in sighting.flags
        if known is None or has_display or not known.gives_up(SecurityLevel.UNAUTHENTICATED):
            return
        _warn(known)
        if (await read_line()).strip() != known.spoken:
            raise _refused(known)
        self.given_up = known

    def require_as_strong(self, entry: KnownRoller) -> None:
        """Raise `WeakPairingError` when what was paired turns out to be a known roller, in a weaker way than before.

        What a roller says of itself before it is paired may be anything; its serial number is read only then.
        """
        level = SecurityLevel.AUTHENTICATED if entry.paired is None else entry.paired.level
        for known in self.rollers:
            is_same = known.address == entry.address or (known.serial != "" and known.serial == entry.serial)
            if is_same and known.gives_up(level) and known != self.given_up:
                raise _refused(known)


def _only_bonded(sighting: Sighting, level: SecurityLevel) -> KnownRoller:
    from datetime import UTC, datetime

    from glowtool.store.rollers.registry import KnownRoller, Paired

    address = sighting.device.address
    return KnownRoller(
        address=address, name=sighting.name or address, last_seen_utc=datetime.now(UTC), paired=Paired(level=level)
    )


async def _with_level(adapter: Adapter, known: KnownRoller) -> KnownRoller:
    from glowtool.store.rollers.registry import Paired

    level = None if known.paired is not None else await adapter.bond_level(known.address)
    return known if level is None else known.model_copy(update={"paired": Paired(level=level)})


def _warn(known: KnownRoller) -> None:
    show(
        f"{known.spoken} was {known.how_paired}, and what answers now says that it has no display, so nobody can check "
        "what it is. It may be another device in its place: whoever is near can imitate the roller's name, "
        "address and serial number, would read your pressure log and could answer in the roller's place. Go on "
        "only if you changed this setting on the roller yourself.",
        sys.stderr,
    )
    question = f"To give up the check of {known.spoken}, type its name (empty: cancel):"
    show(question, sys.stderr, end=after_question())


def _refused(known: KnownRoller) -> WeakPairingError:
    return WeakPairingError(
        f"{known.spoken} was {known.how_paired}, and would be paired without a check now; nothing was changed. Another "
        "device may answer in its place: go where nobody is near, and try again. If you changed this setting on the "
        "roller, pair again and type its name when asked, or forget it first "
        f"(`glowtool devices forget {known.address}`)"
    )
