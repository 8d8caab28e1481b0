"""A program uses a roller through the use cases alone, and the command line is not even loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "support" / "app_program.py"


def test_a_program_needs_no_command_line(tmp_path: Path) -> None:
    words = [sys.executable, str(PROGRAM), str(tmp_path / "data")]
    ended = subprocess.run(words, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)  # noqa: S603 - our own program
    assert (ended.returncode, ended.stderr) == (0, "")
    loaded = set(ended.stdout.split())
    assert "glowtool.app.rollers.pairing" in loaded
    assert loaded.isdisjoint({"glowtool.cli", "click", "rich"})
