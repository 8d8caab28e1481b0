"""Times for people: in the machine's own time zone, which is named; files and JSON keep UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def local_time(moment: datetime) -> str:
    """Return a moment to the minute, such as `2026-11-22 16:41 CET`."""
    local = moment.astimezone()
    return f"{local:%Y-%m-%d %H:%M} {zone_name(local)}"


def zone_name(local: datetime) -> str:
    """Return the name of the zone: its abbreviation, or its offset from UTC if the system has only a long name."""
    name = local.tzname() or ""
    if name.isascii() and 1 < len(name) <= 5:
        return name
    offset = f"{local:%z}"
    return f"UTC{offset[:3]}:{offset[3:5]}" if offset else "UTC"
