"""Walk two bonded hosts, a stranger, the button and the power at random, and check the rule of ownership.

    PYTHONPATH=tests python -m measure.links.two_hosts [--number 200] [--seed 1] [--acts 120]

Prints what was met and how often another host was refused; 1 when the rule was broken in any of them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from support.stack.two_hosts_walk import Walk, WalkError


def main() -> int:
    """Walk, count, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--acts", type=int, default=120)
    wanted = parser.parse_args()
    met: Counter[str] = Counter()
    broken = refused = driven = 0
    for seed in range(wanted.seed, wanted.seed + wanted.number):
        walk = Walk(seed)
        try:
            walk.run(wanted.acts)
        except WalkError as error:
            broken += 1
            print(f"seed {seed}: {error}")
        met.update(walk.book.met)
        refused += walk.book.refused
        driven += bool(walk.book.driven_ticks)
    print(
        f"{wanted.number} walks of {wanted.acts} acts, seeds from {wanted.seed}: {broken} broke the rule of ownership"
    )
    print(f"outputs were on in {driven}; another host was refused {refused} times")
    print("met in walks: " + ", ".join(f"{name} {count}" for name, count in sorted(met.items())))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
