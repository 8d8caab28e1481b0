"""Measure the time from `glowtool run` to the first output at motor or electrode of a bonded roller, and where it goes.

    python tests/measure/times/first_output.py --runs 20
    python -m radio.bluez_guest .venv/bin/python tests/measure/times/first_output.py --stack bluez   (PYTHONPATH=tests)

Real processes: the roller in one (over HCI/TCP, or behind the kernel's Bluetooth in the guest), `glowtool -v run` in
another, each time anew from the same bond. The clock begins before the process is started. The phases are told apart by
the lines that -v logs; the first output is read from the roller's own record. All processes share one clock.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.evidence.record import read_delivered
from support.people import screened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowsim.peripheral.pairing.screen import Screen

BIN = Path(sys.executable).parent
PATIENCE_S: Final = 60.0
ROUTINE = """\
name = "first-output"
title = "First output"
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

#: What the log says, and what has been done when it says so. Not every stack says each of them.
PHASES: Final = {
    "the command begins": "interpreter, imports, routine",
    "is open": "open the adapter",
    "was heard": "find the roller",
    "took the connection": "connect",
    "security and MTU are settled": "security and MTU",
    "the services are known": "discover services",
    "the roller is ready": "make ready (feature, stop, identity …)",
    "telemetry flows": "upload, telemetry",
    "the program runs": "start",
}
LAST: Final = "first output"
_LINE: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) \S+ INFO: (.*)")


@dataclass(frozen=True, slots=True)
class Place:
    """A roller that is on: how glowtool reaches it, its passkey, and where it keeps its record."""

    adapter: str
    passkey: str
    state_dir: Path


@asynccontextmanager
async def over_tcp(state_dir: Path) -> AsyncIterator[Place]:
    """Switch a roller on in a process of its own, behind HCI over TCP."""
    command = (BIN / "glowsim", "serve", "--port", "0", "--state-dir", state_dir)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    seen: dict[str, str] = {}
    try:
        while len(seen) < 2 and (line := (await process.stdout.readline()).decode()):
            for name, pattern in (("adapter", r"tcp:127\.0\.0\.1:\d+"), ("passkey", r"(?<=passkey )\d{6}")):
                if found := re.search(pattern, line):
                    seen[name] = found[0]
        yield Place(seen["adapter"], seen["passkey"], state_dir)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def behind_the_kernel(state_dir: Path) -> AsyncIterator[Place]:
    """Switch a roller on in this process, on an air that the kernel's Bluetooth listens to; in the guest only."""
    from glowsim.air.air import Air
    from glowsim.roller.roller import Roller
    from glowsim.scene.scenario import Scenario
    from radio.stacks.daemon import bluez
    from radio.stacks.vhci import kernel_on

    air = Air()
    shown: list[Screen] = []
    async with (
        bluez() as daemon,
        kernel_on(air),
        Roller.open(air, state_dir, Scenario(), display=shown.append) as roller,
    ):
        path = await daemon.powered()
        await daemon.forget_all()
        roller.press_button(2.5)
        passkey = next(f"{screen.passkey:06d}" for screen in reversed(shown) if screen.passkey is not None)
        yield Place(path.rpartition("/")[2], passkey, state_dir)


async def glowtool(*arguments: str | Path) -> None:
    """Run a command to its end; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        BIN / "glowtool", *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0, f"glowtool {arguments[-1]} failed"


async def one_run(state_dir: Path, *arguments: str | Path) -> dict[str, float]:
    """Run once until there is output; returns the moment at which each phase was over, in ms after the start."""
    began_us = time.time_ns() // 1000
    process = await asyncio.create_subprocess_exec(
        BIN / "glowtool", *arguments,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    over: dict[str, float] = {}
    lines = []
    async with asyncio.timeout(PATIENCE_S):
        while line := (await process.stderr.readline()).decode():
            lines.append(line)
            if found := _LINE.match(line):
                moment_ms = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").timestamp() * 1000 + int(found[2])  # noqa: DTZ007 - local, as logged
                for words, phase in PHASES.items():
                    if words in found[3]:
                        over.setdefault(phase, moment_ms - began_us / 1000)
            if "the program runs" in line:
                await asyncio.sleep(1.0)  # the roller writes its record four times a second
                process.send_signal(signal.SIGINT)
        await process.wait()
    assert "start" in over, "".join(lines)
    # The record's UTC is early by the time that the roller took to come up, and no output comes before the start.
    over[LAST] = max(over["start"], first_output_ms(state_dir, began_us))
    return over


def first_output_ms(state_dir: Path, began_us: int) -> float:
    """Return when anything was first delivered after `began_us`, in ms after it."""
    delivered = read_delivered(state_dir)
    on = (delivered["unix_us"] > began_us) & ((delivered["amplitude"] > 0) | (delivered["peak_ua"] > 0))
    return (int(delivered["unix_us"][np.flatnonzero(on)[0]]) - began_us) / 1000


def shares(over: dict[str, float]) -> dict[str, float]:
    """Return how long each phase took, in ms: each begins where the one before was over."""
    before, took = 0.0, {}
    for phase in (*PHASES.values(), LAST):
        if phase in over:
            took[phase] = over[phase] - before
            before = over[phase]
    return took


async def measure(stack: str, runs: int, root: Path) -> list[dict[str, float]]:
    """Pair once, then run as often as asked."""
    routine = root / "first-output.toml"
    routine.write_text(ROUTINE)
    place_of = {"bumble": over_tcp, "bluez": behind_the_kernel}[stack]
    measured = []
    async with place_of(root / "roller") as place:
        common = ("--adapter", place.adapter, "--data-dir", root / "host")
        await glowtool(*common, "pair", "--passkey", place.passkey)
        screened(root / "host")
        for number in range(1, runs + 1):
            over = await one_run(place.state_dir, *common, "-v", "run", "--yes", routine)
            measured.append(over)
            print(f"{number}: {over[LAST]:.0f} ms", flush=True)
    return measured


def main() -> None:
    """Measure, and print each run, the median share of each phase, and the median of the whole."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--stack", choices=["bumble", "bluez"], default="bumble")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure(arguments.stack, arguments.runs, Path(folder)))
    took = [shares(over) for over in measured]
    for phase in took[0]:
        print(f"{statistics.median(each[phase] for each in took):7.0f} ms  {phase}")
    whole = sorted(over[LAST] for over in measured)
    print(
        f"glowtool run to first output, {arguments.stack}, {len(whole)} runs: "
        f"median {statistics.median(whole):.0f} ms, fastest {whole[0]:.0f} ms, slowest {whole[-1]:.0f} ms"
    )


if __name__ == "__main__":
    main()
