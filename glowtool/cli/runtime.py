"""How a command runs a coroutine: data directory made, adapter opened, logging set, Ctrl-C understood."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.cli.stopping import listening, stoppable
from glowtool.cli.terminal.streams import show
from glowtool.errors import StoreError
from glowtool.kit.ownership import require_ours
from glowtool.kit.privacy import close_to_others, make_private_folders
from glowtool.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from pathlib import Path
    from types import TracebackType

    from glowtool.cli.options import Options
    from glowtool.link.adapter import Adapter

    _ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

T = TypeVar("T")

#: What holds keys, and what obeys whoever can reach it.
_CLOSED: Final = ("bonds", "run")
_SHOWN: Final = 3

_LOG = logging.getLogger(__name__)


class _OneLine(logging.Formatter):
    """Words a record on one line, whatever it quotes; where `traces`, a traceback follows on lines of its own.

    A controller's driver that fails within the event loop is told by asyncio with a traceback, which says nothing to a
    person who did not ask for more.
    """

    def __init__(self, words: str, *, traces: bool) -> None:
        super().__init__(words)
        self._traces = traces

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        error = record.exc_info[1] if record.exc_info and not self._traces else None
        return visible(super().formatMessage(record) + (f" ({error!r})" if error else ""))

    def formatException(self, ei: _ExceptionInfo) -> str:  # noqa: N802 - the library's name
        return super().formatException(ei) if self._traces else ""


def run_async(options: Options, work: Coroutine[object, object, T]) -> T:
    """Run a command's coroutine to its end and return what it returns."""
    try:
        # From before the event loop is made until after it is closed: no signal finds it half made.
        with listening():
            _keep_log(options.verbosity)
            return asyncio.run(stoppable(work))
    except BaseExceptionGroup as group:
        leaf = _first_leaf(group)
        for note in getattr(group, "__notes__", ()):
            leaf.add_note(note)
        raise leaf from group
    finally:
        work.close()  # if it never began: Python would say that on standard error


def _keep_log(verbosity: int) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(name)s %(levelname)s: %(message)s", traces=verbosity > 0))
    logging.basicConfig(level=(logging.ERROR, logging.INFO, logging.DEBUG)[min(verbosity, 2)], handlers=[handler])
    if verbosity < 2:
        # What the stack below says of a lost link is said again, in words, by the error that follows.
        logging.getLogger("bumble").setLevel(logging.CRITICAL)
    _LOG.info("the command begins")


def _first_leaf(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that a person should hear of when several tasks failed together: the first one."""
    first = group.exceptions[0]
    return _first_leaf(first) if isinstance(first, BaseExceptionGroup) else first


def make_private_dir(path: Path) -> Path:
    """Make a directory that only its owner can enter; raises `StoreError` with the reason."""
    try:
        make_private_folders(path)
    except OSError as error:
        raise StoreError(
            f"the data directory {path} cannot be made: {error.strerror}; name another one with --data-dir"
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise StoreError(f"the data directory {path} cannot be written to; name another one with --data-dir")
    return path


def close_data(root: Path) -> None:
    """Close to others what holds keys, and say what they could read until now; raises `StoreError` as privacy does."""
    require_ours(root)
    names = close_to_others(root, _CLOSED)
    if names:
        keys = any(name.startswith(_CLOSED[0]) for name in names)
        advice = (
            "; whoever read the keys can pose as this computer: if others use this machine, pair anew with "
            "`glowtool pair --repair`"
        )
        few = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        text = f"glowtool: others could read {few} in {root} until now; closed{advice if keys else ''}"
        show(text, sys.stderr)


@asynccontextmanager
async def adapter_for(options: Options) -> AsyncIterator[Adapter]:
    """Open the adapter that the options name, for the time of the block."""
    from glowtool.link.adapters import open_adapter
    from glowtool.link.spec import AdapterSpec

    spec = AdapterSpec.parse(options.adapter)
    close_data(make_private_dir(options.root))

    def announce(line: str) -> None:
        show(f"[roller's display] {line}", sys.stderr)

    async with open_adapter(
        spec, bonds_dir=options.bonds_dir, state_dir=options.state_dir, announce=announce
    ) as adapter:
        _LOG.info("the adapter %s is open", adapter.name)
        yield adapter
