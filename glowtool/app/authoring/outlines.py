"""The list of all routines that can be called by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.errors import RoutineError
from glowtool.store.routines.outline import builtin_outlines, outline_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.store.routines.outline import Outline


@dataclass(frozen=True, slots=True)
class Listed:
    """A routine of the list; one's own may be out of order, and then `problem` says why."""

    name: str
    outline: Outline | None
    own: bool = False
    problem: str = ""
    hidden: bool = False


def listed(place: Place) -> list[Listed]:
    """Return every routine that can be called by name: the built-in ones, then one's own."""
    built_in = builtin_outlines()
    found = [Listed(outline.name, outline) for outline in built_in]
    if place.routines_dir.is_dir():
        found += _own(place.routines_dir, frozenset(outline.name for outline in built_in))
    return found


def _own(folder: Path, built_in: frozenset[str]) -> Iterator[Listed]:
    # What reads a routine takes longer to load than all the rest of a list; most people have none of their own.
    from glowtool.routine.fields import NAME_ALLOWED  # noqa: PLC0415 - see above
    from glowtool.store.routines.shelf import Shelf  # noqa: PLC0415 - see above

    shelf = Shelf(folder)
    for name in shelf.own_names():
        if name in built_in:
            problem = "a built-in routine has this name; rename the file"
            yield Listed(name, None, own=True, problem=problem, hidden=True)
            continue
        try:
            yield Listed(name, outline_of(shelf.load(name).routine), own=True)
        except RoutineError as error:
            more = f"`glowtool routines validate {name}` lists them" if error.problems else error.advice
            yield Listed(name, None, own=True, problem=f"{error.says}; {more}")
    for name in shelf.misnamed():
        yield Listed(name, None, own=True, problem=f"a routine cannot be called so; rename the file: {NAME_ALLOWED}")
