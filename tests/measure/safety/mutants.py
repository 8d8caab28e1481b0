"""Break one safety rule after the other in a copy of the sources, and see which test, or the judge alone, catches it.

    PYTHONPATH=tests python -m measure.safety.mutants                (a Markdown table; 1 when a mutant survives)
    PYTHONPATH=tests python -m measure.safety.mutants --judge 60     (60 random massages, and no other test)
    PYTHONPATH=tests python -m measure.safety.mutants --only watchdog --only "soft start" --from "no watchdog"
    PYTHONPATH=tests python -m measure.safety.mutants --results FILE (go on where FILE ends; the table has all of it)

Each mutant of mutants.toml is one replacement of text that must occur exactly once. The tests that its row names are
tried first, then those of the firmware and the random massages, then every unit and integration test, the long ones
too; the first failure ends it. Tests that do not come to an end have caught it, too: "by timeout". What catches a
mutant must pass on the unbroken sources; with `--judge` the massages must be without a violation there. The tree is
only read, once, at the beginning: others may go on editing it. With both ways in one FILE, the table has both.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from measure.safety.sources import OWN_PATIENCE_S, Sources, Stage

if TYPE_CHECKING:
    from measure.safety.sources import Failure

ROOT: Final = Path(__file__).resolve().parents[3]
TESTS, JUDGE = "tests", "judge alone"

_WARM_UP: Final = "from hypothesis import find, strategies; find(strategies.text(), bool)"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule that is broken: in `path`, `good` becomes `broken`. `tests` are those that ought to catch it."""

    name: str
    path: str
    good: str
    broken: str
    tests: tuple[str, ...] = ()


#: What a mutant meets when the tests of its own row did not catch it.
STAGES: Final = (
    Stage(
        (
            "tests/unit/firmware/outputs/test_firmware_limiter.py",
            "tests/unit/firmware/interlocks/test_firmware_interlocks.py",
            "tests/unit/firmware/interlocks/test_firmware_rules.py",
            "tests/unit/firmware/control/test_firmware_control.py",
            "tests/unit/firmware/test_firmware_states.py",
            "tests/unit/firmware/test_firmware_status.py",
            "tests/unit/firmware/program/test_firmware_executor.py",
            "tests/unit/firmware/test_firmware_offline.py",
            "tests/unit/firmware/test_firmware_offline_hosts.py",
            "tests/unit/firmware/test_firmware_offline_records.py",
            "tests/chaos",
            "tests/unit/firmware/interlocks/test_firmware_safety.py",
        ),
        600,
    ),
    Stage(("tests/unit", "tests/integration"), 1800),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant in one way of trying it: what caught it, empty for nothing, and what to show."""

    name: str
    way: str
    caught_by: str
    shown: str
    wall_s: float


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


class Results:
    """The verdicts so far; with a file, each one is kept as it comes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        lines = path.read_text("utf-8").splitlines() if path is not None and path.exists() else []
        self._verdicts = {(told.name, told.way): told for told in (Verdict(**json.loads(line)) for line in lines)}

    def has(self, name: str, way: str) -> bool:
        """Return whether a mutant was tried in this way."""
        return (name, way) in self._verdicts

    def add(self, verdict: Verdict) -> None:
        """Keep a verdict, and say it."""
        with self._lock:
            self._verdicts[verdict.name, verdict.way] = verdict
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(verdict)) + "\n")
            print(f"{verdict.name}: {verdict.shown}", file=sys.stderr, flush=True)

    def of(self, mutant: Mutant, way: str) -> Verdict | None:
        """Return the verdict on a mutant in a way."""
        return self._verdicts.get((mutant.name, way))


def main() -> int:
    """Run the mutants; 1 when one survives."""
    parser = argparse.ArgumentParser(description="break each safety rule, and see what catches it")
    parser.add_argument("--only", action="append", help="mutants whose name has this in it")
    parser.add_argument("--from", dest="first", help="begin with the first mutant whose name has this in it")
    parser.add_argument("--judge", type=int, metavar="N", help="nothing but the judge, over N random massages")
    parser.add_argument("--seed", type=int, default=1, help="of the random massages")
    parser.add_argument("--results", type=Path, help="a file of verdicts to go on with")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    chosen, results = _chosen(asked.only, asked.first), Results(asked.results)
    way = TESTS if asked.judge is None else JUDGE
    due = [mutant for mutant in chosen if not results.has(mutant.name, way)]
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(asked.processes) as threads:
        origin = Sources(Path(folder) / "origin", ROOT)
        if asked.judge is not None and due and (found := origin.violation(asked.judge, asked.seed)) is not None:
            sys.exit(f"the judge finds in the unbroken sources: {found}; nothing can be said about any mutant")
        # Hypothesis makes its table of characters once, and a test that had to wait for it would count as failed.
        subprocess.run([sys.executable, "-c", _WARM_UP], cwd=origin.path, check=True)
        for _ in threads.map(partial(_tried, origin, results, (asked.judge, asked.seed)), due):
            pass
    return _report(chosen, results, way, time.monotonic() - began_s)


def _chosen(only: list[str] | None, first: str | None) -> list[Mutant]:
    mutants = declared()
    if first is not None:
        begin = next((at for at, mutant in enumerate(mutants) if first in mutant.name), None)
        if begin is None:
            sys.exit(f"no mutant has {first!r} in its name")
        mutants = mutants[begin:]
    return [mutant for mutant in mutants if not only or any(word in mutant.name for word in only)]


def _report(mutants: list[Mutant], results: Results, way: str, wall_s: float) -> int:
    ways = [one for one in (TESTS, JUDGE) if any(results.of(mutant, one) for mutant in mutants)]
    print(f"| mutant | source | {' | '.join(ways)} | seconds |")
    print("|---|---|" + "---|" * len(ways) + "---|")
    for mutant in mutants:
        told = [results.of(mutant, one) for one in ways]
        shown = " | ".join("" if verdict is None else verdict.shown for verdict in told)
        seconds = sum(verdict.wall_s for verdict in told if verdict is not None)
        print(f"| {mutant.name} | `{mutant.path.removeprefix('firmware-sim/')}` | {shown} | {seconds:.0f} |")
    print()
    for one in ways:
        tried = [verdict for mutant in mutants if (verdict := results.of(mutant, one)) is not None]
        print(f"{one}: {sum(bool(verdict.caught_by) for verdict in tried)} caught of {len(tried)} tried")
    print(f"{wall_s:.0f} s of wall for this run")
    last = [results.of(mutant, way) for mutant in mutants]
    return 0 if all(verdict is not None and verdict.caught_by for verdict in last) else 1


def _tried(origin: Sources, results: Results, massages: tuple[int | None, int], mutant: Mutant) -> None:
    """Try one mutant, with this many massages of a seed or with all tests."""
    began_s = time.monotonic()
    number, seed = massages
    way = TESTS if number is None else JUDGE
    if why := stale(mutant, origin.path):
        results.add(Verdict(mutant.name, way, "", f"**stale**: {why}", 0.0))
        return
    with tempfile.TemporaryDirectory() as folder:
        sources = Sources(Path(folder) / "copy", origin.path)
        path = sources.path / mutant.path
        path.write_text(path.read_text("utf-8").replace(mutant.good, mutant.broken), "utf-8")
        found = _failure(sources, mutant) if number is None else sources.violation(number, seed)
    if found is not None and number is None:
        if "::" not in found.test:
            results.add(Verdict(mutant.name, way, "", f"**no mutant**: {found} cannot be imported with it", 0.0))
            return
        origin.demand(found.test)
    caught_by = "" if found is None else str(found)
    results.add(Verdict(mutant.name, way, caught_by, caught_by or "**survived**", time.monotonic() - began_s))


def _failure(sources: Sources, mutant: Mutant) -> Failure | None:
    own = (Stage(mutant.tests, OWN_PATIENCE_S),) if mutant.tests else ()
    return next((found for stage in (*own, *STAGES) if (found := sources.first_failure(stage))), None)


if __name__ == "__main__":
    sys.exit(main())
