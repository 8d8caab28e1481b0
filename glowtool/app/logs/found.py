"""The log that a person means: by its id, or by the path of its folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogNotFoundError
from glowtool.kit.storage.named_path import named_path
from glowtool.store.logs import catalogue
from glowtool.store.names import DATA_FILES, MANIFEST_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.place import Place

_SEPARATORS: Final = tuple(filter(None, (os.sep, os.altsep)))


def resolve(place: Place, session: str) -> Path:
    """Return the folder of the session that a text means; `LogNotFoundError` says how to come to a first log."""
    try:
        return catalogue.resolve(place.logs_dir, session)
    except LogNotFoundError as error:
        if not error.advice:
            from glowtool.app.routines import to_record  # noqa: PLC0415 - loads the routines, for this alone

            error.advise(to_record(place))
        raise


def is_path(text: str) -> bool:
    """Return whether a text is a path and no id: it has a separator in it, or is `.`, `..` or begins with `~`."""
    return text in {".", ".."} or text.startswith("~") or any(each in text for each in _SEPARATORS)


def log_at(place: Place, text: str) -> Path:
    """Return the folder of the log that a text means, which may also be a path: of a folder, or of a file in it.

    For what only reads: nothing that erases may take a path.
    """
    if not is_path(text):
        return resolve(place, text)
    path = named_path(text, "SESSION")
    if path.name in {MANIFEST_NAME, *DATA_FILES}:
        path = path.parent
    if not path.exists():
        raise LogNotFoundError(f"there is no {path}", advice="name the folder of a log, or an id")
    return path
