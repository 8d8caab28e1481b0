"""POSIX access lists on Linux: who else than owner and others may write to a file.

A list has entries for the owner, for users and groups by number, for the file's own group, and for others. The mask
bounds all of them but owner and others: a right is effective where both the entry and the mask give it.
"""

from __future__ import annotations

import enum
import os
import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

#: Linux's name for a POSIX access list beside the mode; a mode alone has none.
_ATTRIBUTE: Final = "system.posix_acl_access"

_HEAD: Final = struct.Struct("<I")
_ENTRY: Final = struct.Struct("<HHI")
_VERSION: Final = 2
_WRITE: Final = 2

#: The number of a user who is nobody that is known.
_SOMEBODY: Final = -1


class _Tag(enum.IntEnum):
    """Whom an entry is for, by the kernel's numbers (linux/posix_acl.h)."""

    OWNER = 0x01
    USER = 0x02
    OWNING_GROUP = 0x04
    GROUP = 0x08
    MASK = 0x10
    OTHERS = 0x20


@dataclass(frozen=True, slots=True)
class Writers:
    """Those whom a list lets write, besides owner and others: users and groups by number, and the file's own group."""

    users: frozenset[int]
    groups: frozenset[int]
    owning_group: bool


def writers_listed(path: Path) -> Writers | None:
    """Return whom a file's access list lets write; None where it has none."""
    if sys.platform != "linux":
        return None
    try:
        return writers_in(os.getxattr(path, _ATTRIBUTE))
    except OSError:  # there is none
        return None


def writers_in(content: bytes) -> Writers:
    """Return whom the content of an access list lets write; of a form that is not known, somebody unknown."""
    rows = content[_HEAD.size :]
    if len(content) < _HEAD.size or _HEAD.unpack_from(content) != (_VERSION,) or len(rows) % _ENTRY.size:
        return Writers(frozenset({_SOMEBODY}), frozenset(), owning_group=True)
    entries = list(_ENTRY.iter_unpack(rows))
    mask = next((rights for tag, rights, _ in entries if tag == _Tag.MASK), _WRITE)
    writing = [(tag, who) for tag, rights, who in entries if rights & mask & _WRITE]
    return Writers(
        frozenset(who for tag, who in writing if tag == _Tag.USER),
        frozenset(who for tag, who in writing if tag == _Tag.GROUP),
        owning_group=any(tag == _Tag.OWNING_GROUP for tag, _ in writing),
    )
