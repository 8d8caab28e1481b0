"""The simulator's command line starts quickly and says plainly what was delivered."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from glowsim.console.app import run
from glowsim.console.commands import cli
from glowsim.evidence.record import DeliveredRecorder
from glowsim.evidence.summary import summarise
from glowsim.physics.types import Delivered, Drive
from glowtool.errors import UsageError
from support.processes.console import command


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from glowsim.console.commands import cli; cli.main(['--help'], standalone_mode=False);"
        "sys.exit(' '.join({'bumble', 'numpy', 'pydantic', 'scipy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "serve" in done.stdout


def _record(state_dir: Path) -> None:
    quiet = Delivered(0.0, (0.0, 0.0), 0.0, 0.0, 0.0, 0.0, 0.0)
    busy = Delivered(120.0, (0.5, 0.5), 90.0, 1.0, 0.4, 75.0, 3.0)
    with DeliveredRecorder(state_dir, 1_795_362_060_000_000) as recorder:
        recorder.record(5_000, Drive(amplitude=0.4, peak_ua=120.0), busy)
        recorder.record(10_000, Drive(amplitude=0.4, peak_ua=120.0), busy)
        recorder.record(15_000, Drive(), quiet)


def test_the_delivered_record_in_a_few_figures(tmp_path: Path) -> None:
    _record(tmp_path)
    summary = summarise(tmp_path)
    assert (summary.records, summary.power_cycles, summary.peak_ua_max) == (3, 1, 120.0)
    assert (summary.charge_positive_uc, summary.charge_negative_uc) == (1.0, 1.0)
    assert summary.last_nonzero_unix_us == 1_795_362_060_010_000
    assert summary.last_nonzero_utc == "2026-11-22T15:41:00.010+00:00"
    printed = CliRunner().invoke(cli, ["record", "--json", str(tmp_path)])
    assert json.loads(printed.output) == summary.as_json()


def test_an_empty_record_has_no_last_moment(tmp_path: Path) -> None:
    with DeliveredRecorder(tmp_path, 0):
        pass
    summary = summarise(tmp_path)
    assert (summary.records, summary.peak_ua_max, summary.last_nonzero_utc) == (0, 0.0, None)
    printed = CliRunner().invoke(cli, ["record", str(tmp_path)]).output
    assert "last microcurrent: none\nlast vibration: none\n" in printed


def test_the_delivered_record_is_told_in_peoples_units(tmp_path: Path) -> None:
    _record(tmp_path)
    assert CliRunner().invoke(cli, ["record", str(tmp_path)]).output.splitlines() == [
        "ticks recorded: 3, in one power cycle",
        "microcurrent peak through the skin, at most: 120 µA",
        "current density at the smaller contact, r.m.s., at most: 0.090 mA/cm²",
        "charge of the positive phase, in all: 0.001 mC",
        "charge of the negative phase, counted positive, in all: 0.001 mC",
        "vibration, at most: 40 % of full",
        "last microcurrent: 2026-11-22 15:41:00.010 UTC",
        "last vibration: 2026-11-22 15:41:00.010 UTC",
    ]


@pytest.mark.long
def test_a_fast_clock_is_said_to_need_hosts_as_fast(tmp_path: Path) -> None:
    warning = "glowsim: at --speed 10, only hosts whose clocks run just as fast stay connected\n"
    for speed, told in (("10", warning), ("1", "")):
        with command("glowsim", "serve", "--port", "0", "--state-dir", str(tmp_path), "--speed", speed) as running:
            running.type("quit")
            said = running.finish()
        assert (said.status, said.err) == (0, told)
    assert "clocks run just as fast" in " ".join(CliRunner().invoke(cli, ["serve", "--help"]).output.split())


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ("scenarios >&-", 18, "cannot be written to: Bad file descriptor"),
        ("scenarios --json >/dev/full", 18, "cannot be written to: No space left"),
        ("--version >&- 2>&-", 18, ""),
        ("scenarios | true; exit ${PIPESTATUS[0]}", None, ""),
    ],
)
def test_what_nobody_takes_is_an_error_and_no_traceback(line: str, status: int | None, words: str) -> None:
    glowsim = Path(sys.executable).with_name("glowsim")
    done = subprocess.run(  # noqa: S603 - our own line
        ["/bin/bash", "-c", f"{glowsim} {line}"], check=False, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == status if status is not None else done.returncode in {0, 141}, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("serv", "no such command 'serv'; did you mean 'serve'?"),
        ("start", "no such command 'start'; the command for that is `glowsim serve`"),
        ("serve --sped 3", "no such option '--sped'; did you mean '--speed'?"),
        ("record", "missing argument 'PATH'"),
    ],
)
def test_a_wrong_line_is_answered_as_glowtool_does(
    line: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["glowsim", *line.split()])
    with pytest.raises(SystemExit) as left:
        run()
    first, usage, *_, more = capsys.readouterr().err.splitlines()
    assert left.value.code == UsageError.exit_code
    assert first == f"glowsim: {said}"
    assert usage.startswith("Usage: glowsim ")
    assert more.endswith("--help` says more.")


@pytest.mark.parametrize("line", ["help", "help serve"])
def test_help_is_a_command_too(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["glowsim", *line.split()])
    with pytest.raises(SystemExit) as left:
        run()
    assert not left.value.code
    assert capsys.readouterr().out.startswith("Usage: glowsim ")
