"""A massage at a real terminal ignores keys, asks with Enter, and ends when the window is closed."""

from __future__ import annotations

import os
import termios
from typing import TYPE_CHECKING

import pytest

from glowsim.evidence.record import read_delivered
from support.people import screened
from support.processes.console import BIN, Host, served
from support.processes.routine_file import routine_file
from support.processes.tty import PROMPT, at_terminal, shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.processes.console import Served

pytestmark = [pytest.mark.slow, pytest.mark.long]

RUNNING = r"s left"


@pytest.fixture(scope="module")
def roller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("terminal") / "roller") as there:
        yield there


@pytest.fixture(scope="module")
def environment(roller: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    host = Host(tmp_path_factory.mktemp("host") / "data", roller.adapter)
    assert host.call("pair", "--passkey", roller.passkey).status == 0
    screened(host.data_dir)
    mine = {"GLOWTOOL_DATA_DIR": str(host.data_dir), "GLOWTOOL_ADAPTER": roller.adapter, "TERM": "xterm"}
    return {**os.environ, **mine, "PATH": f"{BIN}:{os.environ['PATH']}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    routine_file(tmp_path, 60, name="long")
    return tmp_path


def test_keys_during_a_massage_reach_nobody_and_ctrl_c_leaves_the_terminal_as_it_was(
    environment: dict[str, str], folder: Path
) -> None:
    with shell(environment, folder) as tty:
        before = termios.tcgetattr(tty.descriptor)
        tty.type("glowtool run ./long.toml\n\n")  # Enter twice: the second one is no answer
        tty.wait_for(r"Start \[Y/n\]: ")
        tty.type("y\n")
        tty.wait_for(RUNNING)
        tty.type("touch typed\ny\n")
        tty.wait_for(RUNNING)
        tty.type("\x03")
        tty.wait_for("The log is kept")
        tty.type("touch typed\n")  # while the summary is printed, at the latest
        tty.wait_for(PROMPT)
        tty.type("echo s$?e\n")
        assert tty.wait_for(r"s(\d+)e")[1] == "130"
        tty.wait_for(PROMPT)
        assert termios.tcgetattr(tty.descriptor) == before
    assert not (folder / "typed").exists()


def test_a_massage_goes_on_after_a_yes_with_enter_and_not_after_a_lone_key(
    environment: dict[str, str], folder: Path, roller: Served
) -> None:
    with at_terminal(("/usr/bin/env", "glowtool", "run", "./long.toml", "--yes"), environment, folder) as tty:
        tty.wait_for(RUNNING)
        tty.type("y\n")  # before the question: it is no answer to it
        roller.running.type("fault link-loss for_s=2")
        tty.wait_for(r"\[y/N\]")
        tty.type("y")
        tty.wait_for(r"\[y/N\][^C]*y\x1b")  # shown, and no answer yet
        tty.type("\n")
        tty.wait_for(r"Vibration .*%")
        tty.type("\x03")
        assert tty.status() == 130


def test_a_closed_terminal_ends_it_in_order(environment: dict[str, str], folder: Path, roller: Served) -> None:
    with at_terminal(("/usr/bin/env", "glowtool", "run", "./long.toml", "--yes"), environment, folder) as tty:
        tty.wait_for(RUNNING)
        tty.close()
        assert tty.status() == 130
    records = read_delivered(roller.state_dir)
    assert records["drive_amplitude"].any()
    assert records["drive_amplitude"][-1] == 0
