"""What a wrong word was perhaps meant to be: a slip of the fingers, or another word for something that exists.

A suggestion is typed without much thought, so none may do the opposite of what was meant, or more than that.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Only a slip is this close: a letter too many, too few, wrong or in the wrong place.
_SLIP: Final = 0.75

#: What these stand before is the opposite, and no slip.
_NEGATIONS: Final = ("un", "de", "dis", "no", "non", "in")

#: Other words for commands, by the command that they are typed after: "" is `glowtool` itself.
MEANT: Final[Mapping[str, Mapping[str, str]]] = {
    "": {
        **dict.fromkeys(("unpair", "forget", "remove"), "devices forget --help"),
        **dict.fromkeys(("erase", "delete"), "logs erase --help"),
        **dict.fromkeys(("start", "begin", "play", "massage"), "run first-glow"),
        **dict.fromkeys(("halt", "end", "abort", "pause"), "stop"),
        **dict.fromkeys(("connect", "status", "battery", "show"), "info"),
        **dict.fromkeys(("list", "device"), "devices list"),
        **dict.fromkeys(("find", "search", "discover"), "scan"),
        **dict.fromkeys(("report", "analyse", "analysis"), "analyze"),
        **dict.fromkeys(("log", "history"), "logs list"),
        **dict.fromkeys(("zero", "calibrate"), "tare"),
        **dict.fromkeys(("check", "diagnose"), "doctor"),
        **dict.fromkeys(("unlock", "reset"), "rearm"),
        "export": "logs export --help",
        "routine": "routines list",
        "validate": "routines validate --help",
        "rename": "devices rename --help",
        "version": "--version",
    },
    "logs": {
        **dict.fromkeys(("remove", "delete", "rm", "forget"), "erase --help"),
        **dict.fromkeys(("repair", "restore"), "recover"),
        **dict.fromkeys(("download", "import", "get"), "fetch"),
        **dict.fromkeys(("view", "open"), "show"),
        "check": "verify",
        "save": "export --help",
        "ls": "list",
    },
    "devices": {
        **dict.fromkeys(("remove", "delete", "unpair", "rm", "erase"), "forget --help"),
        **dict.fromkeys(("default", "select"), "use --help"),
        **dict.fromkeys(("name", "alias"), "rename --help"),
        "ls": "list",
        "info": "show",
    },
    "routines": {
        **dict.fromkeys(("check", "lint"), "validate --help"),
        **dict.fromkeys(("view", "open", "print"), "show --help"),
        "ls": "list",
    },
    "button": {
        **dict.fromkeys(("remove", "delete", "erase"), "clear"),
        **dict.fromkeys(("set", "save"), "store --help"),
        "view": "show",
    },
}


def slip(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a word is a slip of; None when it is none, or would be the opposite."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=_SLIP)
    return near[0] if near and not _opposite(word, near[0]) else None


def _opposite(one: str, other: str) -> bool:
    pairs = ((one, other), (other, one))
    return any(a in {f"{before}{b}", f"{before}-{b}"} for a, b in pairs for before in _NEGATIONS)


def command_hint(group: str, word: str, known: Iterable[str]) -> str:
    """Return what is said of an unknown command of a group, `logs` or the like."""
    names = list(known)
    inside = group.partition(" ")[2]
    meant = MEANT.get(inside, {}).get(word.casefold())
    if meant is not None:
        return f"what there is for that is `{group} {meant}`"
    near = slip(word.casefold(), names)
    return f"did you mean {near!r}?" if near else f"there are {', '.join(names)}"


def option_hint(command: str, option: str, known: Iterable[str]) -> str:
    """Return what is said of an unknown option of a command."""
    names = {name.lstrip("-"): name for name in known if name.startswith("--")}
    near = slip(option.lstrip("-"), names)
    return f"did you mean {names[near]!r}?" if near else f"`{command} --help` lists those that there are"
