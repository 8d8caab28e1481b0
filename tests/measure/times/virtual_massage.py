"""Measure a massage over the full stack in virtual time, twice: wall time, ratio to real time, and the same bytes.

A machine is not always as fast, so each time is also told as a multiple of that of a plain loop, before and after.

python tests/measure/times/virtual_massage.py [--minutes 20] [--rate 200] [--seed 1] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import pstats
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowsim.time.virtual_time import in_virtual_time
from support.stack.full_stack import massage

#: Turns of the loop that the massage is held against, some tenths of a second.
_REFERENCE_TURNS = 3_000_000


def reference_s() -> float:
    """Return the processor time of a plain loop, the least of three: how fast the machine is at this moment."""

    def once() -> float:
        began_s, total = time.process_time(), 0
        for number in range(_REFERENCE_TURNS):
            total += number * number % 7
        return time.process_time() - began_s

    return min(once() for _ in range(3))


def main() -> int:
    """Print a line for each of two runs; exit status 1 when their bytes differ or a frame is lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", action="store_true", help="run once, and print where the time goes")
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    profile = cProfile.Profile() if asked.profile else None
    hashes, lost = set(), 0
    for _ in range(1 if asked.profile else 2):
        with tempfile.TemporaryDirectory() as folder:
            before_s = reference_s()
            began_s, busy_s = time.perf_counter(), time.process_time()
            with profile or nullcontext():
                outcome = in_virtual_time(massage)(Path(folder), asked.seed, round(asked.minutes * 60), asked.rate)
            took_s, used_s = time.perf_counter() - began_s, time.process_time() - busy_s
            loop_s = 0.5 * (before_s + reference_s())
        print(
            f"virtual {outcome.virtual_s:.1f} s, wall {took_s:.2f} s, ratio {outcome.virtual_s / took_s:.0f}, "
            f"cpu {used_s:.2f} s, {used_s / loop_s:.0f} times a reference loop of {loop_s:.3f} s, "
            f"frames {outcome.frames}, lost {outcome.frames_lost}"
        )
        print(f"  telemetry {outcome.telemetry_sha256}\n  delivered {outcome.delivered_sha256}")
        lost += outcome.frames_lost
        hashes.add((outcome.telemetry_sha256, outcome.delivered_sha256))
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)
    return 0 if len(hashes) == 1 and not lost else 1


if __name__ == "__main__":
    sys.exit(main())
