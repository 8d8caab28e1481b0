"""The sessions and the massages by the button that this computer keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.store.catalogue import list_sessions
from glowtool.store.rollers.massages import find_massage, list_massages, read_massage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.app.place import Place
    from glowtool.store.catalogue import SessionEntry
    from glowtool.store.rollers.massages import MassageEntry

__all__ = ["massage", "massages", "read_massage", "sessions"]


def sessions(place: Place) -> Sequence[SessionEntry]:
    """Return the sessions, oldest first, including unreadable ones."""
    return list_sessions(place.logs_dir)


def massages(place: Place) -> Sequence[MassageEntry]:
    """Return the fetched massages by the button, oldest first, including unreadable ones."""
    return list_massages(place.massages_dir)


def massage(place: Place, name: str) -> MassageEntry | None:
    """Return the massage by the button with that id or beginning of an id; None when there is none."""
    return find_massage(place.massages_dir, name)
