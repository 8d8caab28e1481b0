"""The note of a chain's last line, kept in a file of its own, so that lines cut off at the end are missed.

It is written before the lines: they are `coming` until the next ones are written. So a crash between the two leaves a
chain that ends either before them or after them, and nothing else is taken for whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogDamagedError
from glowtool.kit.storage.json_file import read_object, write_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MOST_BYTES: Final = 1 << 20
_SEAL: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Head:
    """The id of a chain, number and seal of the last line that is surely in it, and the seals of lines that follow."""

    chain: str
    number: int = 0
    seal: str = ""
    coming: tuple[str, ...] = ()


def read_head(path: Path) -> Head | None:
    """Return the note; None when there is none. Raises `LogDamagedError`, `StoreError` and `OSError`."""
    try:
        found = read_object(path, _MOST_BYTES)
    except ValueError as error:
        raise LogDamagedError(f"{path} is damaged: {error}") from error
    return _head(found, path) if found else None


def write_head(path: Path, head: Head) -> None:
    """Replace the note; raises `OSError`."""
    said = {"chain": head.chain, "number": head.number, "seal": head.seal, "coming": list(head.coming)}
    write_object(path, said)


def _head(found: Mapping[str, object], path: Path) -> Head:
    number, coming = found.get("number"), found.get("coming")
    chain, seal = found.get("chain"), found.get("seal")
    if (
        type(number) is int
        and number >= 0
        and isinstance(coming, list)
        and isinstance(chain, str)
        and isinstance(seal, str)
        and all(isinstance(each, str) and _SEAL.fullmatch(each) for each in (chain, *coming))
        and (_SEAL.fullmatch(seal) is not None) == (number > 0)
    ):
        return Head(chain, number, seal, tuple(coming))
    raise LogDamagedError(f"{path} is damaged: it is not the note of a last line")
