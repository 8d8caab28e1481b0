"""Measure how long a bonded host takes to connect while strangers want the link, over the full stack.

    PYTHONPATH=tests python -m measure.links.strangers [--runs 5]

For each manner of a stranger, and for four of them together, with the pairing window closed and open: median and worst
time from the beginning of the connection to an encrypted link. Times are virtual; the radio's own are those of the air.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import tempfile
from pathlib import Path
from typing import Final

from bumble.keys import MemoryKeyStore

from glowsim.time.virtual_time import virtual_runner
from support.air.radio import host_on_air
from support.air.rollers import bench, bonded_console, until
from support.air.strangers import MANNERS, Manner, strangers

TOGETHER: Final = ("comes and goes, ever new", "holds", "comes and goes", "holds, ever new")


async def measure(manners: tuple[Manner, ...], runs: int, *, in_window: bool) -> list[float]:
    """Return how long the bonded host took, each time that it came."""
    keys, clock = MemoryKeyStore(), asyncio.get_running_loop().time
    took_s: list[float] = []
    async with bench(Path(tempfile.mkdtemp())) as there:
        async with bonded_console(there, keys):
            pass
        await until(lambda: not there.roller.connected)
        async with strangers(there.air, lambda: there.roller.air_address, *manners):
            for number in range(runs):
                if in_window:
                    there.roller.press_button(2.5)
                await asyncio.sleep(0.37 * number)
                async with host_on_air(there.air, keys) as host:
                    began_s = clock()
                    await host.connect(there.roller.air_address)
                    await host.encrypt()
                    took_s.append(clock() - began_s)
                await asyncio.sleep(0.5)
    return took_s


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    cases = {"nobody": (), **{name: (manner,) for name, manner in MANNERS.items()}}
    cases["four together"] = tuple(MANNERS[name] for name in TOGETHER)
    # A stranger whose attempt ends in the middle makes its own stack complain, which is of no interest here.
    logging.disable(logging.CRITICAL)
    print("| stranger | window | median s | worst s |\n|---|---|---|---|")
    for name, manners in cases.items():
        for in_window in (False, True):
            with virtual_runner() as runner:
                took_s = runner.run(measure(manners, runs, in_window=in_window))
            window = "open" if in_window else "closed"
            print(f"| {name} | {window} | {statistics.median(took_s):.2f} | {max(took_s):.2f} |", flush=True)


if __name__ == "__main__":
    main()
