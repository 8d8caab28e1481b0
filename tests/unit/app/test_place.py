"""Commands check the owner of the data directory first, and a file in it has no authority of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from glowtool.app import stopping
from glowtool.app.checkup.storage import STORAGE_CHECKS, look_at_storage
from glowtool.app.place import Place, make_ready
from glowtool.cli.options import Options
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.store.rollers.in_use import Holder, hold, lock_path
from support.processes.console import Host

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "F0:F1:00:00:00:01"

COMMANDS = (
    ("scan", "--timeout", "1"),
    ("pair",),
    ("info",),
    ("devices", "list"),
    ("devices", "forget", "x", "--yes"),
    ("run", "first-glow"),
    ("stop",),
    ("button", "show"),
    ("logs", "list"),
    ("logs", "recover"),
    ("analyze", "last"),
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_uses_a_folder_that_others_can_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    tmp_path.chmod(0o777)
    said = Host(tmp_path).call_here(capsys, *arguments)
    assert said.status == 18
    assert f"others can write to the data directory {tmp_path}" in said.err
    assert list(tmp_path.iterdir()) == []


async def test_the_doctor_says_whose_it_is_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    facts = await look_at_storage(Place(data_dir=tmp_path))
    directory = STORAGE_CHECKS[0].judge(facts)
    assert "belongs to" in directory.says
    assert directory.exit_code == 18
    assert not facts.writable


def test_keys_that_others_could_read_are_closed_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "bonds").mkdir()
    (tmp_path / "bonds").chmod(0o755)
    (tmp_path / "bonds" / "bonds.json").touch()
    (tmp_path / "bonds" / "bonds.json").chmod(0o644)
    make_ready(Place(data_dir=tmp_path), shown_by(Printer(Options())))
    said = capsys.readouterr().err
    assert f"other users could read bonds, bonds/bonds.json in {tmp_path}; access is now closed; anyone" in said
    make_ready(Place(data_dir=tmp_path), shown_by(Printer(Options())))
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="nothing can be proven here, so nothing is sent")  # noqa: PTH112 - before any path
@pytest.mark.parametrize("started", [None, 1])
def test_a_forged_note_makes_no_process_get_a_signal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, started: int | None
) -> None:
    monkeypatch.setattr(stopping, "END_S", 0.0)
    sleeping = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(sleeping, stdin=subprocess.PIPE) as victim:  # noqa: S603 - our own interpreter
        true = Holder("run", os.getpid(), datetime.now(UTC), ADDRESS, "Desk")
        forged = replace(true, pid=victim.pid, started=started)
        with hold(tmp_path, true):
            lock_path(tmp_path, ADDRESS).write_text(json.dumps(forged.to_json()))
            said = Host(tmp_path).call_here(capsys, "stop")
        assert said.status == 20
        assert "does not answer" in said.err
        assert "kill" not in said.err, "nor is a person told to end it"
        assert f"`fuser '{lock_path(tmp_path, ADDRESS)}'`" in said.err
        assert victim.poll() is None
        victim.kill()
