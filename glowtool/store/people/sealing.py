"""Encryption of a profile at rest: a key behind a passphrase, the profile behind the key.

Deriving a key from a passphrase takes a moment on purpose, so it is done once for a process; a new passphrase needs
the small file of the key alone. Key and profile are Fernet tokens (AES-128-CBC with HMAC-SHA-256, by the package
cryptography); the passphrase goes through scrypt (RFC 7914), whose cost stands in the file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, StoreError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

#: A shorter passphrase is guessed in an afternoon.
SHORTEST: Final = 8

#: The cost of a guess: 2^17 blocks of 1 KiB, as OWASP recommends for scrypt; 128 MiB, and about half a second. It is
#: the same wherever the file is written, so that a busy machine can open what an idle one has sealed.
COST_LOG2: Final = 17

#: A file that wants more was not written here, and would take the machine's memory.
_COST_MOST_LOG2: Final = 20

_FORMAT: Final = 1
_SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32
_BLOCK_SIZE: Final = 8

#: Keys that this process has opened, by the hash of their files.
_OPENED: Final[dict[bytes, str]] = {}


class SealedError(StoreError):
    """A profile is encrypted, and there is no passphrase for it here."""


@dataclass(frozen=True, slots=True)
class _KeyFile:
    """The file of a key: salt in base64, cost as a power of two, and the key as a token."""

    salt: str
    cost_log2: int
    token: str
    format: int = _FORMAT

    @classmethod
    def read(cls, file: bytes) -> _KeyFile:
        """Return what the file says; raises `ValueError` for one that was not written here."""
        found = json.loads(file)
        if not isinstance(found, dict) or found.get("format") != _FORMAT:
            raise ValueError("it is no key of format 1")
        salt, cost_log2, token = found.get("salt"), found.get("cost_log2"), found.get("token")
        if not (isinstance(salt, str) and isinstance(token, str) and type(cost_log2) is int):
            raise ValueError("a part of it is missing")
        if not 1 <= cost_log2 <= _COST_MOST_LOG2:
            raise ValueError(f"its cost is 2^{cost_log2}, not 2^1 to 2^{_COST_MOST_LOG2}")
        return cls(salt, cost_log2, token)

    def lock(self, passphrase: str) -> Fernet:
        """Return what opens the token, if the passphrase is the right one."""
        return _lock(passphrase, base64.b64decode(self.salt, validate=True), self.cost_log2)


def new_key() -> str:
    """Return a new key."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


def wrapped(key: str, passphrase: str) -> bytes:
    """Return the file of a key, which the passphrase opens; raises `InputError` when that is too short."""
    if len(passphrase) < SHORTEST:
        raise InputError(
            f"a passphrase of {len(passphrase)} characters is too short",
            advice=f"take {SHORTEST} or more, such as four words",
        )
    salt = os.urandom(_SALT_BYTES)
    token = _lock(passphrase, salt, COST_LOG2).encrypt(key.encode()).decode()
    file = json.dumps(asdict(_KeyFile(base64.b64encode(salt).decode(), COST_LOG2, token))).encode()
    _OPENED[_hash(file)] = key
    return file


def opened_key(file: bytes) -> str | None:
    """Return the key in a file that this process has opened before; None when it has not."""
    return _OPENED.get(_hash(file))


def open_key(file: bytes, passphrase: str, where: str) -> str:
    """Return the key in a file; raises `InputError` when the passphrase does not open it, `StoreError` for damage."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - few profiles are encrypted

    try:
        held = _KeyFile.read(file)
        lock = held.lock(passphrase)
    except (ValueError, RecursionError) as error:
        raise StoreError(
            f"the key of {where} is damaged ({error}), so nobody can open it",
            advice="restore it from a backup, or erase the person and enter them anew",
        ) from error
    try:
        key = lock.decrypt(held.token.encode()).decode()
    except InvalidToken as error:
        raise InputError(f"the passphrase does not open {where}", advice="try again; without it, nobody can") from error
    _OPENED[_hash(file)] = key
    return key


def sealed(content: bytes, key: str) -> bytes:
    """Return content that only the key opens."""
    return _of(key).encrypt(content)


def unsealed(content: bytes, key: str, where: str) -> bytes:
    """Return what was sealed with a key; raises `StoreError` when it was damaged, or sealed with another one."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - as above

    try:
        return _of(key).decrypt(content)
    except InvalidToken as error:
        raise StoreError(
            f"{where} is damaged, or was sealed with another key, so nothing of it counts and no output is given",
            advice="restore it from a backup, or remove it and answer anew with `glowtool safety screening --again`",
        ) from error


def _lock(passphrase: str, salt: bytes, cost_log2: int) -> Fernet:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415 - as above

    derivation = Scrypt(salt=salt, length=_KEY_BYTES, n=1 << cost_log2, r=_BLOCK_SIZE, p=1)
    return _of(base64.urlsafe_b64encode(derivation.derive(passphrase.encode())).decode())


@cache
def _of(key: str) -> Fernet:
    from cryptography.fernet import Fernet  # noqa: PLC0415 - as above

    return Fernet(key)


def _hash(file: bytes) -> bytes:
    return hashlib.sha256(file).digest()
