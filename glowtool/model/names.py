"""The spelling of enumeration members: the only place that turns a member into a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import enum

_E = TypeVar("_E", bound="enum.Enum")


def key_of(member: enum.Enum) -> str:
    """Return a member's name as JSON and logs spell it: `Interlock.NO_CONTACT` is "no_contact"."""
    return member.name.lower()


def member_of(kind: type[_E], key: str) -> _E:
    """Return the member that `key_of` spells so; raises `KeyError`."""
    return kind[key.upper()]


def name_of(member: enum.Enum) -> str:
    """Return a member's name as routines and their readers spell it: `Zone.CHEEK_LEFT` is "cheek-left"."""
    return key_of(member).replace("_", "-")


def words_of(member: enum.Enum) -> str:
    """Return a member's name as a sentence takes it: `Interlock.NO_CONTACT` is "no contact"."""
    return key_of(member).replace("_", " ")


def keys_in(flags: enum.IntFlag) -> list[str]:
    """Return the names of the known members that are set, in order of their bits, as JSON and logs spell them."""
    return [key_of(flag) for flag in type(flags) if flag in flags]


def words_in(flags: enum.IntFlag) -> list[str]:
    """Return the names of the known members that are set, in order of their bits, as a sentence takes them."""
    return [words_of(flag) for flag in type(flags) if flag in flags]
