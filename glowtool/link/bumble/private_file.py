"""JSON files that only their owner may read, replaced as a whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Final, cast

from glowtool.errors import InputError
from glowtool.kit.disk import advice_for
from glowtool.kit.privacy import read_private

#: A thousand bonds, or tables of attributes, take less.
_MOST_BYTES: Final = 8 * 1024 * 1024


def read_json_object(path: Path) -> dict[str, object]:
    """Return the JSON object in the file, an empty one when there is no file.

    Raises InputError when it is damaged, StoreError when it is no regular file of this user's.
    """
    try:
        content = json.loads(read_private(path, _MOST_BYTES).decode("utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise damaged(path, str(error)) from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    if not isinstance(content, dict):
        raise damaged(path, "it holds no JSON object")
    return cast("dict[str, object]", content)


def write_json_object(path: Path, content: dict[str, object]) -> None:
    """Replace the file atomically; the directory is made with mode 0700, the file has mode 0600."""
    text = json.dumps(content, indent=2, sort_keys=True) + "\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(path, text)
    except OSError as error:
        advice = advice_for(error, "make its directory writable")
        raise InputError(f"cannot write {path}: {error.strerror}", advice=advice) from error


def _replace(path: Path, text: str) -> None:
    # mkstemp opens with mode 0600 and a name of its own, so that two writers never share a half-written file.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def damaged(path: Path, why: str) -> InputError:
    """Return the error for a file whose content is not what glowtool wrote."""
    return InputError(f"{path} is damaged ({why})", advice="remove it and pair again")
