"""Measure how long a bonded host takes to connect over bumble, with its table of attributes asked for or kept.

    PYTHONPATH=tests .venv/bin/python -m measure.times.connect

The virtual air carries a packet in each direction once in an interval of the connection, as a radio does.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from glowsim.air.air import Air
from glowsim.scene.scenario import Scenario
from glowtool.link.bumble.gatt.table_cache import TABLES_FILE
from radio.acts import bond, found
from radio.stacks.stack import open_bumble_stack

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice

    from radio.stacks.stack import Stack

INTERVALS_MS = (7.5, 15.0, 30.0)
TIMES = 10


async def connect_s(stack: Stack, device: BLEDevice) -> float:
    """Return how long connecting, encrypting and knowing the services takes."""
    began_s = time.perf_counter()
    async with stack.adapter().client(device):
        return time.perf_counter() - began_s


async def measure(interval_ms: float, folder: Path) -> tuple[float, float]:
    """Return the median times in s to connect with the table asked for each time, and with it kept."""
    scenario = Scenario.model_validate({"link": {"interval_s": interval_ms / 1000}})
    async with open_bumble_stack(Air(), folder) as stack, stack.roller(scenario=scenario) as held:
        await bond(stack, held)
        device = await found(stack.adapter(), held)
        asked, kept = [], []
        for _ in range(TIMES):
            (folder / "host" / TABLES_FILE).unlink(missing_ok=True)
            asked.append(await connect_s(stack, device))
            kept.append(await connect_s(stack, device))
    return statistics.median(asked), statistics.median(kept)


def main() -> None:
    # Each connection asks the virtual controller for longer packets, which it does not know.
    logging.getLogger("bumble").setLevel(logging.ERROR)
    print(f"time to connect, median of {TIMES}")
    for interval_ms in INTERVALS_MS:
        with tempfile.TemporaryDirectory() as folder:
            asked_s, kept_s = asyncio.run(measure(interval_ms, Path(folder)))
        print(f"interval {interval_ms:4.1f} ms: table asked for {asked_s:.2f} s, table kept {kept_s:.2f} s")


if __name__ == "__main__":
    main()
