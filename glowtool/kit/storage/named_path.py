"""A place that a person names, as an option or in the environment: what a shell would have made of it, or refused.

A `~` in quotes reaches a program as it is, and would become a folder of that name. What reads like an address
(`file:x`, `s3:x`) is taken for one by libraries below, which then look for the place elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from glowtool.errors import InputError

#: Two letters at least: one is a drive of Windows.
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def named_path(text: str, what: str) -> Path:
    """Return the absolute path that a person means; raises `InputError` naming `what` where none is meant."""
    if not text.strip():
        raise InputError(f"{what} is empty", advice="allowed: a path")
    if "\0" in text:
        raise InputError(f"{what} is {text!r}, which has a zero byte in it", advice="allowed: a path")
    if _ADDRESS.match(text):
        raise InputError(
            f"{what} is {text!r}, which reads like an address", advice=f"allowed: a path; `./{text}` is one"
        )
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise InputError(f"{what} is {text!r}, and there is no such home folder", advice="allowed: a path") from error
    except OSError as error:  # the folder that it is relative to
        raise InputError(
            f"{what} is {text!r}, and the current folder is gone", advice="change to another one"
        ) from error
