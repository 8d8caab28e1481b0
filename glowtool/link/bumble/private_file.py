"""The JSON files of bonds and tables of attributes, and the errors when one cannot be read or written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError
from glowtool.kit.storage.disk import advice_for
from glowtool.kit.storage.files import make_folder
from glowtool.kit.storage.json_file import read_object, write_object

if TYPE_CHECKING:
    from pathlib import Path

#: A thousand bonds, or tables of attributes, need less.
_MOST_BYTES: Final = 8 * 1024 * 1024


def read_json_object(path: Path) -> dict[str, object]:
    """Return the JSON object in the file, or an empty one when there is no file.

    Raises InputError when it is damaged, StoreError when it is not a regular file of this user's.
    """
    try:
        return read_object(path, _MOST_BYTES)
    except ValueError as error:
        raise damaged(path, str(error)) from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error


def write_json_object(path: Path, content: dict[str, object]) -> None:
    """Replace the file atomically; the directory is made with mode 0700, the file has mode 0600."""
    try:
        make_folder(path.parent)
        write_object(path, content)
    except OSError as error:
        advice = advice_for(error, "make its directory writable")
        raise InputError(f"cannot write {path}: {error.strerror}", advice=advice) from error


def damaged(path: Path, why: str) -> InputError:
    """Return the error for a file whose content glowtool did not write."""
    return InputError(f"{path} is damaged ({why})", advice="remove it and pair again")
