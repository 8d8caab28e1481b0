"""The names of a roller, and the search for the known roller that a text means."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from glowtool.errors import InputError

if TYPE_CHECKING:
    from glowtool.store.rollers.known import KnownRoller


def check_alias_among(alias: str | None, others: list[KnownRoller]) -> None:
    """Raise `InputError` when an alias is empty, or another roller answers to it."""
    if alias is None:
        return
    if not alias.strip():
        raise InputError("an alias is empty", advice="allowed is any text that can be read")
    if any(alias.casefold() in _names(other) for other in others):
        raise InputError(f"{alias!r} is already the name of another roller", advice="choose another one")


def _names(roller: KnownRoller) -> set[str]:
    """Return everything that a roller answers to, folded for comparison."""
    return {name.casefold() for name in (roller.alias, roller.name, roller.address, roller.serial) if name}


def matches(rollers: tuple[KnownRoller, ...], wanted: str) -> list[KnownRoller]:
    """Return whom a text means: the address above all, then alias, serial number and name, then a part of one."""
    for what in (attrgetter("address"), attrgetter("alias"), attrgetter("serial"), attrgetter("name")):
        exact = [roller for roller in rollers if wanted and wanted == (what(roller) or "").casefold()]
        if exact:
            return exact
    names = ((roller, f"{roller.alias or ''}\0{roller.name}\0{roller.serial}".casefold()) for roller in rollers)
    return [roller for roller, name in names if wanted and wanted in name]
