"""Measure how long electrode and motor go on after a stop command leaves the host, at a fixed connection interval.

    python tests/measure/times/stop_at_interval.py --runs 200 --interval-ms 30

One process, virtual time: the roller, the air with the interval, and a host that writes STOP at a random moment of a
step in which both outputs are on. The command leaves the host when it is handed to the host's controller; electrode
and motor drive are zero at the first tick of the delivered record that says so, on the same clock. The bound is one
interval and 10 ms. Exit status 1 when the worst is over it, unless packets are lost as well: repeats take intervals of
their own.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.air.conditions import LinkConditions
from glowsim.evidence.record import read_delivered
from glowsim.time.virtual_time import in_virtual_time
from glowtool.protocol.commands.opcode import Opcode
from support.air.rollers import STEP, Console, bench, bonded_console, until_driven

ALLOWED_OVER_INTERVAL_MS = 10.0


async def stop_once(console: Console, device_us: list[int], now_us: object, chance: random.Random) -> None:
    """Start, wait until both outputs are on, then for a random time, and stop; keeps when the command left."""
    await console.load(STEP)
    await console.ask(Opcode.START)
    await until_driven(console)
    for _ in range(chance.randrange(1, 5)):
        await console.ask(Opcode.HEARTBEAT)
        await asyncio.sleep(0.1)
    await asyncio.sleep(chance.uniform(0, 0.5))
    assert callable(now_us)
    device_us.append(now_us())
    await console.ask(Opcode.STOP)
    await asyncio.sleep(1.0)


@in_virtual_time
async def measure(folder: Path, runs: int, conditions: LinkConditions, seed: int) -> list[int]:
    """Return the device clock, in µs, at each moment at which a stop command left the host."""
    chance = random.Random(seed)
    stopped_us: list[int] = []
    async with bench(folder, seed=seed) as there:
        there.air.set_conditions(conditions)
        async with bonded_console(there) as console:
            loop, machine = asyncio.get_running_loop(), there.roller.machine
            offset_us = machine.now_us - loop.time() * 1e6
            for _ in range(runs):
                await stop_once(console, stopped_us, lambda: round(loop.time() * 1e6 + offset_us), chance)
    return stopped_us


def zeros_ms(folder: Path, stopped_us: list[int], column: str) -> list[float]:
    """Return, for each stop, the time until an output was first recorded at zero."""
    record = read_delivered(folder)
    times = []
    for index, stop_us in enumerate(stopped_us):
        until_us = stopped_us[index + 1] - 1_000_000 if index + 1 < len(stopped_us) else np.inf
        ours = record[(record["time_us"] > stop_us) & (record["time_us"] < until_us)]
        zero_us = int(ours["time_us"][ours[column] == 0][0])
        assert record[column][record["time_us"] <= stop_us][-1] > 0, "the output was on"
        times.append((zero_us - stop_us) / 1000)
    return times


def main() -> None:
    """Measure, and print the distribution."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--interval-ms", type=float, default=30.0)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    conditions = LinkConditions(interval_s=arguments.interval_ms / 1000, loss=arguments.loss, supervision_s=4.0)
    bound_ms = arguments.interval_ms + ALLOWED_OVER_INTERVAL_MS
    with tempfile.TemporaryDirectory() as folder:
        stopped_us = measure(Path(folder), arguments.runs, conditions, arguments.seed)
        worst_ms = 0.0
        print(f"{len(stopped_us)} stops, interval {arguments.interval_ms:g} ms, loss {arguments.loss:.0%}")
        for name, column in (("electrode", "peak_ua"), ("motor drive", "drive_amplitude")):
            times = zeros_ms(Path(folder), stopped_us, column)
            tenths = statistics.quantiles(times, n=10)
            worst_ms = max(worst_ms, *times)
            print(
                f"{name}: least {min(times):.1f}, p10 {tenths[0]:.1f}, median {statistics.median(times):.1f}, "
                f"p90 {tenths[-1]:.1f}, worst {max(times):.1f} ms"
            )
    print(f"worst {worst_ms:.1f} ms, bound {bound_ms:g} ms")
    sys.exit(arguments.loss == 0 and worst_ms > bound_ms)


if __name__ == "__main__":
    main()
