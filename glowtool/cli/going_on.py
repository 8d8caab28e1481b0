"""Asking at the terminal whether to go on, while everything else keeps running: one key, and it can be taken back."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.session.resuming import Question

_YES: Final = b"yY"

#: Enter, Escape, and the end of input mean no: only a plain yes starts anything.
_NO: Final = b"nN\r\n\x1b\x04"

_LOOK_EVERY_S: Final = 0.1


def can_be_asked() -> bool:
    """Return whether somebody sits at a terminal who sees a question and can answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def ask_to_go_on(question: Question) -> bool:
    """Wait for the key that answers a question, which is on the screen already; what was typed before is dropped.

    A process in the background is answered no: it must not touch the terminal, and would be halted for trying.
    """
    del question
    if sys.platform == "win32":
        return await _console_key()
    descriptor = sys.stdin.fileno()
    return await _terminal_key(descriptor) if _in_foreground(descriptor) else False


def answer_of(keys: bytes) -> bool | None:
    """Return what the first key that means something means; None when none does. No bytes: the terminal is gone."""
    if not keys:
        return False
    return next((key in _YES for key in keys if key in _YES + _NO), None)


def _in_foreground(descriptor: int) -> bool:
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return True  # a terminal that does not control this process does not halt it


async def _terminal_key(descriptor: int) -> bool:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bool] = loop.create_future()

    def read() -> None:
        try:
            answer = answer_of(os.read(descriptor, 64))
        except OSError:
            answer = False
        if answer is not None and not answered.done():
            answered.set_result(answer)

    with _key_by_key(descriptor):
        loop.add_reader(descriptor, read)
        try:
            return await answered
        finally:
            loop.remove_reader(descriptor)


@contextmanager
def _key_by_key(descriptor: int) -> Iterator[None]:
    """Let the terminal hand over each key at once, unseen; Ctrl-C stays what it is."""
    import termios
    import tty

    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor, termios.TCSAFLUSH)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


async def _console_key() -> bool:
    import msvcrt

    if sys.platform == "win32":
        while msvcrt.kbhit():
            msvcrt.getch()
        while True:
            while msvcrt.kbhit():
                answer = answer_of(msvcrt.getch())
                if answer is not None:
                    return answer
            await asyncio.sleep(_LOOK_EVERY_S)
    raise AssertionError("only Windows has such a console")
