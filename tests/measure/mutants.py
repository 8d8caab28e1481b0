"""Break one safety rule after the other in a copy of the sources, and see which test catches it.

    PYTHONPATH=tests python -m measure.mutants                 (a Markdown table; 1 when a mutant survives)
    PYTHONPATH=tests python -m measure.mutants --only watchdog --only "soft start"

Each mutant of mutants.toml is one replacement of text that must occur exactly once. The tests that its row names are
tried first, then those of the firmware and the random massages, then every unit and integration test; the first failure
ends it. Tests that do not come to an end have caught it, too: "by timeout". What catches a mutant must pass on the
unbroken sources. The tree is only read, once, at the beginning: others may go on editing it.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
NOT_COPIED: Final = shutil.ignore_patterns("__pycache__", ".*", "browser", "demo-data", "htmlcov")

_WARM_UP: Final = "from hypothesis import find, strategies; find(strategies.text(), bool)"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule that is broken: in `path`, `good` becomes `broken`. `tests` are those that ought to catch it."""

    name: str
    path: str
    good: str
    broken: str
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """Tests that are run together, and how long they are waited for: many times what they need."""

    tests: tuple[str, ...]
    patience_s: float


#: What a mutant meets when the tests of its own row did not catch it.
STAGES: Final = (
    Stage(
        (
            "tests/unit/test_firmware_limiter.py",
            "tests/unit/test_firmware_interlocks.py",
            "tests/unit/test_firmware_rules.py",
            "tests/unit/test_firmware_control.py",
            "tests/unit/test_firmware_states.py",
            "tests/unit/test_firmware_status.py",
            "tests/unit/test_firmware_executor.py",
            "tests/unit/test_firmware_offline.py",
            "tests/chaos",
            "tests/unit/test_firmware_safety.py",
        ),
        600,
    ),
    Stage(("tests/unit", "tests/integration"), 1800),
)
OWN_PATIENCE_S: Final = 120


@dataclass(frozen=True, slots=True)
class Failure:
    """The first test that failed, or that did not come to its end within the stage's patience."""

    test: str
    timed_out: bool = False

    def __str__(self) -> str:
        name = f"`{self.test.rpartition('/')[2]}`"
        return f"{name}, by timeout" if self.timed_out else name


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: the test that caught it, or none; `stale` says why it could not be tried."""

    mutant: Mutant
    caught_by: Failure | None
    wall_s: float
    stale: str = ""

    def __str__(self) -> str:
        return str(self.caught_by) if self.caught_by else f"**stale**: {self.stale}" if self.stale else "**survived**"


def declared() -> list[Mutant]:
    """Return the mutants of the table beside this file."""
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["mutants"]
    return [Mutant(**row | {"tests": tuple(row.get("tests", ()))}) for row in rows]


def stale(mutant: Mutant, root: Path = ROOT) -> str:
    """Return why a mutant says nothing any more about the sources under `root`; empty when it does."""
    path = root / mutant.path
    if not path.is_file():
        return f"there is no {mutant.path}"
    source = path.read_text(encoding="utf-8")
    if (times := source.count(mutant.good)) != 1:
        return f"its text occurs {times} times in {mutant.path}, not once"
    try:
        ast.parse(source.replace(mutant.good, mutant.broken))
    except SyntaxError as error:
        return f"what it leaves of {mutant.path} is no Python: {error}"
    return next((f"there is no test {test}" for test in mutant.tests if not _is_there(root, test)), "")


def _is_there(root: Path, test: str) -> bool:
    path, _, name = test.partition("::")
    if not (root / path).is_file():
        return False
    return not name or f"def {name.partition('[')[0]}(" in (root / path).read_text(encoding="utf-8")


def main() -> int:
    """Run the mutants; 1 when one survives."""
    parser = argparse.ArgumentParser(description="break each safety rule, and see which test catches it")
    parser.add_argument("--only", action="append", help="mutants whose name has this in it")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    chosen = [mutant for mutant in declared() if not asked.only or any(word in mutant.name for word in asked.only)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.processes) as threads:
        origin = Sources(Path(folder) / "origin", ROOT)
        # Hypothesis makes its table of characters once, and a test that had to wait for it would count as failed.
        subprocess.run([sys.executable, "-c", _WARM_UP], cwd=origin.path, check=True)
        verdicts = list(threads.map(partial(_judged, origin), chosen))
    return _report(verdicts)


def _report(verdicts: list[Verdict]) -> int:
    print("| mutant | source | caught by | seconds |")
    print("|---|---|---|---|")
    for verdict in verdicts:
        path = verdict.mutant.path.removeprefix("firmware-sim/")
        print(f"| {verdict.mutant.name} | `{path}` | {verdict} | {verdict.wall_s:.0f} |")
    caught = sum(verdict.caught_by is not None for verdict in verdicts)
    print(f"\n{len(verdicts)} mutants, {caught} caught")
    return 0 if caught == len(verdicts) else 1


class Sources:
    """A private copy of the sources, and what its tests said."""

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
        # A fixed order of examples, and no database of earlier ones: the same mutant is caught by the same test.
        options = ("-x", "-v", "--no-header", "-p", "no:cacheprovider", "--hypothesis-seed=0")
        python_path = os.pathsep.join(map(str, (self.path, self.path / "firmware-sim")))
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *options, *stage.tests],
                cwd=self.path,
                env=os.environ | {"PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            ended = _ended(process, stage.patience_s)
            said.seek(0)
            text = said.read().decode(errors="replace")
        if ended and process.returncode == 0:
            return None
        return Failure(_culprit(text), timed_out=not ended)


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


def _judged(origin: Sources, mutant: Mutant) -> Verdict:
    began_s = time.monotonic()
    if why := stale(mutant, origin.path):
        return _told(Verdict(mutant, None, 0.0, why))
    with tempfile.TemporaryDirectory() as folder:
        sources = Sources(Path(folder) / "copy", origin.path)
        path = sources.path / mutant.path
        path.write_text(path.read_text("utf-8").replace(mutant.good, mutant.broken), "utf-8")
        own = (Stage(mutant.tests, OWN_PATIENCE_S),) if mutant.tests else ()
        caught_by = next((found for stage in (*own, *STAGES) if (found := sources.first_failure(stage))), None)
    if caught_by is not None:
        origin.demand(caught_by.test)
    return _told(Verdict(mutant, caught_by, time.monotonic() - began_s))


def _told(verdict: Verdict) -> Verdict:
    print(f"{verdict.mutant.name}: {verdict}", file=sys.stderr, flush=True)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
