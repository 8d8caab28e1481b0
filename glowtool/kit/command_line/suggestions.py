"""Suggestions for a wrong word: a typing error, or a synonym of something that exists.

People type a suggestion without much thought, so none may do the opposite of what they meant, or more than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

#: Only a typing error is this close: a letter too many, too few, wrong or in the wrong place.
_SLIP: Final = 0.75

#: A word with one of these prefixes means the opposite, and is not a typing error.
_NEGATIONS: Final = ("un", "de", "dis", "no", "non", "in")

#: Synonyms of commands, by the command after which they are typed ("" is the program itself), and what to type.
OtherWords = Mapping[str, Mapping[str, str]]

NO_OTHER_WORDS: Final[OtherWords] = MappingProxyType({})


def slip(word: str, known: Iterable[str]) -> str | None:
    """Return the known word of which `word` is a typing error; None if there is none, or it means the opposite."""
    import difflib  # noqa: PLC0415 - only for a word that is wrong

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=_SLIP)
    return near[0] if near and not _opposite(word, near[0]) else None


def _opposite(one: str, other: str) -> bool:
    pairs = ((one, other), (other, one))
    return any(a in {f"{before}{b}", f"{before}-{b}"} for a, b in pairs for before in _NEGATIONS)


def command_hint(group: str, word: str, known: Iterable[str], other_words: OtherWords = NO_OTHER_WORDS) -> str:
    """Return a hint about an unknown command of a group, such as that of the logs."""
    names = list(known)
    inside = group.partition(" ")[2]
    meant = other_words.get(inside, {}).get(word.casefold())
    if meant is not None:
        return f"the command for that is `{group} {meant}`"
    near = slip(word.casefold(), names)
    return f"did you mean {near!r}?" if near else f"the commands are {', '.join(names)}"


def option_hint(command: str, option: str, known: Iterable[str]) -> str:
    """Return a hint about an unknown option of a command."""
    names = {name.lstrip("-"): name for name in known if name.startswith("--")}
    near = slip(option.lstrip("-"), names)
    return f"did you mean {names[near]!r}?" if near else f"`{command} --help` lists the options"
