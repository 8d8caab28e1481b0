"""A place that a person names, as an option or in the environment: read as a shell would, or refused.

A `~` in quotes reaches a program unchanged, and would become a folder of that name. Libraries take a text that looks
like an address (`file:x`, `s3:x`) for one, and then search elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

#: Two letters at least: one is a drive of Windows.
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def named_path(text: str, what: str) -> Path:
    """Return the absolute path that a person means; raises `InputError` that names `what` if it is not a path."""
    if not text.strip():
        raise InputError(f"{what} is empty", advice="name a path")
    if "\0" in text:
        raise InputError(f"{what} is {text!r}, which contains a zero byte", advice="name a path")
    if _ADDRESS.match(text):
        raise InputError(f"{what} is {text!r}, which looks like an address", advice=f"name a path, such as `./{text}`")
    from pathlib import Path  # noqa: PLC0415 - a help names no place, and need not wait for it

    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise InputError(f"{what} is {text!r}, but there is no such home folder", advice="name a path") from error
    except OSError as error:  # the folder to which it is relative
        raise InputError(
            f"{what} is {text!r}, but the current folder is gone", advice="change to another one"
        ) from error
