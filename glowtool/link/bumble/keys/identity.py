"""Our identity on the air: one random static address and one identity resolving key for each bonds directory."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bumble import hci

from glowtool.link.bumble.private_file import damaged, read_json_object, write_json_object

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY_FILE: Final = "identity.json"
IRK_BYTES: Final = 16
_STATIC_PREFIX: Final = 0b11


@dataclass(frozen=True, slots=True)
class Identity:
    """The central's random static address and its identity resolving key (16 bytes)."""

    address: hci.Address
    irk: bytes


def load_or_create_identity(bonds_dir: Path) -> Identity:
    """Return the identity in the directory; make and store one first if there is none.

    Peers know us by it, so its loss is the loss of every bond. Raises InputError when the file is damaged.
    """
    path = bonds_dir / IDENTITY_FILE
    content = read_json_object(path)
    if not content:
        identity = Identity(hci.Address.generate_static_address(), secrets.token_bytes(IRK_BYTES))
        write_json_object(path, {"address": str(identity.address), "irk": identity.irk.hex()})
        return identity
    try:
        address = hci.Address(str(content["address"]))
        irk = bytes.fromhex(str(content["irk"]))
    except (KeyError, ValueError) as error:
        raise damaged(path, f"no valid address and irk: {error}") from error
    if bytes(address)[5] >> 6 != _STATIC_PREFIX or len(irk) != IRK_BYTES:
        raise damaged(path, "the address is not random static, or the irk is not 16 bytes")
    return Identity(address, irk)
