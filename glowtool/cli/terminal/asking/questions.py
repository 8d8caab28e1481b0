"""Questions at the terminal or to a pipe: a line answers each of them; the end of input answers none.

The rule of every command: a question before something is lost or changed needs an answer. The end of input is none, and
nothing is done then; `--yes` answers beforehand. A reminder before what the command itself asks for is for a person at
a terminal: where nobody can be asked, it is left out.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING, TypeVar

from glowtool.app.asks import (
    GiveUpCheck,
    GoOn,
    Question,
    Repair,
    SameDigits,
    UnansweredError,
    WithoutCheck,
    ZeroQuestion,
)
from glowtool.cli.terminal.asking.continuation import can_be_asked
from glowtool.cli.terminal.asking.countdown import Countdown
from glowtool.cli.terminal.asking.passkey import parse_passkey, spoken_digits
from glowtool.cli.terminal.keyboard import drop_keys
from glowtool.cli.terminal.streams import show
from glowtool.errors import InterruptedSessionError, PairingCancelledError, UsageError
from glowtool.link.pairing import ANSWER_TIMEOUT_S

if TYPE_CHECKING:
    import enum

    from glowtool.cli.terminal.asking.continuation import Asker
    from glowtool.errors import GlowtoolError

_E = TypeVar("_E", bound="enum.StrEnum")

UNCHECKED = (
    "This roller has no display: nobody can check that you pair with it, and not with somebody in between.",
    "The connection is encrypted, but weaker than with a passkey. Pair only where you trust everyone nearby.",
)


def choose(question: str, choices: type[_E]) -> _E:
    """Ask on standard error and return the member whose word is typed; an empty line means the first one.

    Raises `UsageError` when nobody can answer. What was typed before the question is dropped.
    """
    members = {member.value: member for member in choices}
    first = next(iter(members))
    while True:
        typed = _typed(f"{question} [{first}]:", "the question was not answered: standard input has ended")
        if (typed or first) in members:
            return members[typed or first]


def confirm(question: str, *, default: bool) -> None:
    """Ask on standard error and read a line; return on yes. What was typed before the question is dropped.

    Raises `InterruptedSessionError` on no, `UsageError` when nobody can answer. An empty line is the default.
    """
    unanswered = "the question was not answered: standard input has ended; --yes answers it"
    while True:
        match _typed(f"{question} [{'Y/n' if default else 'y/N'}]:", unanswered):
            case "y" | "yes":
                return
            case "n" | "no":
                break
            case "":
                if default:
                    return
                break
    raise InterruptedSessionError("nothing was done: the answer was no")


def is_so(question: str) -> bool:
    """Ask on standard error until a line says yes or no, and return which; there is no default.

    Raises `UsageError` when nobody can answer. What was typed before the question is dropped.
    """
    while True:
        match line_typed(f"{question} [y/n]:").casefold():
            case "y" | "yes":
                return True
            case "n" | "no":
                return False


def line_typed(question: str) -> str:
    """Ask on standard error and return the line that is typed; raises `UsageError` when nobody can answer."""
    # A person types on the same line; a log gets a new one.
    end = " " if sys.stdin.isatty() else " \n"
    return _line(question, "the question was not answered: standard input has ended", end=end)


def remind(question: str) -> None:
    """Ask as `confirm` does, with a yes as the default, if a person at a terminal can answer; else return."""
    if can_be_asked():
        confirm(question, default=True)


def _typed(question: str, unanswered: str) -> str:
    return _line(question, unanswered).casefold()


def _line(question: str, unanswered: str, *, end: str = " ") -> str:
    drop_keys(sys.stdin)
    show(question, sys.stderr, end=end)
    line = sys.stdin.readline()
    if not line:
        show("", sys.stderr)
    return _said(line, UsageError(unanswered))


def _said(line: str, unanswered: GlowtoolError) -> str:
    """Return the next line without blanks around it; raise the error at the end of input, when nobody answers."""
    if not line:
        raise unanswered
    return line.strip()


class Terminal:
    """Asks a person at the terminal, or reads the lines of a pipe or a file, while a roller waits for the answer.

    During a massage, keys are taken one by one and `keys` asks; without `keys`, nobody can be asked then. A prompt
    counts down only if it `redraws`.
    """

    def __init__(self, keys: Asker | None = None, *, redraws: bool = True) -> None:
        self._keys = keys
        self._redraws = redraws

    async def passkey(self) -> int:
        """Return the six digits; at a terminal, ask again after a mistake. An empty line cancels.

        The prompt shows the time left, and counts down if the terminal can.
        """
        unanswered = UnansweredError("pairing was cancelled: standard input ended without a passkey")
        show("The roller shows six digits. Type them; an empty line cancels.", sys.stderr)
        async with Countdown("Passkey", ANSWER_TIMEOUT_S, redraws=self._redraws) as countdown:
            while True:
                countdown.prompt()
                digits = _said(await read_line(), unanswered)
                if not digits:
                    raise PairingCancelledError("pairing was cancelled: no passkey was given; nothing was changed")
                try:
                    return parse_passkey(digits)
                except UsageError as error:
                    if not sys.stdin.isatty():
                        raise
                    show(f"{error}; again:", sys.stderr)

    async def yes(self, question: Question) -> bool:
        """Return whether the line read is a yes; an empty line is a no."""
        if isinstance(question, GoOn | ZeroQuestion):
            if self._keys is None:
                raise UnansweredError("nobody can be asked in this massage")
            return await self._keys.ask(question)
        if isinstance(question, WithoutCheck):
            for line in UNCHECKED:
                show(line, sys.stderr)
        return (await _answer(f"{_words(question)} [y/N]")).casefold() in {"y", "yes"}

    async def typed(self, wanted: GiveUpCheck) -> str:
        """Return the line read."""
        show(
            f"{wanted.roller} was {wanted.paired}, but the device that answers now says that it has no display, so "
            "you cannot check what it is. It may be another device in its place: anyone nearby can imitate the "
            "roller's name, address and serial number, and could then read your pressure log and answer in the "
            "roller's place. Go on only if you changed this setting on the roller yourself.",
            sys.stderr,
        )
        return await _answer(f"To pair {wanted.roller} without the check, type its name (empty: cancel):")


def _words(question: SameDigits | WithoutCheck | Repair) -> str:
    match question:
        case SameDigits(number):
            return f"Does the roller's display show {spoken_digits(number)}?"
        case WithoutCheck():
            return "Pair without a check?"
        case Repair(roller):
            return f"This removes the bond with {roller} here and makes a new one. Repair?"


async def _answer(question: str) -> str:
    # A person types on the same line; a log gets a new one.
    show(question, sys.stderr, end=" " if sys.stdin.isatty() else " \n")
    return _said(await read_line(), UnansweredError("pairing was cancelled: standard input ended without an answer"))


async def read_line() -> str:
    """Return one line of standard input, or an empty string at its end.

    A daemon thread waits for the line, so a cancelled question never holds up the exit.
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
            drop_keys(sys.stdin)  # the shell must not get what was typed for this question
            show("", sys.stderr)  # the next output begins on a line of its own
        raise
