"""Run a command's coroutine: set up logging, handle Ctrl-C, report the first of several failures."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from glowtool.cli.signals import listening, stoppable
from glowtool.kit.system.failures import bare
from glowtool.kit.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import TracebackType

    from glowtool.cli.options import Options

    _ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

T = TypeVar("T")

_LOG = logging.getLogger(__name__)


class _OneLine(logging.Formatter):
    """Formats a record as one line, whatever it quotes; with `traces`, a traceback follows on lines of its own.

    When a controller's driver fails within the event loop, asyncio reports it with a traceback, which means nothing to
    a person who did not ask for more.
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
        # This begins before the event loop is made and ends after it is closed: no signal finds it half made.
        with bare(), listening():
            _keep_log(options.verbosity)
            return asyncio.run(stoppable(work))
    finally:
        work.close()  # if it never began, Python would say so on standard error


def _keep_log(verbosity: int) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(name)s %(levelname)s: %(message)s", traces=verbosity > 0))
    logging.basicConfig(level=(logging.ERROR, logging.INFO, logging.DEBUG)[min(verbosity, 2)], handlers=[handler])
    if verbosity < 2:
        # The stack below logs a lost link; the error that follows says it again, in words.
        logging.getLogger("bumble").setLevel(logging.CRITICAL)
    _LOG.info("the command begins")
