"""A damaged file is set aside under another name, so that nothing in it is lost."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MARK: Final = "damaged"


def put_aside(path: Path) -> Path:
    """Give a damaged file another name beside it, and return that; raises `OSError`."""
    free = (path.with_name(f"{path.name}.{MARK}-{number}") for number in count(1))
    other = next(each for each in free if not each.exists() and not each.is_symlink())
    path.rename(other)
    return other


def entries(number: int, word: str) -> str:
    """Return `1 bond stays`, `2 bonds stay`, for what is whole in such a file."""
    return f"{number} {word} stays" if number == 1 else f"{number} {word}s stay"
