"""The loading of a routine by its name, its path or its text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from glowtool.store.routines.shelf import Shelf, builtin_names

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.routine.models import Routine

__all__ = ["builtin_names", "load_routine"]


def load_routine(word: str | os.PathLike[str], own: Path | None = None) -> Routine:
    """Return the built-in routine of that name, the one in that file, or the one that the text says.

    `own` is a folder of further routines by name. Raises `RoutineError`, which lists every problem, each with line or
    column, path, value and what is allowed. A built-in name wins over all others; `./first-glow` is always a file.
    """
    return Shelf(own).load(os.fspath(word)).routine
