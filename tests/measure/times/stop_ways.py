"""Measure how long electrode and motor go on after each way to stop a massage, in one process, and print the table.

    python tests/measure/times/stop_ways.py --runs 50                    (virtual time, a connection interval of 30 ms)
    python tests/measure/times/stop_ways.py --runs 50 --real             (real time, in this process)
    python tests/measure/times/stop_ways.py --runs 50 --real --busy 2    (the same beside two loops that spin)

Each run is a whole massage of a session on a virtual roller over the simulated radio; the way comes at a random moment
at which both outputs are on. A time goes from there to the first tick of the delivered record from which on the outputs
stay zero: both, or for a lost contact the current alone, which is all that ends then. Ctrl-C, SIGTERM and
`glowtool stop` enter where a signal or the control socket enters, real ones with --real; keys enter as what was typed;
after kill -9 the host says nothing more on a connection that stays. `tests/measure/times/stop_latency.py` measures
processes. Exit status 1 when a time is over its bound.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.air.air import Air
from glowsim.air.conditions import LinkConditions
from glowsim.air.transport import in_process_transport
from glowsim.evidence.record import read_delivered
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time, unix_us
from glowtool.app.hold.control import Stopped, ask_to_stop, listening
from glowtool.app.hold.interruption import Stopper
from glowtool.cli.steering.hand import Hand
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import GlowtoolError
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.model.face import Zone
from glowtool.model.status import Status
from glowtool.safety import Gate
from glowtool.session.do.runner import Session
from glowtool.session.news import OutputsZero
from support.stack.massage import FIND_S, Bench, Display, bond, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from glowtool.session.news import MassageNews

#: No packet arrives from here.
OUT_OF_REACH_M: Final = 10_000.0

#: A stop leaves at the next event of the connection, whatever request waits for its answer.
INTERVALS: Final = 1

SPIN: Final = "while True:\n    pass"

#: The ways, and the most that each may take beside connection intervals, in ms: a stop is one command; the watchdog has
#: a second; the current ends within 20 ms of a lost contact.
WAYS: Final = {
    "Ctrl-C": 10, "SIGTERM": 10, "glowtool stop": 10, "the key q": 10, "the key x (latches)": 10, "kill -9": 1050,
    "link loss": 1050, "the roller's button": 50, "contact lost": 25,
}  # fmt: skip


@dataclass
class Run:
    """One massage: when it was stopped, by the clock of its record."""

    session: Session
    stopper: Stopper = field(default_factory=Stopper)
    on: asyncio.Event = field(default_factory=asyncio.Event)
    zero: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, news: MassageNews) -> None:
        if isinstance(news, Status) and news.levels.peak_ua and news.levels.amplitude:
            self.on.set()
        if isinstance(news, OutputsZero):
            self.zero.set()

    # What a hand steers.

    def stop_once(self) -> None:
        self.stopper.once()

    def emergency_stop(self) -> None:
        self.session.emergency_stop()

    def steer(self, _ask: object) -> None:
        raise AssertionError("no key of these steers")


@dataclass(frozen=True, slots=True)
class Stage:
    """A roller, a host bonded with it, and the clock of the roller's record."""

    roller: VirtualRoller
    bench: Bench
    real: bool
    clock: Callable[[], int]


async def stop(way: str, stage: Stage, run: Run) -> int:
    """Stop a massage in one way; return when."""
    sent_us = stage.clock()
    match way:
        case "Ctrl-C" | "SIGTERM" if stage.real:
            os.kill(os.getpid(), signal.SIGINT if way == "Ctrl-C" else signal.SIGTERM)
        case "Ctrl-C" | "SIGTERM":
            run.stopper.hear()
        case "glowtool stop" if stage.real:
            with suppress(GlowtoolError):
                await ask_to_stop(stage.bench.folder / "s", 5.0)
        case "glowtool stop":
            run.stopper.once()
        case "the key q" | "the key x (latches)":
            Hand(run).take(way[8])  # type: ignore[arg-type]  # what a hand needs of a massage
        case "kill -9":
            leg = run.session._leg
            assert leg is not None
            leg.fall_silent()
        case "link loss":
            stage.roller.go_away(OUT_OF_REACH_M)
        case "the roller's button":
            stage.roller.press_button(0.1)
        case "contact lost":
            stage.roller.body.lift()
    return sent_us


async def one_run(way: str, stage: Stage, chance: random.Random) -> int:
    """Run a massage and stop it; return when, by the clock of the record."""
    plan = stage.bench.plan(step(Zone.CHEEK_LEFT, 60_000))
    clock_us = plan.host_clock_us if stage.real else unix_us
    run = Run(Session(replace(plan, rate_hz=50, host_clock_us=clock_us)))
    stage.roller.go_away(None)
    stage.roller.body.set_down()

    async def massage() -> None:
        instead = run.stopper.does_instead(run.session.request_stop)
        with run.stopper.stops_this_task(), instead, suppress(GlowtoolError):
            await run.session.run(run.publish)

    async def answer() -> Stopped:
        run.stopper.once()
        await run.zero.wait()
        return Stopped(confirmed=True, stop_ms=None)

    async with _socket(stage, answer), asyncio.TaskGroup() as group:
        running = group.create_task(massage())
        async with asyncio.timeout(20.0):
            await run.on.wait()
        await asyncio.sleep(chance.uniform(0.3, 1.0))
        with _signals(stage, run):
            sent_us = await stop(way, stage, run)
            await asyncio.sleep(1.5)
        run.session.request_stop()
        stage.roller.go_away(None)
        await running
    if way.startswith("the key x"):
        await asyncio.sleep(2.1)
        async with Roller.open(stage.bench.client_for, Gate()) as roller:
            await roller.rearm()
    return sent_us


@asynccontextmanager
async def _socket(stage: Stage, answer: Callable[[], object]) -> AsyncIterator[None]:
    if not stage.real:  # a socket has no virtual time
        yield
        return
    async with listening(stage.bench.folder / "s", answer):  # type: ignore[arg-type]  # a coroutine function
        yield


@contextmanager
def _signals(stage: Stage, run: Run) -> Iterator[None]:
    if not stage.real:
        yield
        return
    before = {
        number: signal.signal(number, lambda *_: run.stopper.hear()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def measure(
    folder: Path, way: str, runs: int, chance: random.Random, *, real: bool, interval_ms: float
) -> list[int]:
    """Run massages and stop each in one way; return when each was stopped."""
    air, display = Air(), Display()
    if not real:
        air.set_conditions(LinkConditions(interval_s=interval_ms / 1000, supervision_s=4.0))
    async with (
        VirtualRoller.open(air, folder / "sim", Scenario(), seed=1, display=display.show) as roller,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        device = await find_device(adapter, roller.address, FIND_S)
        await bond(adapter, device, display)
        offset_us = roller.machine.now_us - asyncio.get_running_loop().time() * 1e6
        clock = (
            (lambda: time.time_ns() // 1000)
            if real
            else (lambda: round(asyncio.get_running_loop().time() * 1e6 + offset_us))
        )
        stage = Stage(roller, Bench(adapter, device, folder, paired_now=True), real, clock)
        return [await one_run(way, stage, chance) for _ in range(runs)]


def times_ms(folder: Path, way: str, stopped_us: list[int], *, real: bool) -> list[float]:
    """Return, for each stop, how long the outputs went on."""
    record = read_delivered(folder / "sim")
    at_us = record["done_unix_us" if real else "time_us"].astype("i8")
    lifted = way == "contact lost"
    on = record["drive_peak_ua"] > 0
    if not lifted:
        on = on | (record["peak_ua"] > 0) | (record["drive_amplitude"] > 0)
    found = []
    for sent_us in stopped_us:
        ours = (at_us >= sent_us - 50_000) & (at_us < sent_us + 1_450_000)
        times, flowing = at_us[ours], on[ours]
        assert flowing[0], "the outputs were on"
        assert not flowing[-1], "they came to zero"
        last = max(index for index, flows in enumerate(flowing) if flows)
        # A hand takes a moment to lift a roller: the contact is lost when no skin is touched any more.
        since_us = times[record["contact_area_cm2"][ours] == 0][0] if lifted else sent_us
        found.append(max(0.0, (times[last + 1] - since_us) / 1000))
    return found


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Let so many processes spin beside."""
    processes = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def measured(way: str, asked: argparse.Namespace) -> list[float]:
    """Run the massages of one way on a roller of their own, and return how long the outputs went on in each."""
    with tempfile.TemporaryDirectory() as name:
        folder, chance = Path(name), random.Random(asked.seed)

        def work() -> Coroutine[object, object, list[int]]:
            return measure(folder, way, asked.runs, chance, real=asked.real, interval_ms=asked.interval_ms)

        stopped_us = asyncio.run(work()) if asked.real else in_virtual_time(work)()
        return times_ms(folder, way, stopped_us, real=asked.real)


def main() -> int:
    """Measure, and print the table of median and worst."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--way", action="append", choices=list(WAYS), help="only this way; may be given again")
    parser.add_argument("--real", action="store_true", help="in real time")
    parser.add_argument("--busy", type=int, default=0, help="so many loops spin beside; with --real")
    parser.add_argument("--interval-ms", type=float, default=30.0, help="the connection interval in virtual time")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    late, began_s = 0, time.monotonic()
    kind = f"real time, {asked.busy} busy loops" if asked.real else f"virtual time, interval {asked.interval_ms:g} ms"
    print(f"{kind}, seed {asked.seed}\n\n| stopped by | median, ms | worst, ms | runs |\n|---|---|---|---|")
    with busy(asked.busy):
        for way in asked.way or WAYS:
            times = measured(way, asked)
            late += not asked.real and max(times) > WAYS[way] + INTERVALS * asked.interval_ms
            print(f"| {way} | {statistics.median(times):.1f} | {max(times):.1f} | {len(times)} |", flush=True)
    print(f"\n{time.monotonic() - began_s:.0f} s")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
