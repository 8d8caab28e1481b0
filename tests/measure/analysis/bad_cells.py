"""Measure what a pressure cell that goes bad in mid-massage does to the analysis, seen and unseen.

For each fault, over all personas and the given seeds: how often the right cell is named, how often another one is, how
long after the beginning it counts as bad (negative: left out from earlier on, since the air only says so afterwards),
and by how much each measure of the session is off from the same massage with whole cells, as a median and at most:
once with the bad cell in every measure, and once as the analysis leaves it out. Whole massages show false alarms.
The rule was settled with the seeds 1 to 3; the default seeds are others.

python tests/measure/analysis/bad_cells.py [--first 101] [--seeds 5] [--seconds 90]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.physics.hand.personas import PERSONAS
from glowtool.analysis.analyse import analyse
from glowtool.analysis.cells.faults import find_cell_faults
from support.logs.bad_cells import CELLS, FAULTS, recording, with_fault
from support.logs.streams import RATE_HZ

#: Key of a measure of both heads, or of the symmetry, and whether its change is told in percent of itself.
MEASURES = {
    "mean_pressure_kpa": True,
    "pressure_time_kpa_s": True,
    "mean_force_n": True,
    "time_in_band_share": False,
    "stroke_count": True,
    "mean_pressure_symmetry_percent": False,
}


def values(summary: object) -> dict[str, float]:
    """Return the measures of a summary; what is not measured counts as 0."""
    scope = summary.session  # type: ignore[attr-defined]  # a SessionSummary
    everything = {**scope.both, **scope.symmetry}
    return {key: float(everything[key] or 0.0) for key in MEASURES}


def moved(true: dict[str, float], seen: dict[str, float]) -> list[float]:
    """Return by how much each measure moved: in percent of the true one, or in its own hundredths."""
    by = []
    for key, relative in MEASURES.items():
        change = seen[key] - true[key]
        share = key.endswith("share")
        by.append(100 * change / true[key] if relative else 100 * change if share else change)
    return by


def main() -> None:
    """Print a line for each fault and each way of looking."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=90)
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    runs = [(persona, seed) for persona in PERSONAS for seed in seeds]
    alarms = sum(bool(find_cell_faults(recording(*run, given.seconds))) for run in runs)
    print(f"seeds {seeds.start} to {seeds.stop - 1}, {len(runs)} massages of {given.seconds} s; false alarms: {alarms}")
    print("median / most of |change|: mean %, PTI %, force %, in band points, strokes %, symmetry points")
    for fault in FAULTS:
        named = wrong = 0
        late: list[float] = []
        unseen, seen = [], []
        for number, (persona, seed) in enumerate(runs):
            chance = np.random.default_rng((seed, number))
            at, cell = int(chance.integers(20, given.seconds - 30)) * RATE_HZ, CELLS[int(chance.integers(4))]
            whole = recording(persona, seed, given.seconds)
            broken = with_fault(whole, cell, fault, at, seed)
            found = find_cell_faults(broken)
            late += [(each.since - at) / RATE_HZ for each in found if each.cell == cell]
            named += any(each.cell == cell for each in found)
            wrong += sum(each.cell != cell for each in found)
            true = values(analyse(whole))
            with patch("glowtool.analysis.analyse.find_cell_faults", return_value=()):
                unseen.append(moved(true, values(analyse(broken))))
            seen.append(moved(true, values(analyse(broken))))
        delay = f"{np.median(late):+.1f} s ({min(late):+.1f} to {max(late):+.1f})" if late else "-"
        print(f"{fault:18} named {named}/{len(runs)}, another {wrong}, after {delay}")
        for what, table in (("unseen", unseen), ("left out", seen)):
            size = np.abs(np.array(table))
            print(
                f"  {what:9}",
                "  ".join(f"{m:6.1f}/{w:6.1f}" for m, w in zip(np.median(size, 0), size.max(0), strict=True)),
            )


if __name__ == "__main__":
    main()
