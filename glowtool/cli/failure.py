"""From an exception to what a person, a program and a shell hear of it."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Final

import click

from glowtool.cli.streams import terminal_closed
from glowtool.errors import GlowtoolError, InterruptedSessionError, StoreError, UsageError

#: What the system says when it cannot keep what is written; everything else of its kind is a defect of ours.
_DISK: Final = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EIO", "EACCES", "EPERM")
    if hasattr(errno, name)
)


@dataclass(frozen=True, slots=True)
class Failure:
    """How a command failed: its exit status, its kind (the name of an error class), and what to say.

    `hint` is said to a person only, on the lines below the message.
    """

    status: int
    kind: str
    message: str
    hint: str = ""

    def document(self) -> dict[str, object]:
        """Return the JSON object of a failure."""
        return {"error": {"kind": self.kind, "message": self.message, "exit_status": self.status}}


def failure_of(error: BaseException) -> Failure:
    """Return what to say of an exception that ended a command."""
    match error:
        case GlowtoolError():
            return Failure(error.exit_code, _kind(error), str(error))
        case click.exceptions.NoArgsIsHelpError():
            return Failure(UsageError.exit_code, "UsageError", "no command was named", error.format_message())
        case click.UsageError():
            return Failure(UsageError.exit_code, "UsageError", _sentence(error), _usage(error))
        case click.ClickException():
            return Failure(error.exit_code, "UsageError", _sentence(error))
        case KeyboardInterrupt() | click.Abort():
            return Failure(InterruptedSessionError.exit_code, "InterruptedSessionError", "stopped")
        case OSError() if error.errno == errno.EIO and terminal_closed():
            return Failure(InterruptedSessionError.exit_code, "InterruptedSessionError", "the terminal was closed")
        case OSError() if error.errno in _DISK:
            return Failure(StoreError.exit_code, "StoreError", _disk_sentence(error))
    text = f"internal error: {type(error).__name__}: {error}; this is a defect of glowtool, -v shows where"
    return Failure(GlowtoolError.exit_code, "InternalError", text)


def _kind(error: GlowtoolError) -> str:
    """Return the name of the error's class in the public tree, of which the layers below have their own variants."""
    return next(each.__name__ for each in type(error).__mro__ if each.__module__ == GlowtoolError.__module__)


def _sentence(error: click.ClickException) -> str:
    """Return click's message in the form of ours: no capital, no full stop."""
    text = error.format_message().strip().removesuffix(".")
    return text[:1].lower() + text[1:]


def _usage(error: click.UsageError) -> str:
    if error.ctx is None:
        return ""
    return f"{error.ctx.get_usage()}\n`{error.ctx.command_path} --help` says more."


def _disk_sentence(error: OSError) -> str:
    where = f" {error.filename}" if error.filename else ""
    return f"writing{where} failed: {error.strerror}; make room, or name another place with --data-dir"
