"""The removal of a peer's bond and attribute table from the bonds directory, without an adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.link.bumble.private_file import read_json_object, write_json_object

if TYPE_CHECKING:
    from pathlib import Path

_BONDS: Final = "bonds.json"
_TABLES: Final = "tables.json"


def drop_keys(bonds_dir: Path, address: str) -> bool:
    """Drop bond and table of the peer of that address, for all identities of this computer; True if there was a bond.

    Raises InputError when a file is damaged or cannot be written, StoreError when it is another user's.
    """
    bonds = read_json_object(bonds_dir / _BONDS)
    found = False
    for peers in bonds.values():
        if isinstance(peers, dict):
            found = _drop(peers, address) or found
    if found:
        write_json_object(bonds_dir / _BONDS, bonds)
    tables = read_json_object(bonds_dir / _TABLES)
    if _drop(tables, address):
        write_json_object(bonds_dir / _TABLES, tables)
    return found


def _drop(entries: dict[str, object], address: str) -> bool:
    # A public address is written with a qualifier after it.
    names = [name for name in entries if name.partition("/")[0].casefold() == address.casefold()]
    for name in names:
        del entries[name]
    return bool(names)
