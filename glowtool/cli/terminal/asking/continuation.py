"""The question at the terminal whether to go on, while everything else keeps running. A yes needs Enter."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from glowtool.cli.terminal.keyboard import Keyboard
    from glowtool.session.decide.questions import Question, ZeroQuestion

_YES: Final = frozenset({"y", "yes"})
_NO: Final = frozenset({"", "n", "no"})

#: Escape and Ctrl-D say no at once: one stray key may end a massage, but must never start current.
_AT_ONCE_NO: Final = frozenset("\x1b\x04")
_ENTER: Final = frozenset("\r\n")
_ERASE: Final = frozenset("\b\x7f")
_ERASE_ALL: Final = frozenset("\x15\x17")

#: No answer is longer; a longer input counts as no answer.
_LONGEST: Final = 8

_LOOK_EVERY_S: Final = 0.1

#: A shell does not notify a job that it puts in the foreground.
_LISTEN_AGAIN_S: Final = 0.25


def can_be_asked() -> bool:
    """Return whether a person at a terminal can see a question and answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Answer:
    """An answer being typed: the text so far, and its meaning once Enter is pressed."""

    def __init__(self) -> None:
        self.typed = ""

    def take(self, keys: str) -> bool | None:
        """Take keys in their order; return the answer, or None until there is one. No keys: the terminal is gone."""
        if not keys:
            return False
        for key in keys:
            if key in _AT_ONCE_NO:
                return False
            if key in _ENTER:
                word, self.typed = self.typed.strip().casefold(), ""
                if word in _YES or word in _NO:
                    return word in _YES
            elif key in _ERASE:
                self.typed = self.typed[:-1]
            elif key in _ERASE_ALL:
                self.typed = ""
            elif key.isprintable() and len(self.typed) < _LONGEST:
                self.typed += key
        return None


class Asker:
    """Asks at the terminal that `keyboard` holds; with `echo` it shows the typed text there, else a view does.

    Unless it `redraws` the line, it shows each character once, as it is typed.
    """

    def __init__(self, keyboard: Keyboard, *, echo: bool, redraws: bool = True) -> None:
        self.keyboard = keyboard
        self._echo = echo
        self._redraws = redraws
        self._answer = Answer()
        #: What Enter would do now, in words; None while no keys are taken but for answers.
        self.waiting: Callable[[], str] | None = None
        self._take_keys: Callable[[str], None] | None = None
        self._look_again: asyncio.TimerHandle | None = None

    @contextmanager
    def listening(self, take: Callable[[str], None], waiting: Callable[[], str]) -> Iterator[None]:
        """Pass what is typed to `take` while nothing is asked, for the time of the block; what was typed before is not.

        `waiting` says what Enter would do. In the background the keys are the shell's, and none is read.
        """
        self._take_keys, self.waiting = take, waiting
        self.keyboard.drop()
        self._listen()
        try:
            yield
        finally:
            self._take_keys = self.waiting = None
            if self._look_again is not None:
                self._look_again.cancel()
            if self.keyboard.descriptor is not None and sys.platform != "win32":
                asyncio.get_running_loop().remove_reader(self.keyboard.descriptor)

    def _listen(self) -> None:
        """Read keys from now on, or as soon as the terminal is ours."""
        descriptor = self.keyboard.descriptor
        if self._take_keys is None or descriptor is None or sys.platform == "win32":
            return
        loop = asyncio.get_running_loop()
        if self.keyboard.ours:
            loop.add_reader(descriptor, self._read)
        else:
            self._look_again = loop.call_later(_LISTEN_AGAIN_S, self._listen)

    def _read(self) -> None:
        descriptor = self.keyboard.descriptor
        if descriptor is None or self._take_keys is None:
            return
        keys = _keys(descriptor) if self.keyboard.ours else ""
        if keys:
            self._take_keys(keys)
            return
        # The shell's again, or gone: to read on would halt this process, or spin.
        loop = asyncio.get_running_loop()
        loop.remove_reader(descriptor)
        self._look_again = loop.call_later(_LISTEN_AGAIN_S, self._listen)

    @property
    def typed(self) -> str:
        """The text typed so far."""
        return self._answer.typed

    def watched(self) -> AbstractContextManager[None]:
        """Let the keyboard check now and then whether the terminal is ours, for the time of the block."""
        return self.keyboard.watched(asyncio.get_running_loop())

    async def ask(self, question: Question | ZeroQuestion) -> bool:
        """Wait for the answer to a question that is on the screen already; drop what was typed before.

        In the background the answer is no: there the process must not touch the terminal, or the system halts it.
        """
        del question
        self._answer = Answer()
        try:
            if sys.platform == "win32":
                return await self._of_console()
            return await self._of_terminal()
        finally:
            self._answer = Answer()
            self._show("\n")

    async def _of_terminal(self) -> bool:
        descriptor = self.keyboard.descriptor
        self.keyboard.look()
        if descriptor is None or not self.keyboard.ours:
            return False
        self.keyboard.drop()
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[bool] = loop.create_future()

        def read() -> None:
            answer = self._take(_keys(descriptor)) if self.keyboard.ours else False
            if answer is not None and not answered.done():
                answered.set_result(answer)

        loop.add_reader(descriptor, read)
        try:
            return await answered
        finally:
            loop.remove_reader(descriptor)
            self._listen()

    async def _of_console(self) -> bool:
        import msvcrt  # noqa: PLC0415 - on Windows only

        if sys.platform == "win32":
            while msvcrt.kbhit():
                msvcrt.getwch()
            while True:
                while msvcrt.kbhit():
                    answer = self._take(msvcrt.getwch())
                    if answer is not None:
                        return answer
                await asyncio.sleep(_LOOK_EVERY_S)
        raise AssertionError("only Windows has such a console")

    def _take(self, keys: str) -> bool | None:
        before = self._answer.typed
        answer = self._answer.take(keys)
        if self._redraws:
            self._show(f"\r{self._answer.typed:<{_LONGEST}}\r{self._answer.typed}")
        else:
            self._show(self._answer.typed.removeprefix(before))
        return answer

    def _show(self, text: str) -> None:
        if self._echo:
            try:
                sys.stderr.write(text)  # visible keys, and our own control sequences
                sys.stderr.flush()
            except OSError:  # the terminal is gone, and nobody can answer
                self._echo = False


def _keys(descriptor: int) -> str:
    try:
        return os.read(descriptor, 64).decode("utf-8", "replace")
    except OSError:
        return ""
