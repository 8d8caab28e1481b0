"""The spelling of enumeration members: the only place that turns a member into a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import enum

_E = TypeVar("_E", bound="enum.Enum")


def key_of(member: enum.Enum) -> str:
    """Return a member's name for JSON and logs: `Interlock.NO_CONTACT` is "no_contact"."""
    return member.name.lower()


def member_of(kind: type[_E], key: str) -> _E:
    """Return the member with that name of `key_of`; raises `KeyError`."""
    return kind[key.upper()]


def name_of(member: enum.Enum) -> str:
    """Return a member's name for routines and their readers: `Zone.CHEEK_LEFT` is "cheek-left"."""
    return key_of(member).replace("_", "-")


def words_of(member: enum.Enum) -> str:
    """Return a member's name for a sentence: `Interlock.NO_CONTACT` is "no contact"."""
    return key_of(member).replace("_", " ")


def keys_in(flags: enum.IntFlag) -> list[str]:
    """Return the names of the known set members, in order of their bits, for JSON and logs."""
    return [key_of(flag) for flag in type(flags) if flag in flags]


def words_in(flags: enum.IntFlag) -> list[str]:
    """Return the names of the known set members, in order of their bits, for a sentence."""
    return [words_of(flag) for flag in type(flags) if flag in flags]
