"""Measure how long electrode and motor go on after the host is told to stop, or is killed, over the full stack.

    python tests/measure/stop_latency.py --runs 20 --signal INT
    python tests/measure/stop_latency.py --runs 5 --signal KILL
    python tests/measure/stop_latency.py --runs 5 --signal STOP    (a host that hangs, with its link up)
    python tests/measure/stop_latency.py --runs 20 --command       (`glowtool stop`, with its time to start)

Real processes: `glowsim serve` in one, `glowtool run` over HCI/TCP in another, for each run anew from the same bond.
The signal is sent at a random moment of a step in which current flows. The time is read from the roller's own record
of what it delivered; both processes share this machine's clock. After KILL the next command must work without
pairing, and `logs recover` must give a log that misses at most the last second.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glowsim.record import read_delivered

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

BIN = Path(sys.executable).parent
ROUTINE = """\
name = "latency"
title = "Latency"
goal = "introduction"
description = "One long step for measurements."
[[steps]]
title = "Left cheek"
zone = "cheek-left"
duration_s = 60
band_kpa = [2.0, 5.0]
cue = "Roll"
vibration = { amplitude_percent = 40, frequency_hz = 75 }
microcurrent = { peak_ua = 120, frequency_hz = 10 }
"""


@contextmanager
def served(state_dir: Path) -> Iterator[tuple[str, str]]:
    """Switch a roller on; yields the adapter specification that leads to it and the passkey on its display."""
    command: list[str | Path] = [BIN / "glowsim", "serve", "--port", "0", "--state-dir", state_dir]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdout is not None
        seen: dict[str, str] = {}
        for line in process.stdout:
            for name, pattern in (("adapter", r"tcp:127\.0\.0\.1:\d+"), ("passkey", r"(?<=passkey )\d{6}")):
                if found := re.search(pattern, line):
                    seen[name] = found[0]
            if len(seen) == 2:
                break
        try:
            yield seen["adapter"], seen["passkey"]
        finally:
            process.terminate()


def wait_for_current(state_dir: Path, since_us: int, deadline_s: float) -> None:
    """Wait until the record shows current that flows after `since_us`."""
    until_s = time.monotonic() + deadline_s
    while time.monotonic() < until_s:
        delivered = read_delivered(state_dir) if (state_dir / "delivered.bin").exists() else None
        if delivered is not None and ((delivered["unix_us"] > since_us) & (delivered["peak_ua"] > 0)).any():
            return
        time.sleep(0.05)
    raise RuntimeError("no current flowed in time")


def one_run(
    glowtool: list[str | Path], routine: Path, state_dir: Path, number: signal.Signals | None, chance: random.Random
) -> dict[str, float]:
    """Run once, stop once; returns milliseconds from the signal to zero at electrode and at the motor's drive.

    Without a signal, `glowtool stop` does it.
    """
    began_us = time.time_ns() // 1000
    with subprocess.Popen(
        [*glowtool, "run", routine], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        wait_for_current(state_dir, began_us, 20)
        time.sleep(chance.uniform(0.5, 3))
        sent_us = time.time_ns() // 1000
        if number is None:
            subprocess.run([*glowtool, "stop"], check=True, capture_output=True)
        else:
            os.kill(process.pid, number)
        if number is signal.SIGSTOP:  # a host that hangs: the roller has to notice by itself
            time.sleep(1.5)
            process.kill()
        process.wait(20)
    time.sleep(2.0)  # the roller flushes its record four times a second, and a watchdog takes one
    delivered = read_delivered(state_dir)
    ours = delivered[delivered["unix_us"] > began_us]

    return {
        "electrode_ms": zero_ms(ours, "peak_ua", sent_us),
        "motor_drive_ms": zero_ms(ours, "drive_amplitude", sent_us),
        "motor_itself_ms": zero_ms(ours, "amplitude", sent_us),
        "exit": process.returncode,
    }


def zero_ms(delivered: npt.NDArray[np.void], column: str, sent_us: int) -> float:
    """Return when an output was first seen at zero for good, in ms after the signal."""
    last = int(np.flatnonzero(delivered[column] > 0)[-1])
    first_zero_us = delivered["unix_us"][min(last + 1, len(delivered) - 1)]
    return (int(first_zero_us) - sent_us) / 1000


def after_kill(glowtool: list[str | Path], state_dir: Path) -> dict[str, object]:
    """Return what is left after a kill: does the bond hold, and what does the recovered log miss."""
    info = subprocess.run([*glowtool, "info"], capture_output=True, check=False).returncode
    recovered = subprocess.run([*glowtool, "--json", "logs", "recover"], capture_output=True, text=True, check=True)
    shown = json.loads(
        subprocess.run([*glowtool, "--json", "logs", "show"], capture_output=True, text=True, check=True).stdout
    )
    export = subprocess.run(
        [*glowtool, "logs", "export"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    host_us = export[0].replace('"', "").split(",").index("host_time_us")
    delivered = read_delivered(state_dir)
    last_us = int(delivered["unix_us"][delivered["peak_ua"] > 0].max())
    return {
        "info_exit": info,
        "recovered": len(json.loads(recovered.stdout)["recovered"]),
        "state": shown["state"],
        "last_sample_before_last_current_ms": (last_us - int(export[-1].split(",")[host_us])) / 1000,
    }


def main() -> None:
    """Measure and print a line a run, then median and worst."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--signal", choices=["INT", "TERM", "KILL", "STOP"], default="INT")
    parser.add_argument("--command", action="store_true", help="stop with `glowtool stop` instead of a signal")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    number = None if arguments.command else signal.Signals[f"SIG{arguments.signal}"]
    chance = random.Random(arguments.seed)
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        routine, state_dir = root / "latency.toml", root / "roller"
        routine.write_text(ROUTINE)
        with served(state_dir) as (adapter, passkey):
            glowtool: list[str | Path] = [BIN / "glowtool", "--adapter", adapter, "--data-dir", root / "host"]
            subprocess.run([*glowtool, "pair", "--passkey", passkey], check=True, capture_output=True)
            for run in range(arguments.runs):
                measured = one_run(glowtool, routine, state_dir, number, chance)
                times.append(max(measured["electrode_ms"], measured["motor_drive_ms"]))
                left = after_kill(glowtool, state_dir) if number is signal.SIGKILL else ""
                print(f"{run + 1}: {measured} {left}", flush=True)
    middle, worst = statistics.median(times), max(times)
    what = "glowtool stop" if number is None else number.name
    print(f"{what} to zero, {len(times)} runs: median {middle:.1f} ms, worst {worst:.1f} ms")


if __name__ == "__main__":
    main()
