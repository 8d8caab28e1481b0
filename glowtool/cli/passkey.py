"""Asking a person for the six digits on the roller's display."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING

import click

from glowtool.errors import PairingCancelledError, UsageError

if TYPE_CHECKING:
    from glowtool.link.adapter import PasskeySource


def parse_passkey(text: str) -> int:
    """Return a passkey from what a person typed, six digits with or without a space in the middle; `UsageError`."""
    digits = "".join(text.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        raise UsageError(f"a passkey is the six digits on the roller's display, not {text.strip()!r}")
    return int(digits)


async def read_line() -> str:
    """Return one line of standard input; an empty string at its end.

    A thread of its own does the waiting: it is a daemon, so a cancelled question never holds up the exit.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def deliver(line: str) -> None:
        if not answer.done():
            answer.set_result(line)

    def wait() -> None:
        line = sys.stdin.readline()
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver, line)

    threading.Thread(target=wait, name="read-line", daemon=True).start()
    return await answer


def asked_passkey() -> PasskeySource:
    """Return a source that asks on the terminal, or reads one line where standard input is a pipe or a file."""

    async def ask() -> int:
        click.echo("Passkey on the roller's display (empty: cancel): ", nl=not sys.stdin.isatty(), err=True)
        while True:
            line = await read_line()
            if not line:
                raise PairingCancelledError("pairing was cancelled: standard input ended without a passkey")
            if not line.strip():
                raise PairingCancelledError("pairing was cancelled: no passkey was given; nothing was changed")
            try:
                return parse_passkey(line)
            except UsageError as error:
                if not sys.stdin.isatty():
                    raise
                click.echo(f"{error}; again: ", nl=False, err=True)

    return ask


def given_passkey(passkey: int) -> PasskeySource:
    """Return a source that answers with the passkey of the command line."""

    async def answer() -> int:
        return passkey

    return answer
