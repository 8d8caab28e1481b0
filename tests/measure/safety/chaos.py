"""Run random massages and judge every tick of electrode and motor against every ceiling; any violation fails.

    PYTHONPATH=tests python -m measure.safety.chaos --number 1000 --seed 1
    PYTHONPATH=tests python -m measure.safety.chaos --seed 1 --only 271       (one massage again)
    PYTHONPATH=tests python -m measure.safety.chaos --cells --number 500      (no fault but four cells that lie at once)
    PYTHONPATH=tests python -m measure.safety.chaos --until-violation         (end at the first one)

Of three massages one goes over the whole radio stack in virtual time, on an impaired air, with the roller's own faults;
in the others firmware and body run without a radio, under a host, a link and sensors that misbehave (tests/chaos). All
cores are used. The same seed gives the same massages, whatever the number of processes.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import sys
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from chaos.coverage import DRAWS, never_drawn
from chaos.full_stack import run_full_massage
from chaos.judge.margins import table
from chaos.lying import run_lying_massage
from chaos.massage import run_massage
from glowtool.model.state import Interlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chaos.massage import Outcome


#: Every so many massages one goes over the radio.
RADIO_EVERY = 3


def run(seed: int, cells: bool, number: int) -> Outcome:
    """Run one massage, over the radio when it is its turn; or, for `cells`, one in which all four cells lie."""
    # What the host's own stack says about requests that it gave up is no finding.
    logging.disable(logging.CRITICAL)
    if cells:
        return run_lying_massage(seed, number)
    radio = number % RADIO_EVERY == RADIO_EVERY - 1
    return run_full_massage(seed, number) if radio else run_massage(seed, number)


def main() -> int:
    """Run what the arguments ask for; 1 when a ceiling was passed."""
    parser = argparse.ArgumentParser(description="random massages, judged tick by tick")
    parser.add_argument("--number", type=int, default=1000, help="how many massages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="run this one of the seed's massages alone")
    parser.add_argument("--cells", action="store_true", help="no fault but all four cells that stick or drift at once")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--until-violation", action="store_true", help="end at the first violation")
    asked = parser.parse_args()
    began_s = time.monotonic()
    if asked.only is not None:
        outcomes = [run(asked.seed, asked.cells, asked.only)]
    else:
        with multiprocessing.Pool(asked.processes) as pool:
            work = pool.imap_unordered(partial(run, asked.seed, asked.cells), range(asked.number), chunksize=2)
            outcomes = sorted(_taken(work, asked.until_violation), key=lambda outcome: outcome.number)
    return report(asked.seed, outcomes, time.monotonic() - began_s, "CELLS=1 " if asked.cells else "")


def _taken(work: Iterable[Outcome], until_violation: bool) -> Iterator[Outcome]:
    """Yield outcomes, up to the first violation if nothing more is wanted."""
    for outcome in work:
        yield outcome
        if until_violation and outcome.violation:
            return


def report(seed: int, outcomes: list[Outcome], wall_s: float, variant: str = "") -> int:
    """Print what was seen; returns the exit code. `variant` is what else repeats one of them."""
    ticks, commands = sum(outcome.ticks for outcome in outcomes), sum(outcome.commands for outcome in outcomes)
    print(
        f"seed {seed}, {len(outcomes)} massages, {ticks:,} ticks judged, {commands:,} commands, {wall_s:.0f} s of wall"
    )
    print("\nhow they ended:")
    _table(Counter(outcome.ending for outcome in outcomes).most_common())
    print("\nmassages in which an interlock was seen to hold something back:")
    _table((bit.name or "", sum(bit in outcome.seen for outcome in outcomes)) for bit in Interlock)
    print("\nmassages that met what:")
    met = Counter(name for outcome in outcomes for name in outcome.met)
    _table(sorted(met.items()))
    never = sorted(never_drawn(met.keys()))
    print(f"\nof {len(DRAWS)} that can be drawn, {len(never)} were not{': ' if never else ''}{', '.join(never)}")
    print("\nhow close it came to each limit:\n")
    print("\n".join(table({outcome.number: outcome.figures for outcome in outcomes})))
    broken = [outcome for outcome in outcomes if outcome.violation]
    print(f"\nviolations: {len(broken)}")
    for outcome in broken:
        print(f"  {outcome.violation}\n    again: make chaos {variant}SEED={seed} ONLY={outcome.number}")
    return 1 if broken else 0


def _table(rows: Iterable[tuple[str, object]]) -> None:
    for name, value in rows:
        print(f"  {name:48} {value:>12}")


if __name__ == "__main__":
    sys.exit(main())
