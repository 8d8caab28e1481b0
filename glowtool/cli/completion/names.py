"""The names that a completion offers: routines, rollers, sessions, people and plans, read as lightly as can be.

Nothing is checked here and nothing fails: a file that cannot be read offers no names, and the command that is then
typed says what is wrong. Only names that can be seen are offered, since they come from files and from the air.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Final

from glowtool.cli.completion.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: A name to offer, and a few words on it.
Offer = tuple[str, str]

_TITLE: Final = re.compile(r'^title\s*=\s*"([^"\\]*)"', re.MULTILINE)
_MOST_BYTES: Final = 1 << 20
#: More do not fit a screen.
_MOST: Final = 200
_SUFFIX: Final = ".toml"


def has_names(kind: Kind) -> bool:
    """Return whether a kind has names that are looked up in the data folder."""
    return kind in _SOURCES


def offered(kind: Kind, data_folder: str) -> Iterator[Offer]:
    """Yield the names of a kind in a data folder."""
    for name, words in _SOURCES[kind](data_folder):
        if name.isprintable() and name:
            yield name, words if words.isprintable() else ""


def _routines(data_folder: str) -> Iterator[Offer]:
    yield from _titled(_ours("routine", "library"))
    yield from _titled(os.path.join(data_folder, "routines"))  # noqa: PTH118 - pathlib takes longer than all of this


def _plans(_: str) -> Iterator[Offer]:
    yield from _titled(_ours("routine", "plans", "library"))


def _rollers(data_folder: str) -> Iterator[Offer]:
    for roller in _listed(data_folder, "devices.json", "rollers"):
        alias, name, address = (str(roller.get(key) or "") for key in ("alias", "name", "address"))
        if alias or name:
            yield alias or name, address


def _people(data_folder: str) -> Iterator[Offer]:
    for person in _listed(data_folder, "people/people.json", "people"):
        yield str(person.get("name", "")), ""


def _sessions(data_folder: str) -> Iterator[Offer]:
    logs = sorted(_names(os.path.join(data_folder, "logs")), reverse=True)  # noqa: PTH118 - as above
    if logs:
        yield "last", "the log recorded last"
    yield from ((name, "") for name in logs[:_MOST] if not name.startswith("."))
    by_button = sorted(_names(os.path.join(data_folder, "massages")))  # noqa: PTH118 - as above
    for name in by_button[:_MOST]:
        if name.endswith(".json") and not name.startswith("."):
            yield name.removesuffix(".json"), "a massage by the button"


#: Where the names of a kind come from; the other kinds have none.
_SOURCES: Final[dict[Kind, Callable[[str], Iterator[Offer]]]] = {
    Kind.ROUTINE: _routines,
    Kind.PLAN: _plans,
    Kind.ROLLER: _rollers,
    Kind.PERSON: _people,
    Kind.SESSION: _sessions,
}


def _ours(*parts: str) -> str:
    import glowtool  # noqa: PLC0415 - it is loaded already

    return os.path.join(os.path.dirname(str(glowtool.__file__)), *parts)  # noqa: PTH118, PTH120 - as above


def _titled(folder: str) -> Iterator[Offer]:
    """Yield the files of a folder and of those in it, by their names, with their titles."""
    for path, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files)[:_MOST]:
            if name.endswith(_SUFFIX) and not name.startswith("."):
                found = _TITLE.search(_text(os.path.join(path, name)))  # noqa: PTH118 - as above
                yield name.removesuffix(_SUFFIX), found[1] if found else ""


def _listed(data_folder: str, file: str, key: str) -> Iterator[dict[str, object]]:
    """Yield the objects of a list in a file of JSON; none where it is not what it should be."""
    try:
        content = json.loads(_text(os.path.join(data_folder, file)))  # noqa: PTH118 - as above
    except (ValueError, RecursionError):
        return
    rows = content.get(key) if isinstance(content, dict) else None
    yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def _text(path: str) -> str:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - as above
    except OSError:
        return []
