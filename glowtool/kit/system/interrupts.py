"""Signals before and after a command's own work: the process exits silently with status 130.

Python's own answer is an exception between any two lines, even in an import or the last clean-up, and a traceback.
This module imports only `os`, `sys` and `signal`, so that it can come first.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` takes longer to import than everything else here, and Ctrl-C would come during it
    from types import FrameType
    from typing import Final, NoReturn

#: The exit status of a stopped command, as in `glowtool.errors`, which is not imported yet.
STOPPED: Final = 130

#: All of them mean: end in an orderly way.
ENDING: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP") if hasattr(signal, name)
)


def taken() -> tuple[signal.Signals, ...]:
    """Return the signals that a command handles.

    A hang-up that was ignored from the start stays ignored: that is what nohup is for. A shell makes its background
    jobs ignore SIGINT and SIGQUIT, so that Ctrl-C reaches only the foreground job; but `kill -INT` is meant to work.
    """
    return tuple(
        number for number in ENDING if number.name != "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN
    )


def leave_at_once() -> None:
    """Let every ending signal end the process at once and silently: there is nothing to clean up."""
    for number in taken():
        signal.signal(number, _leave)
    sys.unraisablehook = _unraisable


def interrupt_instead() -> None:
    """From now on, let the first signal raise `KeyboardInterrupt`, if it would otherwise end the process."""
    for number in ENDING:
        if signal.getsignal(number) is _leave:
            signal.signal(number, _interrupt)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(STOPPED)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    leave_at_once()  # a second request takes effect at once
    raise KeyboardInterrupt


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Exit when an interrupt would be lost, because it came where no exception can be raised."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        os._exit(STOPPED)
    sys.__unraisablehook__(unraisable)
