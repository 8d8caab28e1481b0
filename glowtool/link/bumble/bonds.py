"""The bonds we keep: one file, by our own identity address and then by the peer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from bumble.keys import KeyStore, PairingKeys

from glowtool.link.bumble.private_file import damaged, read_json_object, write_json_object

if TYPE_CHECKING:
    from pathlib import Path

BONDS_FILE: Final = "bonds.json"


class BondStore(KeyStore):
    """Pairing keys in a JSON file, written atomically and readable by the owner only.

    The peer's keys are replaced as a whole: no field of an older bond survives in a newer one. The file is
    read anew for each question, because another glowtool may have paired in the meantime.
    """

    def __init__(self, bonds_dir: Path, identity_address: str) -> None:
        self.path = bonds_dir / BONDS_FILE
        self._identity_address = identity_address

    async def get(self, name: str) -> PairingKeys | None:
        """Return the keys of the peer with that address, or None."""
        keys = self._peers(read_json_object(self.path)).get(name)
        return None if keys is None else self._decoded(keys)

    async def get_all(self) -> list[tuple[str, PairingKeys]]:
        """Return the address and the keys of every peer."""
        peers = self._peers(read_json_object(self.path))
        return [(name, self._decoded(keys)) for name, keys in peers.items()]

    async def update(self, name: str, keys: PairingKeys) -> None:
        """Store the keys of a peer in the place of any older ones."""
        content = read_json_object(self.path)
        self._peers(content)[name] = keys.to_dict()
        write_json_object(self.path, content)

    async def delete(self, name: str) -> None:
        """Drop the keys of a peer; nothing happens when there are none."""
        content = read_json_object(self.path)
        if self._peers(content).pop(name, None) is not None:
            write_json_object(self.path, content)

    def _peers(self, content: dict[str, object]) -> dict[str, object]:
        peers = content.setdefault(self._identity_address, {})
        if not isinstance(peers, dict):
            raise damaged(self.path, f"{self._identity_address} holds no peers")
        return cast("dict[str, object]", peers)

    def _decoded(self, keys: object) -> PairingKeys:
        try:
            # bumble declares its own dictionaries with Any; a wrong one shows as one of these errors.
            return PairingKeys.from_dict(cast("dict[str, Any]", keys))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise damaged(self.path, f"keys that do not decode: {error}") from error
