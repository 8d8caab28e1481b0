"""The roller's state directory: its identity, its flash, and a lock for the one process that is the roller."""

from __future__ import annotations

import os
import random
import secrets
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import AdapterUnavailableError, InputError
from glowtool.kit.storage import lock
from glowtool.kit.storage.disk import advice_for
from glowtool.kit.storage.files import make_folder
from glowtool.kit.storage.json_file import read_object, write_object
from glowtool.kit.storage.ownership import Use, require_ours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

if sys.platform != "win32":  # there, two rollers in one directory go unnoticed
    pass

_LOCK: Final = "lock"
_IDENTITY: Final = "identity.json"
_MOST_BYTES: Final = 8 * 1024 * 1024
_ADVICE: Final = "move it away to keep it, and start with an empty one"
_USE: Final = Use("the state directory", "--state-dir")

#: The two most significant bits of a random static address (Core, Vol 6, Part B, 1.3.2.1).
_STATIC_BITS: Final = 0xC0


@dataclass(frozen=True, slots=True)
class Identity:
    """Drawn once: the random static address (as text), the identity resolving key, and the serial number."""

    address: str
    irk: bytes
    serial: str


class StateDir:
    """JSON files that are replaced completely or not at all, and that only their owner may read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    @contextmanager
    def locked(cls, path: Path) -> Iterator[StateDir]:
        """Hold the directory for the time of the block.

        AdapterUnavailableError when another process holds it; StoreError when other users could have written there.
        """
        require_ours(path, _USE)
        try:
            make_folder(path)
            descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise InputError(f"cannot use the state directory {path}: {error.strerror}") from error
        try:
            _lock(descriptor, path)
            yield cls(path)
        finally:
            os.close(descriptor)

    def read(self, name: str) -> dict[str, object]:
        """Return the JSON object in a file, empty if there is no such file; InputError when it is damaged."""
        file = self.path / name
        try:
            return read_object(file, _MOST_BYTES)
        except OSError as error:
            raise InputError(f"cannot read {file}: {error.strerror}") from error
        except ValueError as error:
            raise InputError(f"{file} is damaged ({error})", advice=_ADVICE) from error

    def write(self, name: str, content: Mapping[str, object]) -> None:
        """Replace a file atomically, mode 0600; InputError when it cannot be written."""
        file = self.path / name
        try:
            write_object(file, content)
        except OSError as error:
            advice = advice_for(error, "make its directory writable")
            raise InputError(f"cannot write {file}: {error.strerror}", advice=advice) from error

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens when there is none. InputError when it cannot be removed."""
        file = self.path / name
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            advice = advice_for(error, "make its directory writable")
            raise InputError(f"cannot remove {file}: {error.strerror}", advice=advice) from error

    def identity(self, draw: random.Random) -> Identity:
        """Return the roller's identity; draw and keep one if there is none yet."""
        content = self.read(_IDENTITY)
        if not content:
            identity = _new_identity(draw)
            kept = {"address": identity.address, "irk": identity.irk.hex(), "serial": identity.serial}
            self.write(_IDENTITY, kept)
            return identity
        try:
            identity = Identity(str(content["address"]), bytes.fromhex(str(content["irk"])), str(content["serial"]))
            int(identity.serial[-4:], 16)
            int(identity.address.replace(":", ""), 16)
        except (KeyError, ValueError) as error:
            raise InputError(
                f"{self.path / _IDENTITY} is damaged ({error!r})", advice="remove it, and pair again with the roller"
            ) from error
        return identity


def seeded(seed: int | None, purpose: str) -> random.Random:
    """Return a random source for one purpose: reproducible with a seed, the system's own without."""
    if seed is None:
        return secrets.SystemRandom()
    return random.Random(f"{seed}/{purpose}")  # noqa: S311 - reproducible on purpose


def _new_identity(draw: random.Random) -> Identity:
    octets = bytearray(draw.randbytes(6))
    octets[0] |= _STATIC_BITS
    return Identity(
        address=":".join(f"{octet:02X}" for octet in octets),
        irk=draw.randbytes(16),
        serial=f"GR1{draw.getrandbits(32):08X}",
    )


def _lock(descriptor: int, path: Path) -> None:
    if not lock.take(descriptor):
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
        raise AdapterUnavailableError(
            f"the virtual roller in {path} is in use by process {holder}",
            advice="stop that process, or use another directory for this one",
        )
    if hasattr(os, "pwrite"):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
