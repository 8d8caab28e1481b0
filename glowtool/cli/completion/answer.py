"""The answer to a shell that asks how a line goes on: a line for each word, and `:files` or `:folders` for paths.

It runs in place of the command line, and loads nothing of it: a person waits for it at every press of the key.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Final, cast

from glowtool.cli.completion.kinds import Kind
from glowtool.cli.completion.line import wanted
from glowtool.cli.completion.names import has_names, offered
from glowtool.cli.completion.typed import in_bash, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from glowtool.cli.completion.line import Node, Wanted

#: The variable by which the scripts ask, with the name of the shell.
ASKS: Final = "_GLOWTOOL_COMPLETE"

_WORDS: Final = os.path.join(os.path.dirname(__file__), "words.json")  # noqa: PTH118, PTH120 - pathlib takes longer
_PATHS: Final = {Kind.FILE: ":files", Kind.ROUTINE: ":files", Kind.PLAN: ":files", Kind.FOLDER: ":folders"}


def answer(environment: Mapping[str, str], arguments: Sequence[str]) -> None:
    """Print how the line goes on that a shell asks about; whatever is wrong, nothing is printed about it."""
    try:
        text = "".join(f"{line}\n" for line in lines(environment, arguments))
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    except (OSError, ValueError, KeyError):
        return


def lines(environment: Mapping[str, str], arguments: Sequence[str]) -> Iterator[str]:
    """Yield the lines of an answer: `word`, a tab, and a few words on it."""
    is_bash = environment.get(ASKS) == "bash"
    if is_bash:
        words, last, quote = split(environment.get("COMP_LINE", ""))
    else:
        *words, last = arguments or ("",)
        quote = ""
    found = wanted(tree(), words[1:] if is_bash else words, last)
    if found.kind in _PATHS:
        yield f"{_PATHS[found.kind]}\t{found.before}"
    for word, about in _matching(found, environment):
        whole = f"{found.before}{word}"
        yield in_bash(whole, last, arguments, quote) if is_bash else f"{whole}\t{about}"


def tree() -> Node:
    """Return the table of words."""
    with open(_WORDS, encoding="utf-8") as stream:  # noqa: PTH123 - as above
        return cast("Node", json.load(stream))


def _matching(found: Wanted, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    folder = found.data_folder or environment.get("GLOWTOOL_DATA_DIR") or ""
    named: Iterable[tuple[str, str]] = ()
    if has_names(found.kind):
        named = offered(found.kind, os.path.expanduser(folder) if folder else _default_folder())  # noqa: PTH111 - as above
    for word, about in (*found.offers, *named):
        if word.startswith(found.typed):
            yield word, about


def _default_folder() -> str:
    import platformdirs  # noqa: PLC0415 - where a folder is named, it need not be loaded

    try:
        return platformdirs.user_data_dir("glowtool")
    except RuntimeError:
        return ""
