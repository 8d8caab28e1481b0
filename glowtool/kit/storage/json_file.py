"""A JSON object in a file that only its owner may read, replaced as a whole or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from glowtool.kit.storage.files import write_atomic
from glowtool.kit.storage.privacy import read_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_object(path: Path, limit_bytes: int) -> dict[str, object]:
    """Return the JSON object in a file, or an empty one when there is no file.

    Raises `ValueError` with the reason when it is damaged, `StoreError` when it is not a regular file of this user, or
    is longer than the limit, and `OSError`.
    """
    try:
        content = json.loads(read_private(path, limit_bytes).decode("utf-8"))
    except FileNotFoundError:
        return {}
    except RecursionError as error:
        raise ValueError(str(error)) from error
    if not isinstance(content, dict):
        raise ValueError("it does not hold a JSON object")  # noqa: TRY004 - as for any other content that is damaged
    return cast("dict[str, object]", content)


def write_object(path: Path, content: Mapping[str, object]) -> None:
    """Replace the file, mode 0600, in an existing folder. Raises `OSError`."""
    text = json.dumps(content, indent=2, sort_keys=True) + "\n"
    write_atomic(path, lambda stream: stream.write(text.encode()))
