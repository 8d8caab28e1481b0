"""A private copy of the sources, and the verdict of tests or the judge on it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

NOT_COPIED: Final = shutil.ignore_patterns("__pycache__", ".*", "browser", "demo-data", "htmlcov")
OWN_PATIENCE_S: Final = 180

#: What one random massage may take of wall time, many times over.
MASSAGE_PATIENCE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """Tests that are run together, and how long they are waited for: many times what they need."""

    tests: tuple[str, ...]
    patience_s: float


@dataclass(frozen=True, slots=True)
class Failure:
    """The first test that failed, or that did not come to its end within the stage's patience; or what a judge said."""

    test: str
    timed_out: bool = False

    def __str__(self) -> str:
        name = f"`{self.test.rpartition('/')[2]}`"
        return f"{name}, by timeout" if self.timed_out else name


class Sources:
    """A private copy of the sources, and what was said of it."""

    def __init__(self, path: Path, of: Path) -> None:
        self.path = path
        shutil.copytree(of, path, ignore=NOT_COPIED)
        self._lock = threading.Lock()
        self._passing: set[str] = set()

    def demand(self, test: str) -> None:
        """Make sure that a test passes here, once; end everything when it does not."""
        with self._lock:
            if test not in self._passing and self.first_failure(Stage((test,), OWN_PATIENCE_S)) is not None:
                sys.exit(f"{test} fails on the unbroken sources too: nothing can be said about any mutant")
            self._passing.add(test)

    def first_failure(self, stage: Stage) -> Failure | None:
        """Return the first test of a stage that fails; None when all pass."""
        # A fixed order of examples, and no database of earlier ones: the same mutant is caught by the same test. The
        # long ones belong to it, which a plain run leaves out.
        options = ("-x", "-v", "--no-header", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-m", "")
        code, text = self._ran("pytest", *options, *stage.tests, patience_s=stage.patience_s)
        if code == 0:
            return None
        return Failure(_culprit(text), timed_out=code is None)

    def violation(self, number: int, seed: int) -> Failure | None:
        """Return what the judge alone finds in this many random massages; None when it finds nothing."""
        asked = ("--number", str(number), "--seed", str(seed), "--processes", "1", "--until-violation")
        code, text = self._ran("measure.safety.chaos", *asked, patience_s=MASSAGE_PATIENCE_S * number)
        if code == 0:
            return None
        if code is None:
            return Failure("random massages", timed_out=True)
        told = re.search(r"^violations: [1-9]\d*\n  (.+)", text, re.MULTILINE)
        if told is None:
            return Failure(f"a crash: {text.strip().splitlines()[-1][:80]}")
        return Failure(re.split(r" at \d| \d", told.group(1))[0][:60])

    def _ran(self, module: str, *arguments: str, patience_s: float) -> tuple[int | None, str]:
        """Run a module here; return its exit code, None when it did not come to its end, and what it said."""
        python_path = os.pathsep.join(map(str, (self.path, self.path / "firmware-sim", self.path / "tests")))
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=self.path,
                env=os.environ | {"PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            ended = _ended(process, patience_s)
            said.seek(0)
            return process.returncode if ended else None, said.read().decode(errors="replace")


def _ended(process: subprocess.Popen[bytes], patience_s: float) -> bool:
    """Return whether a process ended by itself; else end it and the processes that its tests started."""
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    return True


def _culprit(said: str) -> str:
    """Return the test that failed, else the one that began last; without its parameters, of which some have spaces."""
    failed = re.findall(r"^(?:FAILED|ERROR) ([^\s\[]+)", said, re.MULTILINE)
    begun = re.findall(r"^(tests/[^\s\[]+::[^\s\[]+)", said, re.MULTILINE)
    if not failed and not begun:
        sys.exit(f"pytest said nothing that can be read:\n{said[-2000:]}")
    return str((failed or begun[-1:])[0])
