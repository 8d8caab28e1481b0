"""Let rollers lie in their bytes to `info`, `run`, `logs fetch` and `doctor`, and count internal errors and hangs.

    PYTHONPATH=tests python -m measure.hostile.rogue --number 2000 --seed 1
    PYTHONPATH=tests python -m measure.hostile.rogue --seed 1 --only 271       (one liar again, with its traceback)

Each liar is a scripted roller in virtual time, of which one value, answer, status or frame is changed: in a field of
its declaration, or at random; once, or from some message on for ever. What a massage leaves is opened, analysed and
recovered. Allowed is success, or an error of glowtool's tree. A hang is more than the stated bound of virtual time
or 10 s of real time. With --air packets are changed instead, over bumble: attributes, pairing, advertising.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
import resource
import sys
import time
import traceback
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from glowsim.time.virtual_time import VirtualTimeLoop
from glowtool.errors import GlowtoolError
from glowtool.store.rollers.known import KnownRoller
from support.air.rogue_air import BOUND_S as AIR_BOUND_S
from support.air.rogue_air import air_mutant, meet
from support.host.rogue import BOUND_S, RogueRoller, go, mutant

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KNOWN = KnownRoller(address="F0:00:00:00:00:01", name="GR-1 C0DE", serial="00C0FFEE", last_seen_utc=NOW)
REAL_S = 10.0


def lie(seed: int, number: int) -> tuple[str, str]:
    """Return what kind of end one liar's errand had, and what was said."""
    errand, mutator = mutant(number, seed)

    async def run(folder: Path) -> None:
        roller = RogueRoller(mutate=mutator).perform()
        assert isinstance(roller, RogueRoller)
        await go(errand, roller, folder, KNOWN, NOW)

    return end_of(run, BOUND_S, f"{number}: {errand.name.lower()}, {mutator.target[:8]} from {mutator.first}")


def lie_on_the_air(seed: int, number: int) -> tuple[str, str]:
    """Return what kind of end a meeting with one liar over the whole stack had, and what was said."""
    packets = air_mutant(number, seed)
    return end_of(lambda folder: meet(packets, folder), AIR_BOUND_S, f"{number}: {packets.layer.name.lower()}")


def end_of(work: Callable[[Path], Coroutine[object, object, None]], bound_s: float, what: str) -> tuple[str, str]:
    """Run something in virtual time, and return what kind of end it had and what was said."""
    unhandled: list[dict[str, object]] = []
    began_s = time.monotonic()

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
        nowhere = io.StringIO()  # what is printed is worded, and read by nobody
        with TemporaryDirectory() as folder, redirect_stdout(nowhere), redirect_stderr(nowhere):
            async with asyncio.timeout(bound_s):
                await work(Path(folder))

    try:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(run())
        kind, said = "ok", ""
    except GlowtoolError as error:  # some of which are time-outs of the link, too
        kind, said = type(error).__name__, str(error)
    except TimeoutError:
        kind, said = "HANG", traceback.format_exc()
    except BaseException:  # noqa: BLE001 - whatever it is, it is what is counted
        kind, said = "INTERNAL", traceback.format_exc()
    if unhandled:
        kind, said = "INTERNAL", "\n".join(f"{each['message']}: {each.get('exception')!r}" for each in unhandled)
    if time.monotonic() - began_s > REAL_S:
        kind = "HANG"
    return kind, f"{what}: {said}"


def main() -> int:
    """Run what the arguments ask for; 1 when there was an internal error or a hang."""
    parser = argparse.ArgumentParser(description="rollers that lie in their bytes")
    parser.add_argument("--number", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--air", action="store_true", help="change packets over bumble instead of values and answers")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    numbers = range(asked.number) if asked.only is None else range(asked.only, asked.only + 1)
    began_s = time.monotonic()
    kinds: Counter[str] = Counter()
    for number in numbers:
        kind, said = (lie_on_the_air if asked.air else lie)(asked.seed, number)
        kinds[kind] += 1
        if kind in {"INTERNAL", "HANG"} or asked.only is not None:
            print(kind, said)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"seed {asked.seed}, {len(numbers)} liars in {time.monotonic() - began_s:.0f} s")
    print(", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    print(f"internal errors {kinds['INTERNAL']}, hangs {kinds['HANG']}, peak memory {peak_mb:.0f} MB")
    return bool(kinds["INTERNAL"] or kinds["HANG"])


if __name__ == "__main__":
    sys.exit(main())
