"""Run rollers that do what they are sent, and count how often one is called a liar: it must be never.

Every built-in routine whole with every scenario that it can run under; then shortened ones, under each scenario, with
another host's skips, pauses and trims, a link that is cut, and the button. Full stack, virtual time, seeded.

python tests/measure/hostile/honest_rollers.py [--seeds 4] [--first 1]
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.scene.scenario import built_in
from glowsim.time.virtual_time import in_virtual_time
from glowtool.errors import GlowtoolError, RogueRollerError
from glowtool.store.routines.load import builtin_names
from support.stack.honest import Honest, run_honest

#: Scenarios in which pairing itself is the matter.
LEFT_OUT = {"no-display", "numbers-to-compare", "private-address"}


def cases(first: int, seeds: int) -> list[Honest]:
    """Return every case."""
    names = [name for name in built_in() if name not in LEFT_OUT]
    whole = [Honest(first, routine, name) for routine in builtin_names() for name in names]
    short = [
        Honest(seed, "first-glow", name, meddled=kind in {0, 3}, cuts=2 if kind in {1, 3} else 0, step_s=12,
               button_at_s=9.0 if kind == 2 else None)
        for seed in range(first, first + seeds) for name in names for kind in range(4)
    ]  # fmt: skip
    return whole + short


def main() -> int:
    """Print a line for each false alarm, and the sum; exit status 1 when there was one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first", type=int, default=1)
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    endings, alarms, began_s = Counter[str](), 0, time.perf_counter()
    for case in cases(asked.first, asked.seeds):
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = in_virtual_time(run_honest)(Path(folder), case)
            except* GlowtoolError as errors:
                endings[f"not begun: {type(errors.exceptions[0]).__name__}"] += 1
                result = None
        if result is None:
            continue
        endings[str(result.ending)] += 1
        if isinstance(result.problem, RogueRollerError):
            alarms += 1
            print(f"false alarm: {case}: {result.reason}", flush=True)
    total = sum(endings.values())
    print(f"{total} massages, {alarms} false alarms, {time.perf_counter() - began_s:.0f} s")
    for ending, times in endings.most_common():
        print(f"  {ending:<40} {times}")
    return 1 if alarms else 0


if __name__ == "__main__":
    sys.exit(main())
