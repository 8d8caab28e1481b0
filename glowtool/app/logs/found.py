"""The log that a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.errors import LogNotFoundError
from glowtool.store.logs import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.place import Place


def resolve(place: Place, session: str) -> Path:
    """Return the folder of the session that a text means; `LogNotFoundError` says how to come to a first log."""
    try:
        return catalogue.resolve(place.logs_dir, session)
    except LogNotFoundError as error:
        if not error.advice:
            from glowtool.app.routines import to_record  # noqa: PLC0415 - loads the routines, for this alone

            error.advise(to_record(place))
        raise
