"""Ctrl-C while a command is still importing ends it with status 130 and without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.processes.console import ignoring_only

if TYPE_CHECKING:
    from pathlib import Path

#: Sends itself a signal when the module is looked for that the first argument names; the others are the command's.
CHILD = """
import os, signal, sys
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == wanted:
            os.kill(os.getpid(), getattr(signal, number))
            sum(range(1000))
program, wanted, number, *arguments = sys.argv[1:]
sys.meta_path.insert(0, Finder)
sys.argv = [program, *arguments]
import runpy
runpy.run_module(program, run_name="__main__")
"""

SCAN, SERVE, ANALYZE = (
    ("glowtool", "scan", "--timeout", "1"),
    ("glowsim", "serve", "--port", "0"),
    ("glowtool", "analyze"),
)
MOMENTS = [
    (SCAN, "glowtool.cli.terminal.streams"),
    (SCAN, "click"),
    (SCAN, "glowtool.cli.scan.command"),
    (SCAN, "asyncio"),
    pytest.param(SCAN, "bumble.transport", marks=pytest.mark.long),
    pytest.param(SCAN, "glowsim.adapter.adapter", marks=pytest.mark.long),
    (ANALYZE, "glowtool.analysis.log"),
    (ANALYZE, "numpy"),
    (SERVE, "click"),
    (SERVE, "glowsim.time.virtual_time"),
]


def interrupted(command: tuple[str, ...], module: str, number: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GLOWTOOL_DATA_DIR": str(folder), "GLOWTOOL_ADAPTER": "sim"}
    program, *arguments = command
    with ignoring_only():
        return subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", CHILD, program, module, number, *arguments],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=environment,
            timeout=30,
        )


@pytest.mark.parametrize(
    ("command", "module"), MOMENTS, ids=lambda value: value if isinstance(value, str) else value[1]
)
def test_ctrl_c_in_the_middle_of_an_import_is_silence_and_130(
    tmp_path: Path, command: tuple[str, ...], module: str
) -> None:
    said = interrupted(command, module, "SIGINT", tmp_path)
    assert said.returncode == 130, said.stderr
    assert [line for line in said.stderr.splitlines() if not line.startswith("Listening on")] in (
        [],
        ["glowtool: stopped"],
    )


@pytest.mark.parametrize("number", ["SIGTERM", "SIGQUIT", "SIGHUP"])
def test_other_signals_that_ask_to_end_do_the_same(tmp_path: Path, number: str) -> None:
    said = interrupted(SCAN, "click", number, tmp_path)
    assert (said.returncode, said.stderr) == (130, "")


@pytest.mark.parametrize(
    ("module", "loaded"),
    [
        ("glowtool.cli", {"glowtool", "glowtool.cli"}),
        ("glowsim.console.main", {"glowsim", "glowsim.console", "glowsim.console.main"}),
    ],
)
def test_before_a_command_understands_ctrl_c_nothing_but_its_own_packages_is_loaded(
    module: str, loaded: set[str]
) -> None:
    script = f"import sys; before = set(sys.modules); import {module}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own

    assert set(done.stdout.split()) == loaded
