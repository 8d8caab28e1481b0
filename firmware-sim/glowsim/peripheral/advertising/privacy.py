"""The roller's resolvable private address: only a host with its identity resolving key recognises it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bumble import crypto, hci

if TYPE_CHECKING:
    import random

#: How long an address is used (Core, Vol 3, Part C, appendix A: TGAP(private_addr_int)).
SERVES_S: Final = 900.0

#: The two most significant bits of a resolvable private address (Core, Vol 6, Part B, 1.3.2.2).
_RESOLVABLE_BITS: Final = 0x40
_RANDOM_BITS: Final = 0x3F


def resolvable_address(irk: bytes, draw: random.Random) -> hci.Address:
    """Return a new address that the key resolves (Core, Vol 6, Part B, 1.3.2.2)."""
    number = bytearray(draw.randbytes(3))
    number[2] = number[2] & _RANDOM_BITS | _RESOLVABLE_BITS
    return hci.Address(crypto.ah(irk, bytes(number)) + bytes(number), hci.AddressType.RANDOM_DEVICE)


class PrivateAddress:
    """The present private address, and when the next one is due. Time is an argument."""

    def __init__(self, irk: bytes, draw: random.Random) -> None:
        self._irk = irk
        self._draw = draw
        self._renew_at_s: float | None = None

    def expire(self) -> None:
        """Stop using the present address."""
        self._renew_at_s = None

    def due(self, now_s: float) -> bool:
        """Return whether another address is due; at first there is none."""
        return self._renew_at_s is None or now_s >= self._renew_at_s

    def renew(self, now_s: float) -> hci.Address:
        """Return another address, which is used from now on."""
        self._renew_at_s = now_s + SERVES_S
        return resolvable_address(self._irk, self._draw)
