"""Every word of the roller's console does what it says, and a mistake is answered with the allowed words."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import select
import stat
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import pytest

from glowsim.air.air import Air
from glowsim.console.console import Console, help_on
from glowsim.console.control_socket import SOCKET_NAME, answering, tell
from glowsim.console.status import live_line
from glowsim.roller.roller import Roller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.errors import AdapterUnavailableError, GlowtoolError, InputError, UsageError
from support.processes.console import BIN, PATIENCE_S, command
from support.processes.warm import begin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from support.processes.warm import Copy


@asynccontextmanager
async def console(path: Path) -> AsyncIterator[tuple[Console, Roller, asyncio.Event]]:
    done = asyncio.Event()
    async with Roller.open(Air(), path / "state", Scenario(), seed=1) as roller:
        yield Console(roller, done.set), roller, done


@in_virtual_time
async def _every_word(path: Path) -> None:
    async with console(path) as (typed, roller, done):
        for line in typed.obey("help").splitlines():
            words = re.split(r"\s{2,}", line)[0].split()
            out_of_place = {"confirm": ("confirm yes", "no number"), "new-address": ("new-address", "privacy = true")}
            if words[0] in out_of_place:
                mistimed, said = out_of_place[words[0]]
                with pytest.raises(InputError, match=said):
                    typed.obey(mistimed)
                continue
            sample = {"press": "press 6", "gel": "gel dry", "charge": "charge on", "battery": "battery 8",
                      "fault": "fault cell-dead cell=rr for_s=2"}.get(words[0], words[0])  # fmt: skip
            assert typed.obey(sample), sample
        assert done.is_set()
        await asyncio.sleep(0.2)
        status = typed.obey("status")
        assert re.search(r"battery: [78] %", status)
        assert "cell-dead cell=rr" in status
        assert "CHARGING" in status
        assert "CHARGING" in live_line(roller)
        await asyncio.sleep(3.0)
        assert "faults that are on: none" in typed.obey("status")


def test_every_word_that_help_lists_is_obeyed_and_shows_in_the_status(tmp_path: Path) -> None:
    _every_word(tmp_path)


@in_virtual_time
async def _mistake(path: Path, line: str, said: str) -> None:
    async with console(path) as (typed, _roller, done):
        with pytest.raises(GlowtoolError, match=said):
            typed.obey(line)
        assert not done.is_set()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("buton", "did you mean button"),
        ("press", "usage: press KPA"),
        ("press hard", r"press is 'hard'; allowed: 0 to 40 kPa"),
        ("press nan", r"allowed: 0 to 40 kPa"),
        ("gel wet", r"gel is 'wet'; allowed: dry, moist"),
        ("charge maybe", r"allowed: on, off"),
        ("fault", "usage: fault NAME"),
        ("fault cell-dead rr", "'rr' is not KEY=VALUE"),
        ("fault cell-dead cell=xx", "allowed: lf, lr, rf, rr, all"),
        ("fault cell-dead off", "is not on"),
        ("fault reboot for_s=3", "is momentary and takes no for_s"),
        ("fault link-loss for_s=0", "allowed: 0.001 to 1000000 s"),
        ("s", "did you mean status"),
        ("press '6", "cannot be read"),
    ],
)
def test_a_mistake_is_answered_with_what_is_allowed(line: str, said: str, tmp_path: Path) -> None:
    _mistake(tmp_path, line, said)


async def test_the_socket_is_the_owners_alone_and_goes_with_the_roller(tmp_path: Path) -> None:
    def obey(line: str) -> str:
        if line.strip() == "bad":
            raise InputError("not so")
        if line.strip() == "worse":
            raise UsageError("not at all")
        return f"done: {line.strip()}"

    async with answering(tmp_path, obey):
        path = tmp_path / SOCKET_NAME
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert await asyncio.to_thread(tell, tmp_path, "press 6") == "done: press 6"
        for line, kind in (("bad", InputError), ("worse", UsageError)):
            with pytest.raises(kind, match="not"):
                await asyncio.to_thread(tell, tmp_path, line)
        _reader, writer = await asyncio.open_unix_connection(path)
        writer.close()
        await writer.wait_closed()
        assert await asyncio.to_thread(tell, tmp_path, "x") == "done: x", "somebody who says nothing harms nobody"
    assert not path.exists()
    with pytest.raises(AdapterUnavailableError, match="start one there with `glowsim serve`"):
        tell(tmp_path, "status")


async def test_a_socket_that_a_kill_left_behind_is_replaced(tmp_path: Path) -> None:
    (tmp_path / SOCKET_NAME).write_text("")
    async with answering(tmp_path, str.strip):
        assert await asyncio.to_thread(tell, tmp_path, "on") == "on"


def test_two_rollers_are_served_and_obey_by_number_and_from_another_terminal(tmp_path: Path) -> None:
    state = str(tmp_path / "s")
    with command("glowsim", "serve", "--port", "0", "--state-dir", state, "--rollers", "2", "--seed", "1") as running:
        running.wait_for(r"^2: GR-1 \w+ .* is on")
        running.type("2 battery 33")
        running.wait_for("battery at 33 %")
        running.type("battery")
        running.wait_for("^usage: battery PERCENT", on_stderr=True)
        running.type("2 fault cell-dead")
        running.wait_for("fault cell-dead is on")
        running.type("fault cell-dead off")
        running.wait_for("^1: fault cell-dead is not on", on_stderr=True)
        running.wait_for("^2: fault cell-dead is over")
        running.type("3 lift")
        running.wait_for("there is no roller 3; allowed: 1 to 2", on_stderr=True)
        with command("glowsim", "ctl", "--state-dir", state, "status") as asking:
            said = asking.finish()
            assert (said.status, said.out) == (2, "")
            assert "allowed with --roller: 1 to 2" in said.err
        with command("glowsim", "ctl", "--state-dir", state, "--roller", "2", "status") as asking:
            assert re.search(r"battery: 3[23] %", asking.finish().out)
        with command("glowsim", "ctl", "--state-dir", state, "--roller", "1", "press", "99") as asking:
            said = asking.finish()
            assert (said.status, said.out) == (2, "")
            assert "allowed: 0 to 40 kPa" in said.err
        running.type("quit")
        said = running.finish()
    assert said.status == 0
    assert "\x1b" not in said.out, "nothing lives in a pipe"


def test_on_a_terminal_a_line_shows_what_is_really_delivered(tmp_path: Path) -> None:
    with _on_a_terminal(tmp_path, TERM="xterm") as (terminal, process):
        seen = _read_until(terminal, "electrode   0 µA · motor   0%")
        assert "is on; glowtool --adapter tcp:" in seen
        os.write(terminal, b"quit\n")
        _read_until(terminal, "switched off")
        assert process.wait() == 0


def test_a_dumb_terminal_gets_no_living_line(tmp_path: Path) -> None:
    with _on_a_terminal(tmp_path, TERM="dumb") as (terminal, process):
        os.write(terminal, b"battery 33\n")
        seen = _read_until(terminal, "battery at 33 %")
        time.sleep(0.5)  # for a line that must not be drawn, and would be five times a second
        os.write(terminal, b"quit\n")
        seen += _read_until(terminal, "switched off")
        assert process.wait() == 0
    assert "\x1b" not in seen


def test_after_ctrl_d_more_can_be_typed(tmp_path: Path) -> None:
    with _on_a_terminal(tmp_path, TERM="dumb") as (terminal, process):
        _read_until(terminal, "is on; ")
        os.write(terminal, b"\x04")
        _read_until(terminal, "type `quit` or press Ctrl-C to switch it off")
        os.write(terminal, b"quit\n")
        _read_until(terminal, "switched off")
        assert process.wait() == 0


#: A shell that has a terminal of its own, and serves in the background of it.
_JOB = """\
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp("sh", ["sh", "-c", 'set -m; "$@" & wait', "sh", *sys.argv[1:]])
"""


async def test_a_job_in_the_background_goes_on_serving(tmp_path: Path) -> None:
    """It reads nothing, so that the system does not stop it, and leaves the terminal alone."""
    ours, theirs = pty.openpty()
    words = [str(BIN / "glowsim"), "serve", "--port", "0", "--state-dir", str(tmp_path / "s"), "--seed", "1"]
    shell = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _JOB, *words, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        seen = await asyncio.to_thread(_read_until, ours, "is on; ")
        os.write(ours, b"lift\n")
        await asyncio.sleep(0.5)  # for an answer that must not come
        assert "not connected" in await asyncio.to_thread(tell, tmp_path / "s", "status")
        await asyncio.to_thread(tell, tmp_path / "s", "quit")
        seen += await asyncio.to_thread(_read_until, ours, "switched off")
        assert "\x1b" not in seen
        assert "lifted" not in seen
    finally:
        os.close(ours)
        if shell.returncode is None:
            shell.kill()
        await shell.wait()


def test_a_last_line_without_a_line_feed_is_obeyed_and_so_is_a_file(tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.write_text("battery 33\nquit")
    words = [str(BIN / "glowsim"), "serve", "--port", "0", "--state-dir", str(tmp_path / "s"), "--seed", "1"]
    with commands.open() as stream:
        done = subprocess.run(  # noqa: S603 - our own command
            words, stdin=stream, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-3:] == ["battery at 33 %", "switching off", "switched off"]


@in_virtual_time
async def _fitting(path: Path) -> None:
    async with console(path) as (typed, roller, _done):
        assert len(live_line(roller, 79)) <= 79
        assert "contact" in live_line(roller, 79), "an ordinary terminal shows everything"
        typed.obey("battery 8")
        await asyncio.sleep(0.1)
        for columns in (100, 79, 60, 39):
            line = live_line(roller, columns)
            assert len(line) <= columns
            assert "0 µA" in line
        assert "BATTERY_CURRENT" in live_line(roller, 60), "what holds outputs back is left out last"
        assert live_line(roller, 39).endswith("…")


def test_the_live_line_fits_and_leaves_out_what_matters_least(tmp_path: Path) -> None:
    _fitting(tmp_path)


def test_help_fits_a_terminal_and_says_more_of_one_word() -> None:
    assert max(map(len, help_on([]).splitlines())) < 80
    assert help_on(["press"]) == "press KPA: press with about this pressure, 0 to 40 kPa"
    assert "  cell-stuck [cell=lf|lr|rf|rr|all]" in help_on(["FAULT"]).splitlines()
    with pytest.raises(UsageError, match="did you mean status"):
        help_on(["stat"])


@in_virtual_time
async def _two_of_a_kind(path: Path) -> None:
    async with console(path) as (typed, _roller, _done):
        typed.obey("fault cell-dead cell=rr")
        typed.obey("fault cell-dead cell=lf")
        listed = typed.obey("faults").splitlines()
        assert listed[:2] == ["on  cell-dead cell=rr", "on  cell-dead cell=lf"]
        assert not any(line.startswith("    cell-dead") for line in listed)


def test_two_faults_of_a_kind_are_listed_both(tmp_path: Path) -> None:
    _two_of_a_kind(tmp_path)


@contextmanager
def _on_a_terminal(path: Path, **environment: str) -> Iterator[tuple[int, Copy]]:
    """Yield our end of the terminal on which a roller is served, and the process."""
    ours, theirs = pty.openpty()
    words = ("glowsim", "serve", "--port", "0", "--state-dir", str(path / "s"), "--seed", "1")
    process = begin(words, {**os.environ, **environment}, terminal=theirs)
    os.close(theirs)
    with process:
        try:
            yield ours, process
        finally:
            process.kill()
            os.close(ours)


def _read_until(terminal: int, wanted: str) -> str:
    seen, until = b"", time.monotonic() + PATIENCE_S
    while wanted not in seen.decode("utf-8", "replace"):
        assert select.select([terminal], [], [], until - time.monotonic())[0], seen
        seen += os.read(terminal, 4096)
    return seen.decode("utf-8", "replace")
