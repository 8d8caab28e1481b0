"""Run every command that reads logs on damaged and hostile folders, and count internal errors and hangs.

Each folder is a real one, of a massage over the whole stack in virtual time (finished, cut off, or of the format before
seals), that was damaged at random, edited, or made to harm; a whole one lies beside it. Commands run in this process;
each `--processes`-th folder also goes through processes of their own. Exit status 1 when a command ended in an internal
error, took more than 10 s, or did not tell of the whole log beside.

python tests/measure/hostile/damaged_logs.py [--number 2000] [--seed 1] [--only K] [--processes 100]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import resource
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

from click.testing import CliRunner

from glowsim.time.virtual_time import in_virtual_time
from glowtool.app.checkup.storage import STORAGE_CHECKS, look_at_storage
from glowtool.app.place import Place
from glowtool.cli.app import cli
from glowtool.cli.failure import failure_of
from support.logs.damage import make_old
from support.logs.hostile import HARMS
from support.stack.cut_off import recorded

HANG_S = 10
#: So that a fault of ours does not take the machine with it; address space, of which libraries reserve a lot.
MEMORY_BYTES = 6 << 30
BAD, GOOD = "20260101T000000Z-bad000", "20260101T000001Z-900d00"
GLOWTOOL = str(Path(sys.executable).with_name("glowtool"))

COMMANDS = (
    ("logs", "list"), ("logs", "list", "--json"), ("logs", "show", BAD), ("logs", "show", BAD, "--json"),
    ("analyze", BAD, "--no-report"), ("analyze", BAD, "--json"), ("logs", "export", BAD, "-o", "{out}/samples.csv"),
    ("logs", "export", BAD, "--table", "events", "-o", "{out}/events.csv"),
    ("logs", "export", BAD, "--table", "strokes", "--format", "parquet", "-o", "{out}/strokes.parquet"),
    ("logs", "verify"), ("logs", "recover"), ("logs", "show", "last"), ("analyze", BAD, "--no-report"),
    ("logs", "export", BAD, "--table", "events", "--format", "parquet", "-o", "{out}/events.parquet"),
    ("logs", "recover", BAD), ("logs", "verify", "--json"), ("logs", "erase", BAD, "--yes"), ("logs", "list"),
)  # fmt: skip


class HangError(BaseException):
    """A command took too long."""


def _ring(*_: object) -> None:
    raise HangError


def trial(data: Path, count: Counter[str]) -> list[str]:
    """Run every command on a data directory; return what is wrong."""
    wrong = []
    out = data.parent / "out"
    out.mkdir(exist_ok=True)
    for command in COMMANDS:
        words = ["--data-dir", str(data), *(word.format(out=out) for word in command)]
        began_s = time.perf_counter()
        signal.setitimer(signal.ITIMER_REAL, 2 * HANG_S)
        try:
            result = CliRunner().invoke(cli, words)
            said, error = result.output, result.exception
        except HangError:
            said, error = "", HangError()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        took_s = time.perf_counter() - began_s
        count["commands"] += 1
        if took_s > HANG_S:
            wrong.append(f"{' '.join(command)}: {took_s:.1f} s")
        if error is not None and not isinstance(error, SystemExit):
            failure = failure_of(error)
            count[f"status {failure.status}"] += 1
            if failure.kind == "InternalError":
                wrong.append(f"{' '.join(command)}: {type(error).__name__}: {str(error)[:150]}")
        if command[:2] == ("logs", "list") and GOOD not in said:
            wrong.append(f"{' '.join(command)}: the whole log is not listed")
    try:
        facts = asyncio.run(look_at_storage(Place(data_dir=data)))
        for check in STORAGE_CHECKS:
            check.judge(facts)
    except Exception as error:  # noqa: BLE001 - what is looked for
        wrong.append(f"doctor: {type(error).__name__}: {error}")
    return wrong


def in_processes(data: Path) -> list[str]:
    """Run some of the commands as processes of their own, with bounded memory."""
    wrong = []
    environment = {**os.environ, "HOME": str(data.parent)}
    for command in (("logs", "list"), ("analyze", BAD, "--no-report"), ("logs", "recover"), ("logs", "verify")):
        words = [GLOWTOOL, "--data-dir", str(data), *command]
        try:
            done = subprocess.run(words, capture_output=True, timeout=6 * HANG_S, check=False, env=environment)
        except subprocess.TimeoutExpired:
            wrong.append(f"{' '.join(command)}: hangs as a process")
            continue
        said = (done.stdout + done.stderr).decode(errors="replace")
        if "internal error" in said or "Traceback" in said or done.returncode not in {0, 18}:
            wrong.append(f"{' '.join(command)} as a process: {done.returncode}, {said[-200:]}")
    return wrong


def bases(folder: Path, seed: int) -> list[Path]:
    """Return whole logs: finished, cut off, and cut off in the format before seals, of several massages."""
    made = []
    for number in range(6):
        cut_off, finished = in_virtual_time(recorded)(folder / str(number), seed * 1000 + number, 4, 20)
        old = Path(shutil.copytree(cut_off, folder / f"old-{number}"))
        make_old(old)
        made += [finished, cut_off, old]
    return made


def main() -> int:
    """Print every complaint, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one of them, by its number")
    parser.add_argument("--processes", type=int, default=100, help="every how many go through processes, 0: none")
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGALRM, _ring)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    root = Path(tempfile.mkdtemp())
    whole = bases(root / "bases", asked.seed)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count: Counter[str] = Counter()
    complaints, peak = 0, (before_kb, "the recordings themselves")
    for number in range(asked.number) if asked.only is None else (asked.only,):
        random = Random(asked.seed * 1_000_000 + number)
        data = root / "trial" / "data"
        (data / "logs").mkdir(parents=True, mode=0o700)
        for each in (data.parent, data):
            each.chmod(0o700)
        shutil.copytree(whole[0], data / "logs" / GOOD)
        bad = Path(shutil.copytree(random.choice(whole), data / "logs" / BAD))
        name = random.choice(sorted(HARMS))
        HARMS[name](bad, random)
        count[name] += 1
        wrong = in_processes(data) if asked.processes and number % asked.processes == 0 else []
        wrong += trial(data, count)
        used_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak = (used_kb, f"number {number}, {name}") if used_kb > peak[0] else peak
        for complaint in wrong:
            print(f"number {number}, {name}: {complaint}", flush=True)
        complaints += len(wrong)
        shutil.rmtree(data.parent)
    shutil.rmtree(root)
    print(json.dumps(dict(sorted(count.items()))))
    print(
        f"seed {asked.seed}: {complaints} complaints; peak memory {peak[0] / 1024:.0f} MiB ({peak[1]}), "
        f"{before_kb / 1024:.0f} MiB of it before the first"
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
