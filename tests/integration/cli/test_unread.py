"""`glowtool run` whose output nobody reads finishes its massage, answers `stop`, and ends."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glowtool.model.ending import Ending
from glowtool.model.event import EventKind
from glowtool.store.logs.log import SessionLog
from support.processes.short_massage import pair_of

if TYPE_CHECKING:
    from support.processes.console import Host

pytestmark = pytest.mark.long

GLOWTOOL = str(Path(sys.executable).parent / "glowtool")
F_SETPIPE_SZ = 1031
ENDS_WITHIN_S = 120.0


def begin(host: Host, folder: Path, stdout: int, stderr: int, *options: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "GLOWTOOL_DATA_DIR": str(host.data_dir), "GLOWTOOL_ADAPTER": host.adapter}
    words = [GLOWTOOL, *options, "run", str(folder / "short.toml"), "--yes"]
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=environment)  # noqa: S603 - our own command


def only_log(folder: Path) -> SessionLog:
    (log,) = (folder / "data" / "logs").glob("2*")
    return SessionLog.open(log)


def full_pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, F_SETPIPE_SZ, 4096)
    return reading, writing


@pytest.mark.parametrize("which", ["stdout", "stderr", "both"])
def test_a_full_pipe_holds_up_neither_the_massage_nor_its_end(tmp_path: Path, which: str) -> None:
    reading, writing = full_pipe()
    with pair_of(tmp_path) as (host, _):
        unread = {"stdout": (writing, subprocess.DEVNULL), "stderr": (subprocess.DEVNULL, writing)}
        child = begin(host, tmp_path, *unread.get(which, (writing, writing)), "-vv", "--json")
        os.close(writing)
        try:
            status = child.wait(ENDS_WITHIN_S)
        finally:
            child.kill()
    os.close(reading)
    assert status == (0 if which == "stderr" else 141)
    assert only_log(tmp_path).manifest.ending is Ending.COMPLETED


def test_a_terminal_that_nobody_reads_holds_up_neither_the_massage_nor_stop(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    with pair_of(tmp_path) as (host, _):
        child = begin(host, tmp_path, slave, slave)
        os.close(slave)
        end = time.monotonic() + ENDS_WITHIN_S
        while not list((tmp_path / "data" / "logs").glob("2*")) and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(2)  # it fills the terminal; what it shows cannot be waited for
        stopped = host.call("stop")
        try:
            status = child.wait(ENDS_WITHIN_S)
        finally:
            child.kill()
    os.close(master)
    assert stopped.status == 0, stopped.err
    assert "confirmed zero" in stopped.out
    assert status in {130, -signal.SIGHUP}
    log = only_log(tmp_path)
    assert log.manifest.ending is Ending.STOPPED
    remarks = [str(event.data.get("remark")) for event in log.events() if event.kind is EventKind.NOTE]
    assert not any("stood still" in remark for remark in remarks)
