"""Measure the finding of strokes on links that lose frames, against what the simulated hand truly did.

Each persona massages once for each seed; the same samples are sent over every link: single frames lost at random,
bursts of one to four frames, or one second of silence in every ten. What makes a stroke right is said in
support/stack/lossy_strokes.py; "whole" is the share of the true strokes without a long gap in them that were found. The
rule for gaps was settled with the seeds 1 to 6; the default seeds are others.

python tests/measure/analysis/strokes.py [--first 101] [--seeds 10] [--seconds 90] [--persona NAME]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.hand.personas import PERSONAS
from support.stack.lossy_strokes import LINKS, Score, frames_of, massage, outside_long_gaps, score, strokes_found

HEAD = "persona         frames lost       true  found    count      F1    mean      p1    p99   whole"


def measure(hand: HandParameters, seeds: range, seconds: int) -> dict[str, Score]:
    """Return the score on each link."""
    scores = {name: Score() for name in LINKS}
    for seed in seeds:
        raw, true = massage(hand, seed, seconds)
        for number, (name, link) in enumerate(LINKS.items()):
            came = link(frames_of(raw), np.random.default_rng((seed, number)))
            found = strokes_found(raw, came)
            total = score(true, found)
            whole = score(outside_long_gaps(true, came), found)
            total.whole, total.whole_right = whole.true, whole.right
            scores[name].add(total)
    return scores


def line(persona: str, link: str, total: Score) -> str:
    """Return a row: counts, F1, and by how many mm the right strokes are too long (mean, 1st and 99th percentile)."""
    mean, low, high = np.mean(total.longer_mm), *np.percentile(total.longer_mm, (1, 99))
    more = 100 * (total.found / total.true - 1)
    return (
        f"{persona:15} {link:15} {total.true:6} {total.found:6} {more:+6.1f} % {total.f1:7.4f} "
        f"{mean:+7.2f} {low:+7.2f} {high:+6.2f} {total.whole_right / total.whole:7.4f}"
    )


def main() -> None:
    """Print a row for each persona and link, and for all personas together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=90)
    parser.add_argument("--persona", choices=["nominal", *PERSONAS])
    asked = parser.parse_args()
    seeds, everybody = range(asked.first, asked.first + asked.seeds), {name: Score() for name in LINKS}
    print(f"seeds {seeds[0]} to {seeds[-1]}, {asked.seconds} s each; mean, p1, p99: too long by so many mm\n{HEAD}")
    for persona, hand in {"nominal": HandParameters(), **PERSONAS}.items():
        if asked.persona in (None, persona):
            for name, total in measure(hand, seeds, asked.seconds).items():
                everybody[name].add(total)
                print(line(persona, name, total), flush=True)
    for name, total in everybody.items():
        print(line("all", name, total))


if __name__ == "__main__":
    main()
