"""Damaged files are set aside under another name, so that nothing in them is lost."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MARK: Final = "damaged"


def put_aside(path: Path) -> Path:
    """Rename a damaged file in its folder, and return the new path; raises `OSError`."""
    free = (path.with_name(f"{path.name}.{MARK}-{number}") for number in count(1))
    other = next(each for each in free if not each.exists() and not each.is_symlink())
    path.rename(other)
    return other


def entries(number: int, word: str) -> str:
    """Return `1 bond stays` or `2 bonds stay`, for the intact part of such a file."""
    return f"{number} {word} stays" if number == 1 else f"{number} {word}s stay"
