"""All connections of the roller: at most one bonded host, and strangers as long as there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bumble import att

    from glowsim.peripheral.link import Link
    from glowsim.peripheral.pairing.bonds import Bonds


class Links:
    """The links by connection. `host` is the link whose host has shown the key of its bond."""

    def __init__(self, bonds: Bonds) -> None:
        self._bonds = bonds
        self._links: dict[att.Bearer, Link] = {}
        self.host: Link | None = None

    def __iter__(self) -> Iterator[Link]:
        return iter(list(self._links.values()))

    def __len__(self) -> int:
        return len(self._links)

    def of(self, connection: att.Bearer) -> Link | None:
        """Return the link of a connection; None when it was not let in or has gone."""
        return self._links.get(connection)

    @property
    def strangers(self) -> int:
        """The number of links whose address is not a bonded host's."""
        return sum(not link.trusted and str(link.connection.peer_address) not in self._bonds for link in self)

    @property
    def unbonded(self) -> list[Link]:
        """The links that are trusted by a bond which is gone by now."""
        return [link for link in self if link.trusted and str(link.connection.peer_address) not in self._bonds]

    def add(self, link: Link) -> None:
        """Let a connection in."""
        self._links[link.connection] = link

    def remove(self, link: Link) -> bool:
        """Remove a link; return whether it was the host's."""
        self._links.pop(link.connection, None)
        was_host = self.host is link
        if was_host:
            self.host = None
        return was_host

    def welcome(self, link: Link) -> list[Link] | None:
        """Make a link the host's, and return the others, which must go; None when there is already a host."""
        if self.host not in {None, link}:
            return None
        self.host = link
        return [other for other in self if other is not link]
