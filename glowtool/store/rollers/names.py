"""The names of a roller, and the search for the known roller that a text names."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from glowtool.errors import InputError

if TYPE_CHECKING:
    from glowtool.store.rollers.known import KnownRoller


def check_alias_among(alias: str | None, others: list[KnownRoller]) -> None:
    """Raise `InputError` when an alias is empty, or another roller has it as a name."""
    if alias is None:
        return
    if not alias.strip():
        raise InputError("the alias is empty", advice="give any visible text")
    if any(alias.casefold() in _names(other) for other in others):
        raise InputError(f"{alias!r} is already the name of another roller", advice="choose another one")


def _names(roller: KnownRoller) -> set[str]:
    """Return all names of a roller, folded for comparison."""
    return {name.casefold() for name in (roller.alias, roller.name, roller.address, roller.serial) if name}


def matches(rollers: tuple[KnownRoller, ...], wanted: str) -> list[KnownRoller]:
    """Return the rollers that a text names: by address first, then by alias, serial number or name, then by a part."""
    for what in (attrgetter("address"), attrgetter("alias"), attrgetter("serial"), attrgetter("name")):
        exact = [roller for roller in rollers if wanted and wanted == (what(roller) or "").casefold()]
        if exact:
            return exact
    names = ((roller, f"{roller.alias or ''}\0{roller.name}\0{roller.serial}".casefold()) for roller in rollers)
    return [roller for roller, name in names if wanted and wanted in name]
