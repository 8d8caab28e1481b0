"""Kill, fill, cut and flip recordings of real processes, and compare what is kept with what was sent.

Each recording is a process of its own that runs `recording_child.py`. It is killed with SIGKILL at a random moment, or
its disk is full at a random size; or a file of its log (cut off, or finished) is cut at a random length, or has bits
flipped. Then the log is recovered and its Parquet file read with pyarrow alone. Every row must be what was sent; rows
lost beyond the last second, and rows lost without a word, are counted. Exit status 1 when any figure is not 0.

Takes about 15 minutes on a quiet machine.

python tests/measure/hostile/killed_recordings.py [--killed 500] [--full 200] [--cut 200] [--flipped 200] [--seed 1]
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pyarrow.parquet as pq

from glowtool.errors import StoreError
from glowtool.store.journal.recover import recover
from glowtool.store.logs.log import SessionLog
from support.logs.streams import DTYPE, RATE_HZ, START_US, rolled

TESTS = Path(__file__).parents[2]
CHILD = TESTS / "support/processes/recording_child.py"
TRUTH = rolled(600 * RATE_HZ)
CELLS = ("pressure_lf", "pressure_lr", "pressure_rf", "pressure_rr")


BAD = frozenset({"wrong", "lost silently", "refused without need"})
KEPT = 10


def recorded(logs: Path, random: Random, limit: int) -> tuple[Path | None, int]:
    """Record until killed, or until the disk is full; return the folder, and the samples that must be there."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(logs), str(limit)], stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        if not limit:
            time.sleep(random.uniform(0, 2.0))
            child.send_signal(signal.SIGKILL)
        lines = child.stdout.read().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    folder = Path(first.strip()) if first.strip() and not first.startswith("failed") else None
    if whole and whole[-1].startswith("failed"):
        return folder, int(whole[-1].split()[2])
    appended = int(whole[-1]) if whole else 0
    return folder, max(0, appended - RATE_HZ)


def judge(folder: Path, least: int, *, may_refuse: bool) -> Counter[str]:
    """Recover a log and compare it with the truth."""
    found: Counter[str] = Counter(logs=1)
    try:
        manifest = recover(folder)
        SessionLog.open(folder)
    except StoreError:
        found["refused"] = 1
        found["refused without need"] = 0 if may_refuse else 1
        return found
    table = pq.read_table(folder / "samples.parquet")
    index = table["sample"].to_numpy()
    wrong = np.zeros(len(index), bool)
    wrong |= (index < 0) | (index >= len(TRUTH)) | np.concatenate([[False], np.diff(index) <= 0])[: len(index)]
    there = np.clip(index, 0, len(TRUTH) - 1)
    wrong |= table["device_time_us"].to_numpy() != START_US + there * (1_000_000 // RATE_HZ)
    for name in DTYPE.names or ():
        wrong |= table[name].to_numpy() != TRUTH[name][there]
    for name in CELLS:  # the table of the protocol's page: one count is 10 Pa
        wrong |= ~np.isclose(table[f"{name}_kpa"].to_numpy(), TRUTH[name][there] / 100, rtol=1e-12)
    told = manifest.damage is not None or manifest.altered
    found["rows"] = len(index)
    found["wrong"] = int(wrong.sum())
    short = max(0, least - len(index))
    found["lost silently"] = 0 if told and may_refuse else short
    found["damage told"] = int(told)
    return found


class Trials:
    """The recordings of one run, and the sums of what became of them."""

    def __init__(self, root: Path, random: Random) -> None:
        self._root = root
        self._random = random
        self.total: Counter[str] = Counter()
        #: Cut-off and finished logs, each with its number of rows.
        self._logs: list[tuple[Path, int]] = []

    def record(self, kind: str, number: int) -> None:
        """Record, cut short by the kind, so many times; keep a few of those killed, as they are and finished."""
        for _ in range(number):
            limit = self._random.randrange(4000, 1_500_000) if kind == "full" else 0
            folder, least = recorded(self._root / kind / "logs", self._random, limit)
            if folder is None or not folder.exists():
                self.total[f"{kind}: before the log began"] += 1
                continue
            keep = kind == "killed" and least > RATE_HZ and len(self._logs) < 2 * KEPT
            copy = (
                Path(shutil.copytree(folder, self._root / "cut off" / str(len(self._logs)) / folder.name))
                if keep
                else None
            )
            found = judge(folder, least, may_refuse=False)
            self.total.update({f"{kind}: {key}": count for key, count in found.items()})
            if copy is not None:
                done = Path(shutil.copytree(folder, self._root / "finished" / str(len(self._logs)) / folder.name))
                self._logs += [(copy, found["rows"]), (done, found["rows"])]
            shutil.rmtree(folder)

    def damage(self, kind: str, number: int) -> None:
        """Damage a file of a log by the kind, so many times."""
        for _ in range(number):
            source, rows = self._random.choice(self._logs)
            folder = Path(shutil.copytree(source, self._root / "damaged" / source.name))
            path = self._random.choice(sorted(each for each in folder.iterdir() if each.stat().st_size))
            content = bytearray(path.read_bytes())
            if kind == "cut":
                content = content[: self._random.randrange(len(content))]
            else:
                for _ in range(self._random.choice((1, 1, 2, 8))):
                    content[self._random.randrange(len(content))] ^= 1 << self._random.randrange(8)
            path.write_bytes(content)
            found = judge(folder, rows, may_refuse=True)
            self.total.update({f"{kind}: {key}": count for key, count in found.items()})
            shutil.rmtree(folder.parent)


def main() -> int:
    """Print the sums of each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("killed", 500), ("full", 200), ("cut", 200), ("flipped", 200), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=number)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(Path(folder), Random(asked.seed))
        for kind in ("killed", "full"):
            trials.record(kind, getattr(asked, kind))
        for kind in ("cut", "flipped"):
            trials.damage(kind, getattr(asked, kind))
    for key, count in sorted(trials.total.items()):
        print(f"{key:<40} {count}")
    bad = sum(count for key, count in trials.total.items() if key.split(": ")[1] in BAD)
    print("all as it should be" if not bad else f"{bad} complaints")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
