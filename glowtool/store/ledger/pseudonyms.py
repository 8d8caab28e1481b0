"""The pseudonyms by which ledger and audit know rollers and their records: nobody can read a name or number in them.

A pseudonym follows from a key, which is drawn once for a data folder. So a roller that is known here is found again in
the lines, and one that was forgotten is somebody without a name there; no line has to be altered for that.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING, Final

from glowtool.errors import StoreError
from glowtool.kit.storage.files import make_folder, storing, sync_folder, write_atomic
from glowtool.kit.storage.lock import alone
from glowtool.kit.storage.privacy import read_private

if TYPE_CHECKING:
    from pathlib import Path

_NAME: Final = "pseudonyms.key"
_KEY_BYTES: Final = 32
_LETTERS: Final = 16


class Pseudonyms:
    """The pseudonyms of one data folder; the key is made when the first one is asked for."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / _NAME
        self._key: bytes | None = None

    def of(self, *words: str) -> str:
        """Return the pseudonym of what these words name; raises `StoreError`."""
        text = "\0".join(word.casefold() for word in words)
        return hmac.new(self._known_key(), text.encode(), hashlib.sha256).hexdigest()[:_LETTERS]

    def _known_key(self) -> bytes:
        if self._key is None:
            with storing(f"read the key of pseudonyms in {self.path}"):
                self._key = self._read() if os.path.lexists(self.path) else self._make()
        return self._key

    def _read(self) -> bytes:
        key = read_private(self.path, _KEY_BYTES)
        if len(key) != _KEY_BYTES:
            raise StoreError(
                f"{self.path} is damaged: it is not a key", advice="restore it from a backup, or remove it"
            )
        return key

    def _make(self) -> bytes:
        make_folder(self.path.parent)
        with alone(self.path.with_suffix(".lock")):
            if not os.path.lexists(self.path):
                key = secrets.token_bytes(_KEY_BYTES)
                write_atomic(self.path, lambda stream: stream.write(key))
                sync_folder(self.path.parent)
            return self._read()
