"""The attribute table as it is now, after updates, and the hosts to be told that it has changed.

Handles belong to one table. A host's subscriptions under an earlier table are void, except to Service Changed itself,
whose place never moves (Core, Vol 3, Part G, 2.5.2 and 7.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.firmware.retained.bonds import TABLE_SIZE
from glowsim.peripheral.gatt.server import LAST_HANDLE, database_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from glowsim.peripheral.gatt.server import RollerGattServer
    from glowsim.peripheral.gatt.services import Served
    from glowsim.peripheral.link import Link
    from glowsim.peripheral.pairing.bonds import Bonds


class AttributeTable:
    """Builds the table and tells hosts. `build` adds the roller's services; given True, those after an update."""

    def __init__(self, server: RollerGattServer, bonds: Bonds, build: Callable[[bool], Served]) -> None:
        self._server = server
        self._bonds = bonds
        self._build = build
        self._updated = False
        self.served = build(False)  # noqa: FBT003 - see `build`

    @property
    def mark(self) -> bytes:
        """The mark that distinguishes this table from others."""
        return database_hash(self._server.attributes)[:TABLE_SIZE]

    def update(self, links: Iterable[Link]) -> None:
        """Change the table as a firmware update would, or change it back, and tell the connected hosts."""
        self._updated = not self._updated
        self._server.begin_table()
        self.served = self._build(self._updated)
        for link in links:
            link.drop_answers()
            if link.trusted:
                self._bonds.subscribe(_name(link), self._server.subscriptions(link.connection))
            self._tell(link)

    def welcome(self, link: Link) -> None:
        """Restore a bonded host's subscriptions, or tell it that the table has changed since."""
        name, mark = _name(link), self.mark
        kept = self._bonds.subscriptions(name)
        if self._bonds.table(name) == mark:
            self._server.resubscribe(link.connection, kept)
            return
        always = self._server.service_changed.handle
        self._server.resubscribe(link.connection, {handle: value for handle, value in kept.items() if handle == always})
        self._tell(link)

    def known_to(self, link: Link) -> None:
        """Note that a host knows this table: it has just discovered it, or has confirmed the change."""
        self._bonds.know_table(_name(link), self.mark)

    def _tell(self, link: Link) -> None:
        server, connection, mark = self._server, link.connection, self.mark
        changed = server.service_changed
        if not server.wants_indications(connection, changed):
            # Such a host must discover the table in every connection.
            self.known_to(link)
            return
        value = b"".join(handle.to_bytes(2, "little") for handle in (server.first_changing, LAST_HANDLE))
        link.tell(
            lambda: server.indicate_now(connection, changed, value),
            lambda: self._bonds.know_table(_name(link), mark),
        )


def _name(link: Link) -> str:
    return str(link.connection.peer_address)
