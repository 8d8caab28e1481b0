"""The export of a log: its tables as files for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.app.logs.found import resolve
from glowtool.app.logs.kept import kept_massages
from glowtool.errors import LogNotFoundError
from glowtool.store.exports.export import export_to_file, export_to_stream
from glowtool.store.logs.log import SessionLog
from glowtool.store.rollers.massages import find_massage

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.place import Place

__all__ = ["export_to_file", "export_to_stream", "open_log", "session_folder"]


def session_folder(place: Place, session: str) -> Path:
    """Return the folder of a session; `LogNotFoundError` says so when the id is that of a massage by the button."""
    try:
        return resolve(place, session)
    except LogNotFoundError:
        entry = find_massage(kept_massages(place), session)
        if entry is None:
            raise
    raise LogNotFoundError(
        f"{entry.massage_id} is a massage by the button: the roller recorded a summary, but no samples",
        advice="`glowtool logs show` shows it",
    )


def open_log(place: Place, session: str = "last") -> SessionLog:
    """Open a log by its id, the beginning of its id, or `last`; raises `LogNotFoundError`, `LogDamagedError`."""
    return SessionLog.open(session_folder(place, session))
