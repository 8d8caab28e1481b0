"""Measure how long electrode and motor go on after a stop, for each request that can be under way when it comes.

    python tests/measure/times/stop_in_flight.py --runs 20 --interval-ms 30

Virtual time, in one process: glowtool's driver with a massage on a virtual roller that has a stop point, and on an
older one that has none. The stop comes at a random moment up to three intervals after the request was written. A time
goes from the stop to the first moment, to a millisecond, at which nothing is driven. Exit status 1 when a time on the
roller with the stop point is over one interval and 10 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.air.air import Air
from glowsim.air.conditions import LinkConditions
from glowsim.air.transport import in_process_transport
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import load
from glowsim.time.virtual_time import in_virtual_time
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import GlowtoolError
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.protocol.vocabulary import Setting
from glowtool.safety import Gate
from support.stack.massage import FIND_S, Display, bond, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

#: The firmware sees to its outputs every 10 ms.
TICK_MS: Final = 10.0

#: A stop that has not ended everything by now never will.
GIVE_UP_S: Final = 2.0

ROLLERS: Final = {"stop point": "nominal", "older roller": "older-roller"}


async def _nothing(_roller: Roller) -> None:
    pass


async def _both(roller: Roller) -> None:
    await asyncio.gather(roller._up.read_channels(), roller.trim(50, 50))


REQUESTS: Final[dict[str, Callable[[Roller], Coroutine[object, object, object]]]] = {
    "nothing": _nothing,
    "heartbeat": Roller.heartbeat,
    "trim": lambda roller: roller.trim(50, 50),
    "extend": lambda roller: roller.extend(1000),
    "skip": Roller.skip,
    "setting": lambda roller: roller.setting(Setting.WATCHDOG_MS),
    "telemetry": lambda roller: roller.telemetry_start(200),
    "records": lambda roller: roller.archive.records(),
    "status, read": lambda roller: roller._up.read_status(),
    "channel table, read": lambda roller: roller._up.read_channels(),
    "table and trim": _both,
}


@asynccontextmanager
async def paired(folder: Path, scenario: str, interval_s: float) -> AsyncIterator[tuple[VirtualRoller, Roller]]:
    """Yield a virtual roller, and glowtool's driver on a connection to it."""
    air, display = Air(), Display()
    air.set_conditions(LinkConditions(interval_s=interval_s, supervision_s=4.0))
    async with (
        VirtualRoller.open(air, folder / "sim", load(scenario), seed=1, display=display.show) as virtual,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        device = await find_device(adapter, virtual.address, FIND_S)
        await bond(adapter, device, display)
        async with Roller.open(partial(adapter.client, device), Gate()) as roller:
            yield virtual, roller


async def one_stop(virtual: VirtualRoller, roller: Roller, name: str, after_s: float) -> float:
    """Start a massage, ask for something, stop, and return how long the outputs went on, in ms."""
    await roller.upload(Program((step(Zone.CHEEK_LEFT, 30_000), step(Zone.CHEEK_RIGHT, 30_000))))
    await roller.start()
    levels = (await roller.heartbeat()).levels
    for _ in range(50):
        if levels.peak_ua and levels.amplitude:
            break
        await asyncio.sleep(0.1)
        levels = (await roller.heartbeat()).levels
    assert not levels.zero, "the outputs came on"
    clock = asyncio.get_running_loop().time
    asked = asyncio.ensure_future(REQUESTS[name](roller))
    await asyncio.sleep(after_s)
    began_s = clock()
    stopping = roller.post_stop()
    while not virtual.machine._firmware.drive.quiet and clock() - began_s < GIVE_UP_S:  # noqa: ASYNC110 - nothing there can be awaited
        await asyncio.sleep(0.001)
    took_ms = (clock() - began_s) * 1000
    await stopping
    with suppress(GlowtoolError):  # a stop overtakes what would go on
        await asked
    return took_ms


@in_virtual_time
async def measure(folder: Path, scenario: str, name: str, asked: argparse.Namespace) -> list[float]:
    """Return how long the outputs went on after each stop."""
    interval_s, chance = asked.interval_ms / 1000, random.Random(asked.seed)
    async with paired(folder, scenario, interval_s) as (virtual, roller):
        return [await one_stop(virtual, roller, name, chance.uniform(0, 3 * interval_s)) for _ in range(asked.runs)]


def main() -> int:
    """Measure, and print the table of median and worst."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--interval-ms", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    late = 0
    print(f"virtual time, interval {asked.interval_ms:g} ms, seed {asked.seed}, {asked.runs} stops each\n")
    heads = [f"{kind}: median, ms | worst, ms" for kind in ROLLERS]
    print(f"| under way | {' | '.join(heads)} |\n|{'---|' * (1 + 2 * len(ROLLERS))}")
    for name in REQUESTS:
        cells = []
        for kind, scenario in ROLLERS.items():
            with tempfile.TemporaryDirectory() as folder:
                times = measure(Path(folder), scenario, name, asked)
            cells += [f"{statistics.median(times):.1f}", f"{max(times):.1f}"]
            late += kind == "stop point" and max(times) > asked.interval_ms + TICK_MS
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
