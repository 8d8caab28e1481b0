"""The bonds we keep: one file, by our own identity address and then by the peer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from bumble.keys import KeyStore, PairingKeys

from glowtool.errors import InputError
from glowtool.kit.storage.damaged_file import entries, put_aside
from glowtool.link.bumble.private_file import damaged, read_json_object, write_json_object

if TYPE_CHECKING:
    from pathlib import Path

BONDS_FILE: Final = "bonds.json"

_KEY_BYTES: Final = 16


class BondStore(KeyStore):
    """Pairing keys in a JSON file, written atomically and readable by the owner only.

    The peer's keys are replaced as a whole: no field of an older bond survives in a newer one. The file is read again
    for each request, because another glowtool may have paired in the meantime.
    """

    def __init__(self, bonds_dir: Path, identity_address: str) -> None:
        self.path = bonds_dir / BONDS_FILE
        self._identity_address = identity_address

    def mend(self) -> None:
        """Set a damaged file aside, and put its intact part in its place; InputError then says what is lost.

        It is called before the file is used: the next command finds it whole. Undamaged bonds stay.
        """
        try:
            content = read_json_object(self.path)
        except InputError:
            whole, lost = dict[str, dict[str, object]](), ["all of its content"]
        else:
            whole, lost = self._sorted(content)
        if not lost:
            return
        try:
            aside = put_aside(self.path)
        except OSError as error:
            raise damaged(self.path, f"and cannot be renamed: {error.strerror}") from error
        if whole:
            write_json_object(self.path, dict(whole))
        kept = entries(sum(map(len, whole.values())), "other bond")
        raise InputError(
            f"{self.path} was damaged: {', '.join(lost)} could not be read; it is set aside as "
            f"{aside.name}, and {kept}",
            advice="pair each lost roller again (`glowtool pair`)",
        )

    def _sorted(self, content: dict[str, object]) -> tuple[dict[str, dict[str, object]], list[str]]:
        """Return the intact bonds, by identity and peer, and the names of the damaged parts."""
        whole: dict[str, dict[str, object]] = {}
        lost: list[str] = []
        for identity, peers in content.items():
            if not isinstance(peers, dict):
                lost.append(f"the bonds of {identity}")
                continue
            whole[identity] = {}
            for peer, keys in peers.items():
                if self._is_whole(keys):
                    whole[identity][peer] = keys
                else:
                    lost.append(f"the bond with {peer}")
        return whole, lost

    def _is_whole(self, keys: object) -> bool:
        try:
            decoded = self._decoded(keys)
        except InputError:
            return False
        named = (decoded.ltk, decoded.ltk_central, decoded.ltk_peripheral, decoded.irk, decoded.csrk)
        has_key = decoded.ltk is not None or decoded.ltk_central is not None
        return has_key and all(key is None or len(key.value) == _KEY_BYTES for key in named)

    async def get(self, name: str) -> PairingKeys | None:
        """Return the keys of the peer with that address, or None."""
        keys = self._peers(read_json_object(self.path)).get(name)
        return None if keys is None else self._decoded(keys)

    async def get_all(self) -> list[tuple[str, PairingKeys]]:
        """Return the address and the keys of every peer."""
        peers = self._peers(read_json_object(self.path))
        return [(name, self._decoded(keys)) for name, keys in peers.items()]

    async def update(self, name: str, keys: PairingKeys) -> None:
        """Store the keys of a peer in place of older ones."""
        content = read_json_object(self.path)
        self._peers(content)[name] = keys.to_dict()
        write_json_object(self.path, content)

    async def delete(self, name: str) -> None:
        """Drop the keys of a peer; do nothing when there are none."""
        content = read_json_object(self.path)
        if self._peers(content).pop(name, None) is not None:
            write_json_object(self.path, content)

    def _peers(self, content: dict[str, object]) -> dict[str, object]:
        peers = content.setdefault(self._identity_address, {})
        if not isinstance(peers, dict):
            raise damaged(self.path, f"{self._identity_address} is not an object of peers")
        return cast("dict[str, object]", peers)

    def _decoded(self, keys: object) -> PairingKeys:
        try:
            # bumble declares its own dictionaries with Any; a wrong one causes one of these errors.
            return PairingKeys.from_dict(cast("dict[str, Any]", keys))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise damaged(self.path, f"keys that do not decode: {error}") from error


def bond_keys(address: str) -> tuple[str, str]:
    """Return bumble's keys for a random and a public address."""
    plain = address.upper().removesuffix("/P")
    return plain, f"{plain}/P"
