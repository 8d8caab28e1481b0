"""Lose the connection at random moments of massages over the full stack in virtual time, and judge what came of each.

python tests/measure/links/fifty_losses.py [--number 50] [--seed 1] [--only SEED] [--verbose]
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

from glowsim.time.virtual_time import in_virtual_time
from support.stack.losses import case_of, run_case
from support.stack.losses_judge import Verdict, verdict_of

HEAD = (
    f"{'seed':>4}  {'how it was lost':<31} {'policy':<14} {'at s':>5}  {'ending':<10} {'zero':>6}  {'losses':>6}  "
    f"{'frames':>6}  {'lost':>4}  {'twice':>5}  {'late':>4}  {'took s':>6}"
)


def line(verdict: Verdict) -> str:
    """Return a verdict as a line of the table."""
    case = verdict.case
    zero = "yes" if verdict.confirmed else "itself"
    unknown = "+?" if verdict.unsettled else ""
    return (
        f"{case.seed:>4}  {case.kind:<31} {case.answer:<14} {case.at_s:5.1f}  {verdict.ending:<10} "
        f"{verdict.zero_after_s:6.3f}  {verdict.losses:>6}  {verdict.sent:>6}{unknown:<2}{verdict.lost:>4}  "
        f"{verdict.duplicate:>5}  {verdict.late:>4}  {verdict.took_s:6.1f}  {zero}"
    )


def main() -> int:
    """Print a line for each massage and the sums; exit status 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--verbose", action="store_true", help="print why each ended")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    began_s, verdicts = time.perf_counter(), list[Verdict]()
    print(HEAD)
    seeds = [asked.only] if asked.only is not None else range(asked.seed, asked.seed + asked.number)
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            verdict = verdict_of(in_virtual_time(run_case)(Path(folder), case_of(seed)))
        verdicts.append(verdict)
        print(line(verdict))
        if asked.verbose:
            print(f"      {verdict.reason}")
        for problem in verdict.wrong:
            print(f"      WRONG: {problem}")
    _print_sums(verdicts, time.perf_counter() - began_s)
    return 1 if any(verdict.wrong for verdict in verdicts) else 0


def _print_sums(verdicts: list[Verdict], took_s: float) -> None:
    endings = Counter(str(verdict.ending) for verdict in verdicts if verdict.losses)
    settled = [verdict for verdict in verdicts if not verdict.unsettled]
    unknown = [verdict for verdict in verdicts if verdict.unsettled]
    print(f"\n{len(verdicts)} massages, {sum(verdict.losses for verdict in verdicts)} losses noticed")
    print(f"ended: {', '.join(f'{count} {name}' for name, count in sorted(endings.items()))}")
    print(f"outputs zero after a loss: {max(verdict.zero_after_s for verdict in verdicts):.3f} s at the latest")
    print(f"{len(settled)} with settled books: {_books(settled)}")
    print(f"{len(unknown)} whose last stream has no known end, which the log says: {_books(unknown)}")
    longest_s = max(verdict.took_s for verdict in verdicts)
    print(f"longest {longest_s:.1f} s of virtual time, {took_s:.1f} s of wall time in all")
    print(f"wrong: {sum(bool(verdict.wrong) for verdict in verdicts)}")


def _books(verdicts: list[Verdict]) -> str:
    really = sum(verdict.really_sent for verdict in verdicts)
    sums = {name: sum(getattr(verdict, name) for verdict in verdicts) for name in ("received", "lost", "late")}
    booked = " + ".join(f"{count} {name}" for name, count in sums.items())
    return f"{booked} = {sum(sums.values())} of {really} frames that left the rollers"


if __name__ == "__main__":
    sys.exit(main())
