"""The devices that an advertiser accepts: a controller's filter accept list, and keys for private addresses.

Core, Vol 6, Part B, 4.3.1 and 1.3.2.3. The list holds identities; a device with a private address is on it when one of
the keys resolves that address to a listed identity.
"""

from __future__ import annotations

from typing import Final

from bumble import crypto, hci

#: Connection requests only from the list; scan requests from all devices, or only from the list as well.
FILTERS_CONNECTIONS: Final = frozenset({0x02, 0x03})


class AcceptList:
    """The two lists of one controller. Addresses are compared by their bytes and by whether they are random."""

    def __init__(self) -> None:
        self._identities: set[tuple[bytes, bool]] = set()
        self._keys: dict[tuple[bytes, bool], bytes] = {}

    def clear(self) -> None:
        """Clear the list."""
        self._identities.clear()

    def add(self, identity: hci.Address) -> None:
        """Put an identity on the list."""
        self._identities.add(_of(identity))

    def clear_keys(self) -> None:
        """Drop every key."""
        self._keys.clear()

    def add_key(self, identity: hci.Address, irk: bytes) -> None:
        """Add the key that resolves an identity's private addresses."""
        self._keys[_of(identity)] = irk

    def accepts(self, address: hci.Address) -> bool:
        """Return whether the device with this address is on the list."""
        if _of(address) in self._identities:
            return True
        if not address.is_resolvable:
            return False
        data = bytes(address)
        return any(who in self._identities and crypto.ah(irk, data[3:]) == data[:3] for who, irk in self._keys.items())


def _of(address: hci.Address) -> tuple[bytes, bool]:
    return bytes(address), address.is_random
