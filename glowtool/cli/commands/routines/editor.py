"""The person's own editor, on a file: glowtool waits for it, and leaves the keyboard to it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, UsageError
from glowtool.kit.text.spelled import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Where nobody names one, the first of these that is installed.
_USUAL: Final = ("sensible-editor", "vim", "nano", "vi")

_NAME_ONE: Final = "name one with EDITOR, such as `EDITOR=nano`"


def edit_file(path: Path) -> None:
    """Open a file in the editor that VISUAL or EDITOR names, and wait until it ends.

    Raises `UsageError` when there is none or nobody to use it, and `InputError` when it cannot be started or fails.
    """
    command = _command()
    with _keys_are_the_editors():
        try:
            status = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603 - as the person says
        except OSError as error:
            raise InputError(
                f"the editor {shortened(command[0])!r} cannot be started: {error.strerror or error}", advice=_NAME_ONE
            ) from error
    if status != 0:
        raise InputError(
            f"the editor {shortened(command[0])!r} ended with {status}, so nothing was checked",
            advice=f"`glowtool routines validate {shlex.quote(str(path))}` checks it as it is",
        )


def _command() -> list[str]:
    for named in (os.environ.get("VISUAL", ""), os.environ.get("EDITOR", "")):
        try:
            words = shlex.split(named)
        except ValueError as error:
            raise UsageError(f"the editor {shortened(named)!r} cannot be read: {error}", advice=_NAME_ONE) from error
        if words:
            return words
    if not sys.stdin.isatty():
        raise UsageError("an editor needs a terminal, and none is named", advice=_NAME_ONE)
    found = next((each for each in _USUAL if shutil.which(each)), None)
    if found is None:
        raise UsageError("no editor is named, and none was found", advice=_NAME_ONE)
    return [found]


@contextmanager
def _keys_are_the_editors() -> Iterator[None]:
    """Let Ctrl-C and Ctrl-Backslash reach the editor alone, to which they are keys like others."""
    before = {each: signal.signal(each, _nothing) for each in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nothing(*_: object) -> None:
    # Unlike an ignored signal, a handler is not passed on to the editor.
    return
