"""The failure of several tasks together, as the one error that somebody should hear of."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def bare() -> Iterator[None]:
    """Raise what leaves the block as itself: of a group the first error, with the group's notes."""
    try:
        yield
    except BaseExceptionGroup as group:
        error = _first(group)
        for note in getattr(group, "__notes__", ()):
            error.add_note(note)
        raise error from group


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
