"""Measure how many bad cells are told while a massage runs, how late, and how often a whole cell is called bad.

For each fault, over all personas and the given seeds: how often the right cell is named, by which sign, how often
another one is, and how long after the beginning of the fault it is said. Whole massages show false alarms, with whole
cells whose tolerances, hysteresis, drift and noise are those of the simulated roller. The rule was settled with the
seeds 1 to 3; the default seeds are others. With --after: the same, by the analysis after the fact.

python tests/measure/analysis/live_cells.py [--first 101] [--seeds 5] [--seconds 90] [--after]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.physics.hand.personas import PERSONAS
from glowtool.analysis.cells.faults import find_cell_faults
from support.logs.bad_cells import CELLS, FAULTS, recording, with_fault
from support.logs.streams import RATE_HZ
from support.logs.watched import watched

if TYPE_CHECKING:
    from glowtool.analysis.recordings.recording import Recording

#: What is told of a massage: the cell, the kind of its fault, and when, in s since its beginning.
Told = list[tuple[str, str, float]]


def told_live(massage: Recording) -> Told:
    """Return what the stream says, and when it says so."""
    return [(each.cell, each.kind.value, each.known_us / 1e6) for each in watched(massage)]


def told_afterwards(massage: Recording) -> Told:
    """Return what the analysis says, and from when on it leaves the cell out."""
    return [(each.cell, each.kind.value, each.since / RATE_HZ) for each in find_cell_faults(massage)]


def main() -> None:
    """Print a line for whole cells, and one for each fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=90)
    parser.add_argument("--after", action="store_true")
    given = parser.parse_args()
    told = told_afterwards if given.after else told_live
    seeds = range(given.first, given.first + given.seeds)
    runs = [(persona, seed) for persona in PERSONAS for seed in seeds]
    alarms = [(*run, *each) for run in runs for each in told(recording(*run, given.seconds))]
    print(f"seeds {seeds.start} to {seeds.stop - 1}, {len(runs)} massages of {given.seconds} s")
    print(f"false alarms: {len(alarms)}")
    for alarm in alarms:
        print(f"  {alarm}")
    for fault in FAULTS:
        named = wrong = 0
        late: list[float] = []
        kinds: Counter[str] = Counter()
        for number, (persona, seed) in enumerate(runs):
            chance = np.random.default_rng((seed, number))
            at, cell = int(chance.integers(20, given.seconds - 30)) * RATE_HZ, CELLS[int(chance.integers(4))]
            found = told(with_fault(recording(persona, seed, given.seconds), cell, fault, at, seed))
            right = [each for each in found if each[0] == cell]
            named += bool(right)
            wrong += len(found) - len(right)
            late += [when - at / RATE_HZ for _, _, when in right]
            kinds.update(kind for _, kind, _ in right)
        delay = f"{np.median(late):.1f} s ({min(late):.1f} to {max(late):.1f})" if late else "-"
        signs = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        print(f"{fault:18} named {named}/{len(runs)}, another {wrong}, after {delay}; {signs}")


if __name__ == "__main__":
    main()
