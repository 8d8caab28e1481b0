"""Measure how many rollers one air carries in real time, each sending all fast channels at 200 Hz to its host.

    python tests/measure/times/twenty_rollers.py --rollers 20 --seconds 20
    python tests/measure/times/twenty_rollers.py --search        # the largest number that holds

All rollers run in one process, this one; the hosts, one for each roller, run in another one over HCI/TCP, or with
`--together` here as well. Frames are counted by their sequence numbers: a roller holds when none is missing, none came
twice, and as many came as are due in the time. CPU shares are of one core, from the system's own accounts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.adapter.server import serving
from glowsim.air.air import Air
from glowsim.air.conditions import LinkConditions
from glowsim.roller.rollers import MOST, rollers_on
from glowsim.scene.scenario import Scenario
from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.telemetry import FrameHeader
from glowtool.protocol.wire import decode
from support.air.radio import host_on_air, host_over_tcp
from support.air.rollers import Console

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractAsyncContextManager

    from glowsim.peripheral.pairing.screen import Screen
    from support.air.radio import RadioHost

RATE_HZ = 200
#: Frames that may be under way, or due in the second, when counting begins and ends.
EDGE_FRAMES = 25


@dataclass(frozen=True)
class Roller:
    """What a host must know to pair with a roller."""

    address: str
    passkey: int


@dataclass(frozen=True)
class Count:
    """What the hosts received: of the frames of all rollers, and CPU seconds of their process in the time."""

    received: int
    missing: int
    repeated: int
    fewest: int
    most: int
    seconds: float
    cpu_s: float

    @property
    def holds(self) -> bool:
        """Whether nothing is missing, and every roller kept up with the clock."""
        due = self.seconds * RATE_HZ / 10
        return self.missing == 0 and self.repeated == 0 and self.fewest >= due - EDGE_FRAMES


async def received(
    hosts: Sequence[AbstractAsyncContextManager[RadioHost]], rollers: Sequence[Roller], s: float
) -> Count:
    """Pair each host with its roller, one after the other, then receive from all at once."""
    async with AsyncExitStack() as stack:
        consoles = []
        for host_context, roller in zip(hosts, rollers, strict=True):
            host = await stack.enter_async_context(host_context)
            await host.connect(roller.address)
            await host.pair(lambda passkey=roller.passkey: passkey)  # type: ignore[misc]  # bound early
            console = Console(host)
            await console.open()
            consoles.append(console)
        for console in consoles:
            await console.ask(Opcode.TELEMETRY_START, TelemetryStart(RATE_HZ, ALL_FAST))
        await asyncio.sleep(1.0)
        before = [len(console.frames) for console in consoles]
        began_s, cpu_s = time.monotonic(), time.process_time()
        await asyncio.sleep(s)
        passed_s, used_s = time.monotonic() - began_s, time.process_time() - cpu_s
        sequences = [[decode(FrameHeader, frame).sequence for frame in console.frames] for console in consoles]
    counts = [len(ours) - start for ours, start in zip(sequences, before, strict=True)]
    missing = sum(max(ours) + 1 - len(set(ours)) for ours in sequences)
    repeated = sum(len(ours) - len(set(ours)) for ours in sequences)
    return Count(sum(counts), missing, repeated, min(counts), max(counts), passed_s, used_s)


def address_of(number: int) -> str:
    """Return the address of a host."""
    return f"C4:11:22:33:44:{number:02X}"


async def hosts_elsewhere(port: int, rollers: Sequence[Roller], s: float) -> Count:
    """Run the hosts in another process."""
    order = json.dumps({"port": port, "rollers": [asdict(roller) for roller in rollers], "seconds": s})
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--hosts", order, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await process.communicate()
    if process.returncode:
        raise TimeoutError
    return Count(**json.loads(answer))


async def as_hosts(order: str) -> None:
    """Be the process of the hosts."""
    wanted = json.loads(order)
    rollers = [Roller(**roller) for roller in wanted["rollers"]]
    hosts = [host_over_tcp(wanted["port"], address=address_of(number)) for number in range(len(rollers))]
    try:
        print(json.dumps(asdict(await received(hosts, rollers, wanted["seconds"]))))
    except TimeoutError:
        sys.exit(1)


async def measure(count: int, seconds: float, conditions: LinkConditions, *, together: bool) -> tuple[Count, float]:
    """Return what was received, and the CPU share of the process of the rollers in the whole time."""
    air, keys = Air(), dict[int, int]()
    air.set_conditions(conditions)

    def show(number: int, screen: Screen) -> None:
        if screen.passkey is not None:
            keys[number] = screen.passkey

    with tempfile.TemporaryDirectory() as folder:
        async with (
            serving(air, "127.0.0.1", 0) as port,
            rollers_on(air, Path(folder), Scenario(), count, 1, display=show) as switched_on,
        ):
            rollers = [Roller(roller.address, keys[number]) for number, roller in enumerate(switched_on, 1)]
            began_s, cpu_s = time.monotonic(), time.process_time()
            if together:
                hosts = [host_on_air(air, address=address_of(number)) for number in range(count)]
                counted = await received(hosts, rollers, seconds)
                return counted, counted.cpu_s / counted.seconds
            counted = await hosts_elsewhere(port, rollers, seconds)
            return counted, (time.process_time() - cpu_s) / (time.monotonic() - began_s)


def report(count: int, arguments: argparse.Namespace) -> bool:
    """Measure once, print a line; returns whether that many rollers hold."""
    conditions = LinkConditions(interval_s=arguments.interval_ms / 1000 if arguments.interval_ms else None)
    try:
        counted, share = asyncio.run(measure(count, arguments.seconds, conditions, together=arguments.together))
    except TimeoutError:
        print(f"{count} rollers: not all of them could be connected in time: does not hold", flush=True)
        return False
    host_share = "" if arguments.together else f", of the hosts {counted.cpu_s / counted.seconds:.0%}"
    print(
        f"{count} rollers, {counted.seconds:.1f} s: {counted.received} frames, {counted.missing} missing, "
        f"{counted.repeated} twice; fewest {counted.fewest}, most {counted.most} of one roller; "
        f"CPU of the process of the rollers {share:.0%}{host_share} of a core, load {os.getloadavg()[0]:.1f}: "
        f"{'holds' if counted.holds else 'does not hold'}",
        flush=True,
    )
    return counted.holds


def search(arguments: argparse.Namespace) -> int:
    """Return the largest number of rollers that holds, to within two."""
    low, high = 0, arguments.rollers
    while low < MOST and report(high, arguments):
        low, high = high, min(high * 2, MOST)
    while high - low > 2:
        middle = (low + high) // 2
        low, high = (middle, high) if report(middle, arguments) else (low, middle)
    return low


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rollers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--interval-ms", type=float, default=0.0, help="0: none")
    parser.add_argument("--together", action="store_true", help="hosts in the process of the rollers")
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--hosts", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.hosts:
        asyncio.run(as_hosts(arguments.hosts))
    elif arguments.search:
        print(f"the largest number that holds: {search(arguments)}")
    else:
        sys.exit(not report(arguments.rollers, arguments))


if __name__ == "__main__":
    main()
