"""Encryption of a profile at rest, as files of the format age: a key behind a passphrase, the profile behind the key.

Deriving a key from a passphrase takes a second on purpose, so it is done once for a process; a new passphrase needs
the small file of the key alone.
"""

from __future__ import annotations

import hashlib
import importlib
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, MissingExtraError, StoreError

if TYPE_CHECKING:
    from types import ModuleType

#: A shorter passphrase is guessed in an afternoon.
SHORTEST: Final = 8

#: Keys that this process has opened, by the hash of their files.
_OPENED: Final[dict[bytes, str]] = {}


class SealedError(StoreError):
    """A profile is encrypted, and there is no passphrase for it here."""


def new_key() -> str:
    """Return a new key; raises `MissingExtraError`."""
    return str(_pyrage().x25519.Identity.generate())


def wrapped(key: str, passphrase: str) -> bytes:
    """Return the file of a key, which the passphrase opens; raises `InputError` when that is too short."""
    if len(passphrase) < SHORTEST:
        raise InputError(
            f"a passphrase of {len(passphrase)} characters is too short",
            advice=f"take {SHORTEST} or more, such as four words",
        )
    file: bytes = _pyrage().passphrase.encrypt(key.encode(), passphrase)
    _OPENED[_hash(file)] = key
    return file


def opened_key(file: bytes) -> str | None:
    """Return the key in a file that this process has opened before; None when it has not."""
    return _OPENED.get(_hash(file))


def open_key(file: bytes, passphrase: str, where: str) -> str:
    """Return the key in a file; raises `InputError` when the passphrase does not open it."""
    pyrage = _pyrage()
    try:
        key: str = pyrage.passphrase.decrypt(file, passphrase).decode()
        pyrage.x25519.Identity.from_str(key)
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError) as error:
        raise InputError(f"the passphrase does not open {where}", advice="try again; without it, nobody can") from error
    _OPENED[_hash(file)] = key
    return key


def sealed(content: bytes, key: str) -> bytes:
    """Return content that only the key opens."""
    pyrage = _pyrage()
    done: bytes = pyrage.encrypt(content, [pyrage.x25519.Identity.from_str(key).to_public()])
    return done


def unsealed(content: bytes, key: str, where: str) -> bytes:
    """Return what was sealed with a key; raises `StoreError` when it was damaged, or sealed with another one."""
    pyrage = _pyrage()
    try:
        done: bytes = pyrage.decrypt(content, [pyrage.x25519.Identity.from_str(key)])
    except pyrage.DecryptError as error:
        raise StoreError(
            f"{where} is damaged ({error}), so nothing of it counts and no output is given",
            advice="restore it from a backup, or remove it and answer anew with `glowtool safety screening --again`",
        ) from error
    return done


def _hash(file: bytes) -> bytes:
    return hashlib.sha256(file).digest()


def _pyrage() -> ModuleType:
    try:
        pyrage = importlib.import_module("pyrage")  # an extra, loaded when somebody asked for encryption
    except ImportError as error:
        raise MissingExtraError(
            "encryption needs the package pyrage", advice="install it with `pip install 'glowtool[encryption]'`"
        ) from error
    return pyrage
