"""The bonds that the roller keeps: at most eight, each authenticated by passkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from bumble.keys import KeyStore, PairingKeys

from glowtool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BONDS: Final = 8

_FILE: Final = "bonds.json"


class Files(Protocol):
    """Where bonds are kept: files that are replaced as a whole."""

    def read(self, name: str) -> dict[str, object]:
        """Return the content of a file; empty when there is none."""
        ...

    def write(self, name: str, content: Mapping[str, object]) -> None:
        """Replace a file."""
        ...


class Bonds(KeyStore):
    """Pairing keys by the peer's identity address, held in memory and written through at every change."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._keys = {name: _decoded(keys) for name, keys in files.read(_FILE).items()}

    @property
    def count(self) -> int:
        """Number of bonds. There is no `__len__`: bumble takes a store that is false for no store at all."""
        return len(self._keys)

    def __contains__(self, name: str) -> bool:
        return name in self._keys

    @property
    def full(self) -> bool:
        """Whether there is no room for another peer."""
        return self.count >= MAX_BONDS

    async def get(self, name: str) -> PairingKeys | None:
        """Return the keys of a peer, or None."""
        return self._keys.get(name)

    async def get_all(self) -> list[tuple[str, PairingKeys]]:
        """Return address and keys of every peer."""
        return list(self._keys.items())

    async def update(self, name: str, keys: PairingKeys) -> None:
        """Keep the keys of a peer in place of any older ones; keys that no passkey vouches for are refused."""
        if keys.ltk is None or not keys.ltk.authenticated:
            raise ValueError(f"the long term key of {name} is not authenticated")
        self._replace({**self._keys, name: keys})

    async def delete(self, name: str) -> None:
        """Drop the keys of a peer; nothing happens when there are none."""
        if name in self._keys:
            self._replace({other: keys for other, keys in self._keys.items() if other != name})

    def forget(self) -> None:
        """Drop the keys of every peer."""
        self._replace({})

    def _replace(self, keys: dict[str, PairingKeys]) -> None:
        self._files.write(_FILE, {name: kept.to_dict() for name, kept in keys.items()})
        self._keys = keys


def _decoded(keys: object) -> PairingKeys:
    try:
        # bumble declares its own dictionaries with Any; a wrong one shows as one of these errors.
        return PairingKeys.from_dict(cast("dict[str, Any]", keys))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{_FILE} is damaged ({error!r}); remove it, and pair again") from error
