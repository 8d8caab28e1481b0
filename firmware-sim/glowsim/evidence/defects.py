"""Defects of the simulator whose errors were caught by its handlers or by bumble; each is reported in one line."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_OURS = Path(__file__).parents[1]
_LOG: Final = logging.getLogger(__name__)


def note_defect(where: str, error: Exception) -> None:
    """Log that a handler failed, although its request was answered; the traceback is for debugging only."""
    place = _place(error.__traceback__)
    _LOG.error(
        "a defect of the simulator: %s: %s (%s%s); outputs are zero, and the roller is in FAULT",
        type(error).__name__,
        error,
        where,
        "" if place is None else f", {place}",
    )
    _LOG.debug("the defect", exc_info=error)


def report_defects(say: Callable[[str], None]) -> None:
    """Silence bumble's log, except for errors raised in the simulator: each goes to `say` in one line.

    bumble logs a traceback for every wrong packet of a host, which is the host's affair, and logs a failure of the
    roller's own handlers in the same way. Without this report, the roller would only seem not to answer.
    """
    log = logging.getLogger("bumble")
    log.propagate = False
    reporter = _Reporter(say)
    log.handlers = _LOG.handlers = [reporter]
    _LOG.propagate = False


class _Reporter(logging.Handler):
    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._say = say
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if record.name == __name__:
            self._say(record.getMessage())
            return
        place = None if error is None else _place(error.__traceback__)
        if place is None or place in self._said:
            return
        self._said.add(place)
        self._say(f"a defect of the simulator: {type(error).__name__}: {error} ({place}); the host gets no answer")


def _place(trace: TracebackType | None) -> str | None:
    """Return where the simulator raised an error; None when bumble raised it."""
    frames = [frame for frame in traceback.extract_tb(trace) if "bumble" in Path(frame.filename).parts or _ours(frame)]
    if not frames or not _ours(frames[-1]):
        return None
    last = frames[-1]
    return f"{Path(last.filename).relative_to(_OURS)}:{last.lineno}, in {last.name}"


def _ours(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).is_relative_to(_OURS)
