"""Validate damaged and hostile routines, and count internal errors, hangs over ten seconds and memory.

    PYTHONPATH=tests python tests/measure/hostile/hostile_routines.py --number 1000 --seed 1

Those made by hand come first, each by the command in a process of its own, with a limit of ten seconds and its peak
memory. The damaged ones are validated by one process, each timed; every twentieth by the command as well.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from glowtool.errors import GlowtoolError
from glowtool.store.routines.load import load_routine
from support.host.hostile_routines import BY_HAND, damaged, library_of

GLOWTOOL: Final = Path(sys.executable).with_name("glowtool")
LIBRARY: Final = Path(__file__).parents[3] / "glowtool/routine/library"
PATIENCE_S: Final = 10.0


def by_command(path: Path, folder: Path) -> tuple[str, float]:
    """Validate a file by the command; return what came of it, and how long it took in s."""
    began_s = time.monotonic()
    words: list[str | Path] = [GLOWTOOL, "--json", "--data-dir", folder / "data", "routines", "validate", path]
    try:
        done = subprocess.run(
            words, check=False, capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return "hang", PATIENCE_S
    took_s = time.monotonic() - began_s
    said = done.stdout + done.stderr
    if "internal error" in said or "Traceback" in said or done.returncode not in {0, 3, 17}:
        print(f"{path}: {done.returncode}: {said[-300:]}")
        return "internal error", took_s
    return f"exit {done.returncode}", took_s


def here(path: Path) -> str:
    """Validate a file in this process."""
    try:
        load_routine(path)
    except GlowtoolError:
        return "refused"
    except Exception as error:  # noqa: BLE001 - that is what is counted
        print(f"{path}: {type(error).__name__}: {error}")
        return "internal error"
    return "in order"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    counts: dict[str, int] = {}
    slowest_s = 0.0
    library = library_of(LIBRARY)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (what, make) in enumerate(BY_HAND.items()):
            path = folder / f"by-hand-{number}.toml"
            make(path)
            came, took_s = by_command(path, folder)
            counts[came] = counts.get(came, 0) + 1
            slowest_s = max(slowest_s, took_s)
            print(f"{what}: {came}, {took_s:.2f} s")
        peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        for number in range(arguments.number):
            path = folder / f"{number}.toml"
            path.write_bytes(damaged(chance, library))
            began_s = time.monotonic()
            came = here(path)
            took_s = time.monotonic() - began_s
            if number % 20 == 0:
                came, took_s = by_command(path, folder)
            slowest_s = max(slowest_s, took_s)
            counts[came] = counts.get(came, 0) + 1
            if took_s < PATIENCE_S and came != "internal error":
                os.unlink(path)  # noqa: PTH108 - what went wrong stays until the end
        peak_kib = max(peak_kib, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    own_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"seed {arguments.seed}, {len(BY_HAND)} by hand, {arguments.number} damaged: {dict(sorted(counts.items()))}")
    print(f"slowest {slowest_s:.2f} s; peak memory of a command {peak_kib / 1024:.0f} MiB, of this {own_mib:.0f} MiB")


if __name__ == "__main__":
    main()
