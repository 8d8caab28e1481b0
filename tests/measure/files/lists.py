"""Measure lists over many sessions: the command, the last log, a beginning, a person; all as ratios in one run.

Every log is a folder with the manifest of a massage over the whole stack. Times are CPU seconds of a process of its
own, the least of `--rounds`, so that a busy machine disturbs them little. "All manifests" is the same list without
the catalogue. Takes about two minutes on a quiet machine with 10 000 sessions.

python tests/measure/files/lists.py [--number 10000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.time.virtual_time import in_virtual_time
from glowtool.store.tables.manifest import manifest_text, read_manifest
from support.stack.cut_off import recorded

GLOWTOOL = str(Path(sys.executable).with_name("glowtool"))
PERSON = "0123456789abcdef"

LIST = "import sys, pathlib; from glowtool.store.logs.catalogue import list_sessions; "
RESOLVE = "import sys, pathlib; from glowtool.store.logs.catalogue import resolve; "


def filled(root: Path, number: int) -> Path:
    """Make the logs, some of one person, and return their folder."""
    _, finished = in_virtual_time(recorded)(root / "base", 1, 4, 20)
    whole, random = read_manifest(finished), Random(1)
    logs = root / "data" / "logs"
    logs.mkdir(parents=True, mode=0o700)
    (root / "data").chmod(0o700)
    for at in range(number):
        started = whole.started_utc - timedelta(hours=6 * at)
        name = f"{started:%Y%m%dT%H%M%SZ}-{random.randrange(1 << 24):06x}"
        (logs / name).mkdir(mode=0o700)
        facts = {"session_id": name, "started_utc": started, "ended_utc": started + timedelta(minutes=10)}
        mine = {**facts, "person": PERSON if at % 100 == 0 else None, "order": None}
        (logs / name / "manifest.json").write_text(manifest_text(whole.model_copy(update=mine)))
    return logs


def cpu_s(words: list[str], rounds: int) -> float:
    """Return the least CPU time of a command."""
    least = float("inf")
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return least


def main() -> int:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        logs = filled(Path(folder), asked.number)
        time.sleep(3)  # a log of this moment is not noted yet
        path, data = str(logs), str(logs.parent)
        least_s = cpu_s([sys.executable, "-c", "import click"], asked.rounds)
        reading = f"{LIST}from glowtool.store.logs.catalogue import _listed; _listed(pathlib.Path(sys.argv[1]), {{}})"
        manifests_s = cpu_s([sys.executable, "-c", reading, path], 1)
        in_code = f"{LIST}list_sessions(pathlib.Path(sys.argv[1]))"
        name = max(each.name for each in logs.iterdir())
        ways = {
            "list_sessions": [sys.executable, "-c", in_code, path],
            "resolve a beginning": [sys.executable, "-c", f"{RESOLVE}resolve(pathlib.Path(sys.argv[1]), sys.argv[2])",
                                    path, name[:18]],
            "glowtool logs list, all": [GLOWTOOL, "--data-dir", data, "logs", "list"],
            "glowtool logs list --last 20": [GLOWTOOL, "--data-dir", data, "logs", "list", "--last", "20"],
            "glowtool logs list --json": [GLOWTOOL, "--data-dir", data, "--json", "logs", "list"],
        }  # fmt: skip
        print(f"{asked.number} sessions; reading all manifests ÷ import click {manifests_s / least_s:.1f}")
        for title, words in ways.items():
            took_s = cpu_s(words, asked.rounds)
            print(f"{title:<30} ÷ import click {took_s / least_s:6.1f}   ÷ all manifests {took_s / manifests_s:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
