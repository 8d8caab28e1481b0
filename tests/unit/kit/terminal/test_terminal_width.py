"""Long sentences break at words on a terminal, and never in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.kit.terminal.width import fitted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

COLUMNS = 40
SENTENCE = "the roller did not answer within 5 s; bring it near and run `glowtool pair --repair` in a while"


@pytest.fixture(scope="module")
def terminal() -> Iterator[TextIO]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, COLUMNS, 0, 0))
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        yield stream
    os.close(ours)


def test_no_word_is_broken(terminal: TextIO) -> None:
    lines = fitted(SENTENCE, terminal).split("\n")
    assert all(len(line) <= COLUMNS for line in lines)
    assert " ".join(lines) == SENTENCE
    assert len(lines) == 3


@given(text=st.lists(st.text("ab -`.", max_size=70), max_size=4).map("\n".join))
def test_whatever_is_said_stays_said(terminal: TextIO, text: str) -> None:
    said = fitted(text, terminal)
    assert said.split() == text.split()
    if all(len(line) <= COLUMNS for line in text.split("\n")):
        assert said == text


def test_a_pipe_gets_it_whole(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="utf-8") as stream:
        assert fitted(SENTENCE, stream) == SENTENCE
    assert fitted(SENTENCE, stream) == SENTENCE, "also when it is closed"


def test_an_indent_stays(terminal: TextIO) -> None:
    assert all(line.startswith("  ") for line in fitted(f"  {SENTENCE}", terminal).split("\n"))


def test_what_a_number_counts_stays_behind_it(terminal: TextIO) -> None:
    first, *others = fitted(f"12. {SENTENCE}", terminal).split("\n")
    assert first.startswith("12. the roller")
    assert others
    assert all(line.startswith("    ") and line[4] != " " for line in others)
