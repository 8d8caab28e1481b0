"""A signal goes only to the process that is proven to be meant."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glowtool.kit.system import process
from glowtool.kit.system.process import Signalled, signal_holder, start_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="there is no /proc here")

CHILD = "import sys; held = open(sys.argv[1]) if sys.argv[2:] else None; print('on', flush=True); sys.stdin.read()"


@contextmanager
def child(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", CHILD, *arguments], stdin=pipe, stdout=pipe, text=True) as made:  # noqa: S603 - our own interpreter
        assert made.stdout is not None
        assert made.stdout.readline() == "on\n"
        yield made
        made.kill()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "x.lock"
    path.touch()
    return path


@pytest.mark.parametrize("pidfd", [True, False])
def test_the_process_that_has_the_file_open_gets_the_signal(
    lock: Path, pidfd: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not pidfd:
        monkeypatch.delattr(os, "pidfd_open")
    with child(str(lock), "hold") as made:
        assert signal_holder(made.pid, lock, start_of(made.pid), signal.SIGTERM) is Signalled.SENT
        assert made.wait() == -signal.SIGTERM


def test_any_other_process_is_left_alone(lock: Path) -> None:
    with child(str(lock)) as made:
        assert signal_holder(made.pid, lock, start_of(made.pid), signal.SIGTERM) is Signalled.NOT_PROVEN
        assert made.poll() is None


def test_a_number_that_was_given_again_is_another_process(lock: Path) -> None:
    with child(str(lock), "hold") as made:
        began = start_of(made.pid)
        assert began is not None
        assert signal_holder(made.pid, lock, began - 1, signal.SIGTERM) is Signalled.NOT_PROVEN
        assert made.poll() is None


def test_a_process_of_another_user_is_left_alone(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with child(str(lock), "hold") as made:
        monkeypatch.setattr(os, "geteuid", lambda: 54_321)
        assert signal_holder(made.pid, lock, None, signal.SIGTERM) is Signalled.NOT_PROVEN
        assert made.poll() is None


def test_a_process_that_ended_is_gone(lock: Path) -> None:
    with child(str(lock)) as made:
        pass
    assert signal_holder(made.pid, lock, None, signal.SIGTERM) is Signalled.GONE
    assert start_of(made.pid) is None


def test_where_nothing_can_be_proven_nothing_is_sent(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_PROC", tmp_path / "no proc")
    with child(str(lock), "hold") as made:
        assert signal_holder(made.pid, lock, None, signal.SIGTERM) is Signalled.NOT_PROVEN
        assert made.poll() is None
