"""Asking a person about the six digits on the roller's display, while the roller waits."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING

from glowtool.cli.terminal.countdown import Countdown
from glowtool.cli.terminal.keyboard import drop_keys
from glowtool.cli.terminal.streams import show
from glowtool.errors import PairingCancelledError, UsageError

if TYPE_CHECKING:
    from glowtool.link.pairing import PairingAnswers, PasskeySource

_WEAK_WARNING = (
    "This roller has no display: nobody can check that you pair with it, and not with somebody in between.",
    "The connection is encrypted, but it is weaker than with a passkey. Pair where you trust who is near.",
)


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
    try:
        return await answer
    except asyncio.CancelledError:
        if sys.stdin.isatty():
            drop_keys(sys.stdin)  # what was typed to this question is for no shell
            show("", sys.stderr)  # what is said next begins a line of its own
        raise


def asked_passkey() -> PasskeySource:
    """Return a source that asks on the terminal, or reads one line where standard input is a pipe or a file.

    The prompt says how long there is, and counts down where the terminal can.
    """
    from glowtool.link.pairing import ANSWER_TIMEOUT_S

    async def ask() -> int:
        show("The roller shows six digits. Type them; an empty line cancels.", sys.stderr)
        async with Countdown("Passkey", ANSWER_TIMEOUT_S) as countdown:
            while True:
                countdown.prompt()
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
                    show(f"{error}; again:", sys.stderr)

    return ask


def given_passkey(passkey: int) -> PasskeySource:
    """Return a source that answers with the passkey of the command line."""

    async def answer() -> int:
        return passkey

    return answer


def spoken_digits(number: int) -> str:
    """Return six digits as a display shows them, in two groups."""
    return f"{number // 1000:03d} {number % 1000:03d}"


async def said_yes(question: str) -> bool:
    """Ask on standard error and return whether the line read is a yes; an empty line is a no.

    `PairingCancelledError` when standard input has ended.
    """
    show(f"{question} [y/N]", sys.stderr, end=after_question())
    line = await read_line()
    if not line:
        raise PairingCancelledError("pairing was cancelled: standard input ended without an answer")
    return line.strip().casefold() in {"y", "yes"}


async def _compared(number: int) -> bool:
    return await said_yes(f"Does the roller's display show {spoken_digits(number)}?")


def after_question() -> str:
    """Return what stands between a question and the answer: a person types in the same line, a log gets another."""
    return " " if sys.stdin.isatty() else " \n"


def _warn() -> None:
    for line in _WEAK_WARNING:
        show(line, sys.stderr)


async def _consented() -> bool:
    _warn()
    return await said_yes("Pair without a check?")


async def _consented_before() -> bool:
    _warn()
    return True


def answers_of_a_person(passkey: PasskeySource, *, has_display: bool, consented: bool) -> PairingAnswers:
    """Return the answers that come from the terminal; Just Works only for a roller without a display.

    With `consented` the weaker pairing is not asked about; a comparison always is.
    """
    from glowtool.link.pairing import PairingAnswers

    just_works = None if has_display else _consented_before if consented else _consented
    return PairingAnswers(passkey=passkey, compare=_compared, just_works=just_works)
