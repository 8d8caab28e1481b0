"""Measure how long electrode and motor go on after a massage is told to stop, or its host dies, over the full stack.

    python tests/measure/times/stop_latency.py                    (six ways, with and without a busy loop, 30 each)
    python tests/measure/times/stop_latency.py --runs 5 --way int --way kill --load none

Real processes: `glowsim serve` in one, `glowtool run` over HCI/TCP in another, on one roller that was paired once. The
stop comes at a random moment of a step in which current flows. A time is that from just before the stop was sent to the
first tick with both outputs at zero for good, as the roller's record says when this machine did that tick. Both
processes share this machine's clock. The busy loop is one process that spins.

A figure is printed only when the clocks bear it out, run by run: the wall clock was not set meanwhile; zero is neither
before the stop nor after the host, which waits for it, has ended; and a press of the roller's button, before and after
the runs of each way, is found in the record between the moments at which it was sent and answered. Otherwise the reason
is printed instead, and the exit status is 1. With `kill`, the next command must work without pairing.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import random
import re
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.console.control_socket import tell
from glowsim.evidence.record import DTYPE, RECORD_NAME, SIDECAR_NAME
from support.people import screened

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

BIN: Final = Path(sys.executable).parent
TICK_US: Final = 5000
PATIENCE_S: Final = 20.0
WAYS: Final = {
    "int": "Ctrl-C",
    "term": "SIGTERM",
    "stop": "`glowtool stop`, its own start included",
    "kill": "kill -9",
    "freeze": "SIGSTOP",
    "close": "terminal closed",
}
#: In these ways the host learns that the outputs are at zero before it ends.
CONFIRMED: Final = frozenset({"int", "term", "stop", "close"})
ROUTINE: Final = """\
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
SPIN: Final = "while True:\n    pass"


def now_us() -> int:
    return time.time_ns() // 1000


def set_by_us() -> int:
    """Return what changes only when the wall clock is set."""
    return (time.time_ns() - time.monotonic_ns()) // 1000


class UnsupportedError(Exception):
    """The clocks do not bear a time out."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """One run: when the stop was sent, when the first tick at zero was done, how late it was, when the host ended."""

    sent_us: int
    zero_us: int
    late_us: int
    ended_us: int

    @property
    def took_ms(self) -> float:
        return (self.zero_us - self.sent_us) / 1000


@dataclass(frozen=True, slots=True)
class Rig:
    """A roller that is served and paired."""

    state_dir: Path
    routine: Path
    glowtool: tuple[str | Path, ...]

    def recorded(self) -> int:
        """Return how many ticks are in the record."""
        path = self.state_dir / RECORD_NAME
        return path.stat().st_size // DTYPE.itemsize if path.exists() else 0

    def since(self, first: int) -> npt.NDArray[np.void]:
        """Return the ticks from one on."""
        data = np.fromfile(self.state_dir / RECORD_NAME, np.uint8, offset=first * DTYPE.itemsize)
        return np.frombuffer(data, DTYPE, count=len(data) // DTYPE.itemsize)


@contextmanager
def served(root: Path) -> Iterator[Rig]:
    """Switch a roller on and pair it."""
    state_dir, routine = root / "roller", root / "latency.toml"
    routine.write_text(ROUTINE)
    screened(root / "host")
    command: list[str | Path] = [BIN / "glowsim", "serve", "--port", "0", "--state-dir", state_dir]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdout is not None
        seen: dict[str, str] = {}
        for line in process.stdout:
            for name, pattern in (("adapter", r"tcp:127\.0\.0\.1:\d+"), ("passkey", r"(?<=passkey )\d{6}")):
                seen |= {name: found[0]} if (found := re.search(pattern, line)) else {}
            if len(seen) == 2:
                break
        threading.Thread(target=process.stdout.read, daemon=True).start()
        try:
            glowtool = (BIN / "glowtool", "--adapter", seen["adapter"], "--data-dir", root / "host")
            subprocess.run([*glowtool, "pair", "--passkey", seen["passkey"]], check=True, capture_output=True)
            yield Rig(state_dir, routine, glowtool)
        finally:
            process.terminate()


@contextmanager
def busy() -> Iterator[None]:
    """Let one process spin beside."""
    with subprocess.Popen([sys.executable, "-c", SPIN]) as process:
        try:
            yield
        finally:
            process.kill()


class Host:
    """`glowtool run` on a terminal of its own."""

    def __init__(self, rig: Rig) -> None:
        self._woken, self._wake = os.pipe()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            for number in (signal.SIGINT, signal.SIGHUP):  # whatever this script was started under
                signal.signal(number, signal.SIG_DFL)
            os.execv(rig.glowtool[0], [str(part) for part in (*rig.glowtool, "run", "--yes", rig.routine)])  # noqa: S606
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._closed = False
        self._reader.start()

    def _read(self) -> None:
        while self._woken not in select.select([self._terminal, self._woken], [], [])[0]:
            try:
                if not os.read(self._terminal, 65536):
                    return
            except OSError:
                return

    def hang_up(self) -> None:
        """Close the terminal at once: a read that still waits for it would keep it open."""
        os.write(self._wake, b"x")
        self._reader.join()
        self._closed = True
        for end in (self._terminal, self._wake, self._woken):
            os.close(end)

    def wait(self) -> int:
        """Wait for its end; return when it was."""
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                ended_us = now_us()
                if not self._closed:
                    self.hang_up()
                return ended_us
            time.sleep(0.001)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise RuntimeError(f"the host did not end within {PATIENCE_S:g} s")


def wait_for_current(rig: Rig, first: int) -> None:
    """Wait until the record shows current and motion."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        ticks = rig.since(first) if rig.recorded() > first else None
        if ticks is not None and ((ticks["peak_ua"] > 0) & (ticks["drive_amplitude"] > 0)).any():
            return
        time.sleep(0.05)
    raise RuntimeError("no current flowed in time")


def wait_for_zero(rig: Rig, first: int) -> npt.NDArray[np.void]:
    """Wait until the record ends in a tick at rest; return its ticks."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        ticks = rig.since(first)
        if len(ticks) and not (ticks["drive_amplitude"][-1] or ticks["amplitude"][-1] or ticks["peak_ua"][-1]):
            return ticks
        time.sleep(0.05)
    raise RuntimeError("the outputs did not come to zero in time")


def zero_of(rig: Rig, ticks: npt.NDArray[np.void]) -> tuple[int, int]:
    """Return when the first tick after which current and drive stay zero was done, and when it was due."""
    on = np.flatnonzero((ticks["peak_ua"] > 0) | (ticks["drive_amplitude"] > 0))
    zero = ticks[on[-1] + 1]
    cycles = json.loads((rig.state_dir / SIDECAR_NAME).read_text("utf-8"))["power_cycles"]
    due_us = cycles[int(zero["power_cycle"])]["power_on_unix_us"] + int(zero["time_us"])
    return int(zero["done_unix_us"]), due_us


def one_run(rig: Rig, way: str, chance: random.Random) -> Stopped:
    """Run once, stop once."""
    first, set_us = rig.recorded(), set_by_us()
    host = Host(rig)
    wait_for_current(rig, first)
    time.sleep(chance.uniform(0.1, 1.0))
    sent_us = now_us()
    match way:
        case "int" | "term" | "kill":
            os.kill(host.pid, {"int": signal.SIGINT, "term": signal.SIGTERM, "kill": signal.SIGKILL}[way])
        case "freeze":
            os.kill(host.pid, signal.SIGSTOP)
        case "close":
            host.hang_up()
        case _:
            subprocess.run([*rig.glowtool, "stop"], check=True, capture_output=True)
    ended_us = 0 if way == "freeze" else host.wait()
    ticks = wait_for_zero(rig, first)
    if way == "freeze":
        os.kill(host.pid, signal.SIGKILL)
        host.wait()
    zero_us, due_us = zero_of(rig, ticks)
    stopped = Stopped(sent_us, zero_us, zero_us - due_us, ended_us)
    require_borne_out(way, stopped, moved_us=set_by_us() - set_us)
    return stopped


def require_borne_out(way: str, stopped: Stopped, *, moved_us: int) -> None:
    """Raise UnsupportedError when this process's own clock contradicts the record's."""
    if abs(moved_us) > 1000:
        raise UnsupportedError(f"the wall clock was moved by {moved_us / 1000:.1f} ms during the run")
    if stopped.zero_us < stopped.sent_us:
        raise UnsupportedError(f"zero {-stopped.took_ms:.1f} ms before the stop was sent")
    after_ms = (stopped.zero_us - stopped.ended_us) / 1000
    if way in CONFIRMED and after_ms > 2 * TICK_US / 1000:
        raise UnsupportedError(f"zero {after_ms:.1f} ms after the host had ended, which waits for it")


def check_clock(rig: Rig) -> float:
    """Press the roller's button in a massage; return in how many ms the record's clock is known to be right.

    Raises UnsupportedError when zero is not found between the press and its answer, give or take two ticks.
    """
    first = rig.recorded()
    host = Host(rig)
    wait_for_current(rig, first)
    sent_us = now_us()
    tell(rig.state_dir, "button")
    answered_us = now_us()
    zero_us, due_us = zero_of(rig, wait_for_zero(rig, first))
    host.wait()
    if zero_us < sent_us or not sent_us - TICK_US <= due_us <= answered_us + 2 * TICK_US:
        raise UnsupportedError(
            f"a press that was sent at 0 and answered at {(answered_us - sent_us) / 1000:.1f} ms "
            f"stands in the record at {(zero_us - sent_us) / 1000:.1f} ms, due at {(due_us - sent_us) / 1000:.1f} ms"
        )
    return (answered_us - sent_us + 2 * TICK_US) / 1000


def measure(rig: Rig, way: str, runs: int, chance: random.Random) -> list[Stopped]:
    """Return the runs of one way."""
    found = []
    for run in range(runs):
        stopped = one_run(rig, way, chance)
        found.append(stopped)
        print(f"  {way} {run + 1}: {stopped.took_ms:.1f} ms, its last tick {stopped.late_us / 1000:.1f} ms late")
        if way == "kill" and run == 0:
            subprocess.run([*rig.glowtool, "info"], check=True, capture_output=True)
    return found


def told(way: str, load: str, found: list[Stopped], clock_ms: float) -> str:
    """Return the row of one figure."""
    times = [stopped.took_ms for stopped in found]
    late = max(stopped.late_us for stopped in found) / 1000
    beside = "a busy loop" if load == "loop" else "nothing"
    return (
        f"| {WAYS[way]} | {beside} | {statistics.median(times):.0f} | {max(times):.0f} | {len(times)} "
        f"| {clock_ms:.0f} | {late:.0f} |"
    )


def main() -> int:
    """Measure, and print a line a run, then a table of median and worst."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--way", action="append", choices=list(WAYS), help="only this way; may be given again")
    parser.add_argument("--load", choices=["none", "loop", "both"], default="both", help="what spins beside")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance, rows, wrong, began_s = random.Random(asked.seed), [], 0, time.monotonic()
    for load in ("none", "loop") if asked.load == "both" else (asked.load,):
        print(f"beside: {load}")
        with (
            tempfile.TemporaryDirectory() as folder,
            served(Path(folder)) as rig,
            busy() if load == "loop" else nullcontext(),
        ):
            for way in asked.way or WAYS:
                try:
                    before_ms = check_clock(rig)
                    found = measure(rig, way, asked.runs, chance)
                    rows.append(told(way, load, found, max(before_ms, check_clock(rig))))
                except UnsupportedError as error:
                    wrong += 1
                    rows.append(f"| {WAYS[way]} | {load} | no figure: {error} |")
    print(f"\nseed {asked.seed}, {time.monotonic() - began_s:.0f} s\n")
    print("| stopped by | beside | median, ms | worst, ms | runs | clock known to, ms | last tick late by, ms |")
    print("|---|---|---|---|---|---|---|", *rows, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
