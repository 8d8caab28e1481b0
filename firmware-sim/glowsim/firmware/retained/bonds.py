"""The bonds in the flash: one record for each host, with its keys and its subscriptions."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash.layout import Kind
from glowtool.errors import GlowtoolError

if TYPE_CHECKING:
    from glowsim.firmware.retained.memory import Memory

#: How many hosts can be bonded at a time (design).
MAX_BONDS: Final = 8

KEY_SIZE: Final = 16
ADDRESS_SIZE: Final = 6
#: The length of the part of the Database Hash that distinguishes attribute tables.
TABLE_SIZE: Final = 8

#: Format, type of the address (Core, Vol 6, Part B, 1.3: odd ones are random), address, LTK, IRK, CSRK; a key that the
#: host has not given is all zeros, which none may be. Then flags and the table that the host knows; then a handle and a
#: value for each subscription. The first format had no flags, for its bonds are all authenticated, and no table.
_HEAD: Final = struct.Struct(f"<BB{ADDRESS_SIZE}s{KEY_SIZE}s{KEY_SIZE}s{KEY_SIZE}s")
_MORE: Final = struct.Struct(f"<B{TABLE_SIZE}s")
_SUBSCRIPTION: Final = struct.Struct("<HH")
_FIRST_FORMAT: Final = 1
_FORMAT: Final = 2
_AUTHENTICATED: Final = 0x01
_NO_KEY: Final = bytes(KEY_SIZE)
UNKNOWN_TABLE: Final = bytes(TABLE_SIZE)

#: Handles of client configurations with their values; zeros, the initial values, are left out.
Subscriptions = tuple[tuple[int, int], ...]


class BondsFullError(GlowtoolError):
    """All places for bonds are taken; nothing has changed."""


@dataclass(frozen=True, slots=True)
class Bond:
    """A host that has paired: identity address (as sent, six bytes), keys, and its client configurations.

    All keys are of 16 bytes; `irk` and `csrk` are None when the host gave none. ValueError for another size.
    `authenticated` says that a person at the roller has vouched for the host. `table` begins the Database Hash of the
    table of attributes that the host knows, and whose handles `subscriptions` have.
    """

    address: bytes
    address_type: int
    ltk: bytes
    irk: bytes | None = None
    csrk: bytes | None = None
    subscriptions: Subscriptions = ()
    authenticated: bool = True
    table: bytes = UNKNOWN_TABLE

    def __post_init__(self) -> None:
        sizes = [len(key) for key in (self.ltk, self.irk, self.csrk) if key is not None]
        if len(self.address) != ADDRESS_SIZE or set(sizes) != {KEY_SIZE} or len(self.table) != TABLE_SIZE:
            raise ValueError(f"an address of {len(self.address)} bytes with keys of {sizes} bytes is not a bond")

    @property
    def identity(self) -> tuple[bytes, bool]:
        """The identity of the host: its address, and whether it is random."""
        return self.address, bool(self.address_type % 2)


def encode_bond(bond: Bond) -> bytes:
    """Return the payload of a bond's record."""
    keys = (bond.ltk, bond.irk or _NO_KEY, bond.csrk or _NO_KEY)
    head = _HEAD.pack(_FORMAT, bond.address_type, bond.address, *keys)
    more = _MORE.pack(_AUTHENTICATED if bond.authenticated else 0, bond.table)
    return head + more + b"".join(_SUBSCRIPTION.pack(handle, value) for handle, value in bond.subscriptions)


def decode_bond(data: bytes) -> Bond | None:
    """Return the bond in a record's payload; None when another firmware wrote it in another format."""
    if len(data) < _HEAD.size:
        return None
    form, address_type, address, ltk, irk, csrk = _HEAD.unpack_from(data)
    flags, table, rest = _AUTHENTICATED, UNKNOWN_TABLE, data[_HEAD.size :]
    if form == _FORMAT and len(rest) >= _MORE.size:
        flags, table = _MORE.unpack_from(rest)
        rest = rest[_MORE.size :]
    elif form != _FIRST_FORMAT:
        return None
    if len(rest) % _SUBSCRIPTION.size:
        return None
    subscriptions = tuple((handle, value) for handle, value in _SUBSCRIPTION.iter_unpack(rest))
    authenticated = bool(flags & _AUTHENTICATED)
    return Bond(address, address_type, ltk, _given(irk), _given(csrk), subscriptions, authenticated, table)


def _given(key: bytes) -> bytes | None:
    return None if key == _NO_KEY else key


class BondTable:
    """The bonds in a memory. A change survives once the call returns; the errors are the record store's."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def all(self) -> list[Bond]:
        """Return every bond, by its place in the table."""
        return list(self._slots().values())

    def find(self, identity: tuple[bytes, bool]) -> Bond | None:
        """Return the bond of a host; None when there is none."""
        return next((bond for bond in self._slots().values() if bond.identity == identity), None)

    def keep(self, bond: Bond) -> None:
        """Keep a bond and replace an older one of the same host; BondsFullError when all places are taken."""
        slots = self._slots()
        same = [slot for slot, kept in slots.items() if kept.identity == bond.identity]
        free = [slot for slot in range(MAX_BONDS) if slot not in slots]
        if not same and not free:
            raise BondsFullError(
                f"{MAX_BONDS} hosts are bonded, which is all there is room for", advice="forget one first"
            )
        self._memory.records.put(Kind.BOND, (same or free)[0], encode_bond(bond))

    def drop(self, identity: tuple[bytes, bool]) -> None:
        """Drop the bond of a host; nothing happens when there is none."""
        for slot, bond in self._slots().items():
            if bond.identity == identity:
                self._memory.records.delete(Kind.BOND, slot)

    def forget(self) -> None:
        """Drop all bonds, including those of another firmware."""
        for slot in self._memory.records.keys(Kind.BOND):
            self._memory.records.delete(Kind.BOND, slot)

    def _slots(self) -> dict[int, Bond]:
        records = self._memory.records
        found = {slot: decode_bond(records.get(Kind.BOND, slot) or b"") for slot in records.keys(Kind.BOND)}
        return {slot: bond for slot, bond in found.items() if bond is not None}
