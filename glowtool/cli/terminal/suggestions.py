"""Synonyms that people type for commands and options, and the names that they most likely mean.

People type a suggestion without much thought, so none may do the opposite of what they meant, or more than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from glowtool.kit.command_line.suggestions import OtherWords

#: Words of somebody who wants a massage: what to type depends on the rollers that are known.
BEGINNING: Final = frozenset({"start", "begin", "play", "massage"})

#: Other words for commands, by the command that they are typed after: "" is `glowtool` itself.
MEANT: Final[OtherWords] = {
    "": {
        **dict.fromkeys(("unpair", "forget", "remove"), "devices forget --help"),
        **dict.fromkeys(("erase", "delete"), "logs erase --help"),
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
        **dict.fromkeys(("today", "streak"), "plan today"),
        **dict.fromkeys(("plans", "programme"), "plan list"),
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
    "plan": {
        **dict.fromkeys(("begin", "start", "follow"), "new --help"),
        **dict.fromkeys(("stop", "cancel", "remove", "delete"), "end --help"),
        **dict.fromkeys(("calendar", "export", "ical", "remind"), "ics --help"),
        **dict.fromkeys(("streak", "progress"), "status"),
        **dict.fromkeys(("next", "due"), "today"),
        "ls": "list",
        "view": "show --help",
    },
    "person": {
        **dict.fromkeys(("remove", "delete", "rm", "forget"), "erase --help"),
        **dict.fromkeys(("add", "create"), "new --help"),
        **dict.fromkeys(("max", "limit"), "maximum --help"),
        **dict.fromkeys(("clean", "cleaning"), "cleaned"),
        "ls": "list",
    },
    "button": {
        **dict.fromkeys(("remove", "delete", "erase"), "clear"),
        **dict.fromkeys(("set", "save"), "store --help"),
        "view": "show",
    },
}
