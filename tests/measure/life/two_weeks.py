"""Live two weeks of three people with two rollers in virtual time, and compare all that is kept with the electrodes.

python tests/measure/life/two_weeks.py [--folder DIR]
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.life.judge import judge
from support.life.lived import live


def main() -> int:
    """Print each visit, the figures and the complaints; exit status 1 when there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where everything stays; left out: nothing stays")
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    began_s, busy_s = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        verdict = judge(live(asked.folder or Path(folder), print))
    for line in (*verdict.figures, *verdict.complaints):
        print(line)
    took_s, busy_s = time.perf_counter() - began_s, time.process_time() - busy_s
    print(f"{len(verdict.complaints)} complaints; it took {took_s:.0f} s, of them {busy_s:.0f} s of work")
    return 1 if verdict.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
