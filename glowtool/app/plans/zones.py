"""Time zones: the one of this computer by name, and local times in the one of a plan."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from glowtool.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

_LOCALTIME: Final = Path("/etc/localtime")
_MARK: Final = "zoneinfo/"


def zone_here() -> str | None:
    """Return the IANA name of this computer's time zone; None where only its offset is known."""
    word = os.environ.get("TZ", "").removeprefix(":")
    if not word:
        try:
            word = str(_LOCALTIME.resolve()).rpartition(_MARK)[2]
        except OSError:
            return None
    return word if _zone(word) is not None else None


def zone_of(name: str | None) -> tzinfo | None:
    """Return a time zone by its IANA name, None for the computer's own; raises `InputError`."""
    if name is None:
        return None
    zone = _zone(name)
    if zone is None:
        raise InputError(f"there is no time zone {name!r}", advice="give an IANA name, such as Europe/Berlin")
    return zone


def local(moment: datetime, zone: tzinfo | None) -> datetime:
    """Return a moment in a time zone; None: the computer's own."""
    return moment.astimezone(zone)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name and not name.startswith("/") else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
