"""A line for each device that a scan hears, as JSON and in 80 columns: signal, name, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from glowtool.app.rollers.sighting import Other, Sighting
    from glowtool.store.rollers.known import KnownRoller

#: The dBm from which each bar is shown: within reach of a hand, in the room, next door, at the edge.
BARS_DBM: Final = (-88, -78, -67, -55)

_BLOCKS: Final = "▂▄▆█"
_ASCII: Final = "||||"

#: The value that controllers report when they could not measure (Core Vol 4 Part E 7.7.65.2).
RSSI_UNKNOWN_DBM: Final = 127


def roller_object(sighting: Sighting, known: KnownRoller | None) -> dict[str, object]:
    """Return the JSON object of a roller."""
    said = sighting.announcement
    return {
        "kind": "roller",
        "driver": sighting.kind.name,
        "address": sighting.device.address,
        "name": sighting.name,
        "rssi_dbm": sighting.rssi_dbm,
        "known": known is not None,
        "alias": known.alias if known else None,
        "pairing_open": sighting.pairing_open,
        "bonds_full": sighting.bonds_full,
        "display": sighting.has_display if said else None,
        "battery_percent": said.battery_percent if said else None,
        "protocol_major": said.protocol_major if said else None,
    }


def other_object(other: Other) -> dict[str, object]:
    """Return the JSON object of a device other than a roller."""
    return {
        "kind": "other",
        "address": other.address,
        "name": other.name,
        "rssi_dbm": other.rssi_dbm,
        "services": other.services,
    }


def bars(rssi_dbm: int, encoding: str | None) -> str:
    """Return four characters that grow with the strength; plain ones if the encoding has no blocks."""
    try:
        _BLOCKS.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        shapes, absent = _ASCII, "."
    else:
        shapes, absent = _BLOCKS, " "
    if rssi_dbm == RSSI_UNKNOWN_DBM:
        return absent * len(shapes)
    return "".join(shape if rssi_dbm >= least else absent for shape, least in zip(shapes, BARS_DBM, strict=True))


def roller_line(sighting: Sighting, known: KnownRoller | None, *, encoding: str | None, width: int) -> str:
    """Return the line of a roller, or two lines if the width is too small for one."""
    said = sighting.announcement
    battery = "" if said is None or said.battery_percent is None else f"{said.battery_percent}%"
    head = _head(sighting.rssi_dbm, sighting.name, sighting.device.address, encoding)
    return _fitted(f"{head}  {battery:>4}", ", ".join(roller_words(sighting, known)), width)


def roller_words(sighting: Sighting, known: KnownRoller | None) -> list[str]:
    """Return the remarks on a roller: known or new, and whether and how it can be paired."""
    if known is None:
        words = ["new"]
    elif known.address.casefold() == sighting.device.address.casefold():
        words = [f"“{known.alias}”" if known.alias else "known"]
    else:
        words = [f"“{known.spoken}” with a new identity"]
    words += [
        word
        for said, word in (
            (sighting.pairing_open, "pairing open"),
            (sighting.bonds_full, "bonds full"),
            (not sighting.has_display, "no display"),
            (not sighting.is_ours, f"driver {sighting.kind.name}"),
        )
        if said
    ]
    return words


def other_line(other: Other, *, encoding: str | None, width: int) -> str:
    """Return the line of a device other than a roller."""
    count = other.services
    services = f", {count} service{'' if count == 1 else 's'}" if count else ""
    head = _head(other.rssi_dbm, other.name, other.address, encoding)
    return _fitted(f"{head}  {'':4}", f"no roller{services}", width)


def _head(rssi_dbm: int, name: str | None, address: str, encoding: str | None) -> str:
    strength = " ? dBm" if rssi_dbm == RSSI_UNKNOWN_DBM else f"{rssi_dbm:>4} dBm"
    return f"{bars(rssi_dbm, encoding)} {strength:>8}  {name or '(no name)':<10} {address:<17}"


def _fitted(head: str, words: str, width: int) -> str:
    one = f"{head}  {words}"
    return one if len(one) <= width else f"{head.rstrip()}\n{'':15}{words}"
