"""After any pictures, resizes and suspensions, the terminal shows the last picture and nothing else."""

from __future__ import annotations

import io
import logging
import os
import pty
import sys
import threading
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, Group
from rich.text import Text

from glowtool.cli.live.terminal import Stage
from support.processes.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from rich.console import RenderableType

sizes = st.tuples(st.integers(2, 90), st.integers(2, 30))


def paper() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, highlight=False, markup=False)


@given(st.lists(st.tuples(sizes, st.integers(0, 30), st.text("ab ", max_size=90)), min_size=1, max_size=6))
def test_whatever_was_on_it_and_however_it_is_resized_it_shows_the_picture_of_now(
    course: list[tuple[tuple[int, int], int, str]],
) -> None:
    terminal = Emulator(80, 24)
    terminal.fold = False
    now: list[Text] = []
    stage = Stage(lambda _columns, _rows: Group(*now), paper(), lambda: True)
    for (columns, rows), count, text in course:
        terminal.feed("typed by somebody else\r\n")
        now = [Text(f"{number}{text}"[:columns].rstrip()) for number in range(count)][:rows]
        terminal.resize(columns, rows)
        terminal.feed(stage.frame(columns, rows))
        assert terminal.lines == [line.plain for line in now] + [""] * (rows - len(now))


class Terminal:
    """A terminal that stands for standard output and standard error, as a person sees it."""

    def __init__(self, descriptor: int, stream: TextIO) -> None:
        self.descriptor = descriptor
        self.stream = stream
        self.emulator = Emulator(80, 24)

    def say(self, text: str) -> None:
        self.stream.write(f"{text}\n")
        self.stream.flush()

    def wait_for(self, *lines: str, other: bool) -> None:
        while self.emulator.other is not other or tuple(self.emulator.lines[: len(lines)]) != lines:
            self.emulator.feed(os.read(self.descriptor, 4096).decode())


@contextmanager
def a_terminal() -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream, redirect_stdout(stream), redirect_stderr(stream):
        yield Terminal(ours, stream)
    os.close(ours)


def drawing(words: list[str]) -> Callable[[int, int], RenderableType]:
    return lambda _columns, _rows: Text(words[0])


@pytest.mark.timeout(20)
def test_the_terminal_is_as_before_while_it_is_suspended_and_afterwards() -> None:
    words = ["first"]
    with a_terminal() as terminal:
        stage = Stage(drawing(words), paper(), lambda: True)
        terminal.say("before")
        with stage.shown():
            terminal.wait_for("first", other=True)
            assert not terminal.emulator.cursor
            with stage.away():
                terminal.wait_for("before", other=False)
                assert (terminal.emulator.cursor, terminal.emulator.fold) == (True, True)
                words[0] = "second"
                terminal.say("at the shell")
                terminal.wait_for("before", "at the shell", other=False)
            terminal.wait_for("second", other=True)
        terminal.wait_for("before", "at the shell", other=False)
        assert (terminal.emulator.cursor, terminal.emulator.fold) == (True, True)


@pytest.mark.timeout(20)
def test_nothing_is_drawn_while_the_terminal_is_the_shells() -> None:
    ours, asked = threading.Event(), threading.Semaphore(0)

    def is_ours() -> bool:
        asked.release()
        return ours.is_set()

    with a_terminal() as terminal, Stage(drawing(["here"]), paper(), is_ours).shown():
        for _ in range(2):
            asked.acquire()
        terminal.say("the shell")
        terminal.wait_for("the shell", other=False)
        ours.set()
        terminal.wait_for("here", other=True)


@pytest.mark.timeout(20)
def test_what_is_said_meanwhile_does_not_disturb_the_picture_and_is_said_afterwards() -> None:
    with a_terminal() as terminal:
        handler = logging.StreamHandler(sys.stderr)
        logging.getLogger().addHandler(handler)
        try:
            with Stage(drawing(["here"]), paper(), lambda: True).shown():
                terminal.wait_for("here", other=True)
                sys.stderr.write("said\n")
                logging.getLogger("somebody").error("logged")
            terminal.wait_for("said", "logged", other=False)
        finally:
            logging.getLogger().removeHandler(handler)
