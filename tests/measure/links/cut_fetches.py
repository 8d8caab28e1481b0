"""Cut `logs fetch --remove` at each of its frames, in each way, over the full stack, and judge what is there.

python tests/measure/links/cut_fetches.py [--every 1]

A frame is a command or an answer. In the end each record has to be there once, intact, counted once, and gone from the
roller. Of what arrived before the cut nothing may be asked again; the answer that the cut took, or that found no room
on the disk, may.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.stack.cut_fetch import RECORDS, Cut, cut_at, frames_of, prepare


def main() -> int:
    """Print a line for each way of cutting; exit status 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="only every so many frames")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        prepared = folder / "prepared"
        prepared.mkdir()
        prepare(prepared)
        frames = frames_of(prepared, folder / "whole")
        print(f"{len(RECORDS)} records, {frames} frames; cut at every {asked.every}. of them")
        for cut in Cut:
            at = range(0, frames, asked.every)
            came = [cut_at(prepared, folder / f"{cut.name}-{frame}", cut, frame) for frame in at]
            bad = [(frame, each) for frame, each in zip(at, came, strict=True) if each.wrong or each.asked_twice > 1]
            wrong += len(bad)
            print(
                f"{cut}: {len(came)} fetches, {len(came) - len(bad)} with each record once and intact; "
                f"{sum(each.commands == 1 for each in came)} went on by themselves, "
                f"{sum(each.asked_twice for each in came)} pieces asked again"
            )
            for frame, each in bad:
                print(f"    WRONG at frame {frame}: {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
