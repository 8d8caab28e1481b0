"""Break one safety rule after the other in a copy of the sources, and see which test catches it.

    PYTHONPATH=tests python -m measure.mutants                 (a Markdown table; 1 when a mutant survives)
    PYTHONPATH=tests python -m measure.mutants --only watchdog --only "soft start"

Each mutant of mutants.toml is one replacement of text that must occur exactly once; one whose source has moved on
counts as a survivor. The tests of a mutant stop at the first failure; a survivor has passed all of `TESTS`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
COPIED: Final = ("glowtool", "firmware-sim", "tests", "pyproject.toml", "README.md")

#: Small and pointed first, so that the test that names the rule is the one that catches it.
TESTS: Final = (
    "tests/unit/test_firmware_limiter.py",
    "tests/unit/test_firmware_interlocks.py",
    "tests/unit/test_firmware_rules.py",
    "tests/unit/test_firmware_control.py",
    "tests/unit/test_firmware_states.py",
    "tests/unit/test_firmware_status.py",
    "tests/unit/test_firmware_executor.py",
    "tests/chaos",
    "tests/unit/test_firmware_safety.py",
)

_WARM_UP: Final = "from hypothesis import find, strategies; find(strategies.text(), bool)"

#: Nobody waits longer for one mutant; the unbroken sources need a small part of it.
PATIENCE_S: Final = 300


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule that is broken: in `path`, `good` becomes `broken`."""

    name: str
    path: str
    good: str
    broken: str


def declared() -> list[Mutant]:
    """Return the mutants of the table beside this file."""
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["mutants"]
    return [Mutant(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: the test that caught it, or none."""

    mutant: Mutant
    caught_by: str
    wall_s: float


def main() -> int:
    """Run the mutants; 1 when one survives."""
    parser = argparse.ArgumentParser(description="break each safety rule, and see which test catches it")
    parser.add_argument("--only", action="append", help="mutants whose name has this in it")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    chosen = [mutant for mutant in declared() if not asked.only or any(word in mutant.name for word in asked.only)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.processes) as threads:
        origin = _copied(Path(folder) / "origin")
        # Hypothesis makes its table of characters once, and a test that had to wait for it would count as failed.
        subprocess.run([sys.executable, "-c", _WARM_UP], cwd=origin, check=True)
        if failing := _first_failure(origin):
            sys.exit(f"{failing} fails on the unbroken sources: nothing can be said about any mutant")
        verdicts = list(threads.map(partial(_judged, origin), chosen))
    print("| mutant | source | caught by | seconds |")
    print("|---|---|---|---|")
    for verdict in verdicts:
        path = verdict.mutant.path.removeprefix("firmware-sim/")
        print(f"| {verdict.mutant.name} | `{path}` | {verdict.caught_by or '**survived**'} | {verdict.wall_s:.0f} |")
    survivors = [verdict.mutant.name for verdict in verdicts if not verdict.caught_by]
    print(f"\n{len(verdicts)} mutants, {len(verdicts) - len(survivors)} caught")
    return 1 if survivors else 0


def _copied(target: Path) -> Path:
    target.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", "browser"))
        else:
            shutil.copy(source, target / name)
    return target


def _judged(origin: Path, mutant: Mutant) -> Verdict:
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(origin, copy)
        stale = not _breaks(copy / mutant.path, mutant)
        caught_by = "" if stale else _first_failure(copy)
    said = caught_by or ("STALE: its source has moved on" if stale else "SURVIVED")
    print(f"{mutant.name}: {said}", file=sys.stderr, flush=True)
    return Verdict(mutant, caught_by, time.monotonic() - began_s)


def _breaks(path: Path, mutant: Mutant) -> bool:
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(mutant.good, mutant.broken), encoding="utf-8")
    return source.count(mutant.good) == 1


def _first_failure(copy: Path) -> str:
    """Return the first test that fails on the sources in `copy`; empty when none does."""
    python_path = os.pathsep.join(map(str, (copy, copy / "firmware-sim")))
    # A fixed order of examples, and no database of earlier ones: the same mutant is caught by the same test.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--no-header",
        "-p",
        "no:cacheprovider",
        "--hypothesis-seed=0",
        *TESTS,
    ]
    result = subprocess.run(
        command,
        cwd=copy,
        env=os.environ | {"PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if result.returncode == 0:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) \S*?([^/\s]+\.py)(?:::(\S+))?", result.stdout, re.MULTILINE)
    if found is None:
        raise SystemExit(f"pytest said nothing that can be read:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    return f"`{found[1]}::{found[2]}`" if found[2] else f"`{found[1]}`"


if __name__ == "__main__":
    sys.exit(main())
