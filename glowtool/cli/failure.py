"""From an exception to the failure that a person, a program and a shell are told of."""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace
from typing import Final

import click

from glowtool.cli.terminal.streams import terminal_closed
from glowtool.errors import GlowtoolError, InterruptedSessionError, StoreError, UsageError
from glowtool.kit.command_line.usage_words import sentence, usage

#: The system's errors when it cannot store what is written; every other OSError is a defect of ours.
_DISK: Final = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EIO", "EACCES", "EPERM")
    if hasattr(errno, name)
)


_CLOSED: Final = "standard output is closed, so the result cannot be written; open it, or redirect it to a file"


@dataclass(frozen=True, slots=True)
class Failure:
    """How a command failed: its exit status, its kind (the name of an error class), and its message.

    `more` are further lines of the message, `hint` those that are said to a person only.
    """

    status: int
    kind: str
    message: str
    more: tuple[str, ...] = ()
    hint: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that a person is shown."""
        return (self.message, *self.more, *self.hint)

    def json_object(self) -> dict[str, object]:
        """Return the JSON object of a failure."""
        message = "\n".join((self.message, *self.more))
        return {"error": {"kind": self.kind, "message": message, "exit_status": self.status}}


def failure_of(error: BaseException) -> Failure:
    """Return the failure for an exception that ended a command; its notes come first (as that the roller stopped)."""
    failure = _failure_of(error)
    notes: list[str] = getattr(error, "__notes__", [])
    first = "".join(f"{note}. " for note in notes)
    return replace(failure, message=f"{first}{failure.message}")


def _failure_of(error: BaseException) -> Failure:
    match error:
        case GlowtoolError():
            message, *more = error.lines
            return Failure(error.exit_code, _kind(error), message, tuple(more))
        case click.exceptions.NoArgsIsHelpError():
            return Failure(UsageError.exit_code, "UsageError", "no command was given", hint=_listed(error))
        case click.UsageError():
            return Failure(UsageError.exit_code, "UsageError", sentence(error), hint=usage(error))
        case click.ClickException():
            return Failure(error.exit_code, "UsageError", sentence(error))
        case KeyboardInterrupt() | click.Abort():
            return Failure(InterruptedSessionError.exit_code, "InterruptedSessionError", "stopped")
        case OSError() if error.errno == errno.EIO and terminal_closed():
            return Failure(InterruptedSessionError.exit_code, "InterruptedSessionError", "the terminal was closed")
        case OSError() if error.errno == errno.EBADF:
            return Failure(StoreError.exit_code, "StoreError", _CLOSED)
        case OSError() if error.errno in _DISK:
            return Failure(StoreError.exit_code, "StoreError", _disk_sentence(error))
    text = f"internal error: {type(error).__name__}: {error}; this is a defect of glowtool, and -v shows where"
    return Failure(GlowtoolError.exit_code, "InternalError", text)


def _kind(error: GlowtoolError) -> str:
    """Return the name of the error's public class; the lower layers have variants of their own."""
    return next(each.__name__ for each in type(error).__mro__ if each.__module__ == GlowtoolError.__module__)


def _listed(error: click.ClickException) -> tuple[str, ...]:
    return tuple(error.format_message().splitlines())


def _disk_sentence(error: OSError) -> str:
    where = f" {error.filename}" if error.filename else ""
    return f"writing{where} failed: {error.strerror}; free some space, or name another place with --data-dir"
