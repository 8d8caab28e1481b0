"""Keys that are typed during a massage are dropped, and the terminal is restored afterwards."""

from __future__ import annotations

import os
import sys
import termios
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.processes.tty import PROMPT, shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.processes.tty import Tty

CHILD = Path(__file__).parents[3] / "support/processes/keyboard_child.py"
ENDINGS = ["", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "crash"]


@contextmanager
def holding(folder: Path) -> Iterator[Tty]:
    """A shell in whose foreground a command holds the keyboard."""
    with shell(os.environ, folder) as tty:
        tty.type(f"{sys.executable} {CHILD} . 2>/dev/null\n")
        tty.wait_for("held")
        yield tty


def settings(tty: Tty) -> list[object]:
    return termios.tcgetattr(tty.descriptor)


def unseen(tty: Tty) -> bool:
    flags = settings(tty)[3]
    assert isinstance(flags, int)
    return not flags & (termios.ECHO | termios.ICANON)


def ended(tty: Tty, folder: Path) -> None:
    """Ask the shell something, to which it answers only when no other key came before."""
    tty.wait_for(PROMPT)
    tty.type("echo s$?e; touch over\n")
    tty.wait_for(r"s\d+e")
    tty.wait_for(PROMPT)
    assert (folder / "over").exists()
    assert not (folder / "typed").exists(), "the shell ran what was typed during the massage"


@pytest.mark.parametrize("ending", ENDINGS)
def test_keys_typed_meanwhile_never_reach_the_shell_however_it_ends(tmp_path: Path, ending: str) -> None:
    with shell(os.environ, tmp_path) as tty:
        before = settings(tty)
        tty.type(f"{sys.executable} {CHILD} . 2>/dev/null\n")
        tty.wait_for("held")
        assert unseen(tty)
        tty.type("touch typed\n")
        (tmp_path / "end").write_text(ending)
        ended(tty, tmp_path)
        assert settings(tty) == before
        assert "touch typed" not in tty.shown


def test_what_is_typed_while_it_is_suspended_is_the_shells_and_it_takes_the_keys_again(tmp_path: Path) -> None:
    with holding(tmp_path) as tty:
        tty.type("touch typed\n\x1a")
        tty.wait_for(PROMPT)
        tty.type("touch typed-at-the-shell\n")
        tty.wait_for(PROMPT)
        assert (tmp_path / "typed-at-the-shell").exists()
        tty.type("fg\n")
        tty.wait_for("keyboard_child")
        while not unseen(tty):
            pass
        tty.type("touch typed\n")
        (tmp_path / "end").write_text("")
        ended(tty, tmp_path)


def test_in_the_background_the_keys_are_the_shells_and_in_the_foreground_they_are_taken_again(tmp_path: Path) -> None:
    with holding(tmp_path) as tty:
        tty.type("\x1a")
        tty.wait_for(PROMPT)
        tty.type("bg; touch typed-at-the-shell\n")
        tty.wait_for(PROMPT)
        assert (tmp_path / "typed-at-the-shell").exists()
        tty.type("fg\n")
        tty.wait_for("keyboard_child")
        while not unseen(tty):
            pass
        tty.type("touch typed\n")
        (tmp_path / "end").write_text("SIGTERM")
        ended(tty, tmp_path)
