"""Do all that can happen to frames, on several connections, and compare the books with what was done.

Frames are lost, repeated, delayed by up to 120 places, spoiled, and dropped by the host's own queue when they come in
bursts; the roller restarts, between connections and in the middle of one; some ends nobody knows. The books and the
truth must be equal in every number. Exit status 1 when they differ for any seed.

python tests/measure/links/frame_books.py [--seeds 1000] [--first 0]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.device.books import accounted


def main() -> int:
    """Print how many books differ, and how much was done in all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    done, wrong = Counter[str](), 0
    for seed in range(options.first, options.first + options.seeds):
        found, wanted = accounted(seed)
        done.update(asdict(wanted))
        total = found.received + found.lost + found.duplicate + found.late
        if found != wanted or total != found.sent:
            wrong += 1
            print(f"seed {seed}: {found}, but it was {wanted}")
    print(f"{options.seeds} runs, {wrong} of them not exact")
    print(", ".join(f"{count} {name}" for name, count in done.items()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
