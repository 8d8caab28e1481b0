"""The roller's bonds, at most eight, as bumble asks for them; the flash keeps them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from bumble.hci import Address, AddressType
from bumble.keys import KeyStore, PairingKeys

from glowsim.firmware.flash.chip import PowerLostError
from glowsim.firmware.flash.records import FlashBrokenError, FlashFullError
from glowsim.firmware.retained.bonds import MAX_BONDS, UNKNOWN_TABLE, Bond, BondTable
from glowsim.peripheral.advertising.broadcast import Invited
from glowtool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from glowsim.firmware.retained.memory import Memory

#: The file in which rollers kept their bonds before the flash kept them.
_FILE: Final = "bonds.json"


class Files(Protocol):
    """Access to the former file of bonds."""

    def read(self, name: str) -> dict[str, object]:
        """Return the content of a file; empty when there is none."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens when there is none."""
        ...


class Bonds(KeyStore):
    """Pairing keys by the peer's identity address, as bumble writes it; a change is in the flash when the call returns.

    When the flash takes no more, nothing changes. `on_power_lost` is called when the power fails during a write,
    `on_gone` with the peer whose bond is gone, also when a new bond with the same peer replaces it. With `vouched_for`,
    only bonds that a person has authenticated count; a roller without a display keeps the others, too.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        vouched_for: bool = True,
        on_power_lost: Callable[[], None] = lambda: None,
        on_gone: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._table = BondTable(memory)
        self._vouched_for = vouched_for
        self._on_power_lost = on_power_lost
        self._on_gone = on_gone

    @property
    def addresses(self) -> list[str]:
        """The identity addresses of the bonded peers."""
        return [_name(bond) for bond in self._all()]

    @property
    def count(self) -> int:
        """The number of bonds. There is no `__len__`: bumble takes an empty, so false, store for no store at all."""
        return len(self._all())

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not None

    @property
    def full(self) -> bool:
        """Whether there is no room for another peer."""
        return self.count >= MAX_BONDS

    @property
    def invited(self) -> tuple[Invited, ...]:
        """The bonded peers, as an advertiser takes them."""
        return tuple(Invited(Address(bond.address, AddressType(bond.address_type)), bond.irk) for bond in self._all())

    async def get(self, name: str) -> PairingKeys | None:
        """Return the keys of a peer; None without a bond."""
        bond = self._find(name)
        return None if bond is None else _keys(bond)

    async def get_all(self) -> list[tuple[str, PairingKeys]]:
        """Return address and keys of every peer."""
        return [(_name(bond), _keys(bond)) for bond in self._all()]

    async def update(self, name: str, keys: PairingKeys) -> None:
        """Keep the keys of a peer instead of any older ones; keys that no passkey vouches for are refused."""
        bond = _bond(name, keys)
        if self._vouched_for and not bond.authenticated:
            raise ValueError(f"the long term key of {name} is not authenticated")
        with self._written():
            replaced = self._find(name)
            self._table.keep(bond)
            if replaced is not None:
                self._on_gone(_name(replaced))

    async def delete(self, name: str) -> None:
        """Drop the keys of a peer; nothing happens when there are none."""
        self.drop(name)

    def drop(self, name: str) -> None:
        """Drop the keys of a peer, as `delete` does, without awaiting."""
        with self._written():
            self._table.drop(_identity(name))
            self._on_gone(name)

    def forget(self) -> None:
        """Drop the keys of every peer."""
        with self._written():
            gone = self.addresses
            self._table.forget()
            for name in gone:
                self._on_gone(name)

    def subscriptions(self, name: str) -> dict[int, int]:
        """Return the kept client configurations of a peer, by handle; empty without a bond."""
        bond = self._find(name)
        return {} if bond is None else dict(bond.subscriptions)

    def subscribe(self, name: str, values: Mapping[int, int]) -> None:
        """Keep a peer's client configurations with its bond; nothing happens without one."""
        wanted = tuple(sorted((handle, value) for handle, value in values.items() if value))
        self._change(name, lambda bond: replace(bond, subscriptions=wanted))

    def table(self, name: str) -> bytes:
        """Return the attribute table that a peer knows; UNKNOWN_TABLE without a bond."""
        bond = self._find(name)
        return UNKNOWN_TABLE if bond is None else bond.table

    def know_table(self, name: str, table: bytes) -> None:
        """Keep the attribute table that a peer knows; nothing happens without a bond."""
        self._change(name, lambda bond: replace(bond, table=table))

    def take_in(self, files: Files) -> None:
        """Move the bonds of the former file into the flash, once; InputError when the file is damaged."""
        for name, content in files.read(_FILE).items():
            bond = _decoded(name, content)
            if bond.authenticated and self._table.find(bond.identity) is None and not self.full:
                self._table.keep(bond)
        files.remove(_FILE)

    def drop_what_nobody_vouched_for(self) -> None:
        """Drop the bonds that do not count here, so that they take no room."""
        for bond in self._table.all():
            if self._vouched_for and not bond.authenticated:
                self.drop(_name(bond))

    def _all(self) -> list[Bond]:
        return [bond for bond in self._table.all() if bond.authenticated or not self._vouched_for]

    def _find(self, name: str) -> Bond | None:
        wanted = _identity(name)
        return next((bond for bond in self._all() if bond.identity == wanted), None)

    def _change(self, name: str, changed: Callable[[Bond], Bond]) -> None:
        bond = self._find(name)
        if bond is not None and changed(bond) != bond:
            with self._written():
                self._table.keep(changed(bond))

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except PowerLostError:
            self._on_power_lost()
        except (FlashFullError, FlashBrokenError):
            # A bond that is not kept does not count: its host must pair again. The firmware finds the fault.
            pass


def _identity(name: str) -> tuple[bytes, bool]:
    address = Address(name)
    return bytes(address), address.is_random


def _name(bond: Bond) -> str:
    return str(Address(bond.address, AddressType(bond.address_type)))


def _bond(name: str, keys: PairingKeys) -> Bond:
    if keys.ltk is None:
        raise ValueError(f"there is no long term key of {name}")
    address = Address(name)
    irk, csrk = (None if key is None else key.value for key in (keys.irk, keys.csrk))
    kind = address.address_type if keys.address_type is None else keys.address_type
    return Bond(bytes(address), int(kind), keys.ltk.value, irk, csrk, authenticated=keys.ltk.authenticated)


def _keys(bond: Bond) -> PairingKeys:
    def key(value: bytes | None) -> PairingKeys.Key | None:
        return None if value is None else PairingKeys.Key(value, authenticated=bond.authenticated)

    return PairingKeys(
        address_type=AddressType(bond.address_type), ltk=key(bond.ltk), irk=key(bond.irk), csrk=key(bond.csrk)
    )


def _decoded(name: str, keys: object) -> Bond:
    try:
        # bumble declares its own dictionaries with Any; a wrong one raises one of these errors.
        return _bond(name, PairingKeys.from_dict(cast("dict[str, Any]", keys)))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{_FILE} is damaged ({error!r})", advice="remove it, and pair again") from error
