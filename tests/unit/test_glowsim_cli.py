"""The command line of the simulator: quick to start, and plain about what was delivered."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from click.testing import CliRunner

from glowsim.cli import cli
from glowsim.physics.types import Delivered, Drive
from glowsim.record import DeliveredRecorder
from glowsim.summary import summarise

if TYPE_CHECKING:
    from pathlib import Path


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from glowsim.cli import cli; cli.main(['--help'], standalone_mode=False);"
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
    assert "last nonzero utc: -" in CliRunner().invoke(cli, ["record", str(tmp_path)]).output
