"""Descriptions of a log's damage, in sentences: the same on the command line and in the analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowtool.store.tables.entries import DamageEntry
    from glowtool.store.tables.manifest import Manifest


def damage_told(manifest: Manifest, unreadable_events: int = 0) -> tuple[str, ...]:
    """Return the warnings for a person who uses a log; empty when no damage is known."""
    told = [] if manifest.damage is None else list(_lost(manifest.damage))
    if unreadable_events:
        told.append(f"{_counted(unreadable_events, 'event')} in its table could not be read and are left out.")
    if manifest.altered:
        told.append("The manifest was changed or damaged after glowtool wrote it: its content may be wrong.")
    return tuple(told)


def _lost(damage: DamageEntry) -> tuple[str, ...]:
    lost = " and ".join(
        _counted(count, what) for count, what in ((damage.samples, "sample"), (damage.events, "event")) if count
    )
    told = []
    if lost and damage.cut:
        told.append(f"The end of the recording is missing: {lost} were written but are not in its files.")
    elif damage.cut:
        told.append(f"The recording ends with an incomplete record ({damage.bytes} bytes), which is left out.")
    elif lost:
        told.append(f"The recording was damaged: {lost} are lost.")
    elif damage.bytes:
        told.append(f"The recording was damaged at its end or between its parts ({damage.bytes} bytes).")
    if damage.unknown:
        told.append("More may be lost than is known: no checksums, or a file without a complete record at its end.")
    if damage.manifest:
        told.append(
            "The manifest was damaged: its content comes from a copy in the journal; the roller's name may be missing."
        )
    return tuple(told)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
