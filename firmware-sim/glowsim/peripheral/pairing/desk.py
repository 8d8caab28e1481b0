"""The decision on a host's request to pair: by the window, the room for bonds, and the person at the roller."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from glowsim.peripheral.pairing.session import pairing_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Connection
    from bumble.pairing import PairingConfig

    from glowsim.peripheral.link import Link
    from glowsim.peripheral.pairing.bonds import Bonds
    from glowsim.peripheral.pairing.window import PairingWindow


class PairingDesk:
    """Decides for one roller. `link_of` returns the link of a connection that may pair; `clock` returns seconds.

    `on_attempt` is called when an attempt begins, `on_bonded` with the link of a host whose bond is kept, `on_change`
    when an attempt has ended.
    """

    def __init__(
        self,
        bonds: Bonds,
        window: PairingWindow,
        link_of: Callable[[Connection], Link | None],
        clock: Callable[[], float],
        *,
        on_attempt: Callable[[], None],
        on_bonded: Callable[[Link], None],
        on_change: Callable[[], None],
    ) -> None:
        self._bonds = bonds
        self._window = window
        self._link_of = link_of
        self._clock = clock
        self._comparison: asyncio.Future[bool] | None = None
        self.refuses = False
        self._on_attempt = on_attempt
        self._on_bonded = on_bonded
        self._on_change = on_change

    def config(self, connection: Connection) -> PairingConfig:
        """Return the only configuration with which the roller pairs on a connection."""
        return pairing_config(_Door(self, connection), self._window.display)

    @property
    def open(self) -> bool:
        """Whether a host can begin to pair."""
        return self._window.is_open(self._clock())

    @property
    def comparing(self) -> bool:
        """Whether the person at the roller is being asked to compare numbers."""
        return self._comparison is not None and not self._comparison.done()

    def confirm(self, *, same: bool) -> bool:
        """Take the person's answer to the comparison; return whether there was a comparison."""
        if self._comparison is None or self._comparison.done():
            return False
        self._comparison.set_result(same)
        return True

    def begin(self, connection: Connection) -> int | None:
        """Begin a host's pairing attempt if that is possible now, and return the passkey on the display."""
        link = self._link_of(connection)
        if link is None or self.refuses:
            return None
        if self._bonds.full and str(connection.peer_address) not in self._bonds:
            self._window.refuse_for_room(self._clock())
            return None
        passkey = self._window.begin(self._clock())
        if passkey is not None:
            link.grant_time(self._clock())
            self._on_attempt()
        return passkey

    async def compare(self, connection: Connection, number: int) -> bool:
        """Show a number until the person says whether the host shows the same, or the attempt ends."""
        if self._link_of(connection) is None:
            return False
        comparison: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._comparison = comparison
        self._window.compare(number)
        return await comparison

    def end(self, connection: Connection, *, bonded: bool) -> None:
        """End a host's pairing attempt; it has succeeded when its bond is kept."""
        if self._comparison is not None:
            self._comparison.cancel()
            self._comparison = None
        if bonded and str(connection.peer_address) in self._bonds:
            self._window.succeed()
            link = self._link_of(connection)
            if link is not None:
                self._on_bonded(link)
        else:
            self._window.fail(self._clock())
        self._on_change()


class _Door:
    """The doorkeeper of one connection."""

    def __init__(self, desk: PairingDesk, connection: Connection) -> None:
        self._desk = desk
        self._connection = connection

    def begin_attempt(self) -> int | None:
        return self._desk.begin(self._connection)

    async def compare(self, number: int) -> bool:
        return await self._desk.compare(self._connection, number)

    def end_attempt(self, *, bonded: bool) -> None:
        self._desk.end(self._connection, bonded=bonded)
