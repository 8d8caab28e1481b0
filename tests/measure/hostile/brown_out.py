"""Print what a brown-out at every byte of every flash write leaves.

python tests/measure/hostile/brown_out.py [STEPS]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.device.brown_out import boundaries, judge, judge_second_cut, recorded, recovery_writes
from support.device.roller_life import judge_cut, writes_of_a_life

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 150


def main() -> None:
    """Judge every cut of a recorded sequence; an AssertionError names the first that loses or accepts wrongly."""
    began = time.perf_counter()
    writes = cuts = seconds = 0
    by_kind: dict[str, int] = {}
    for case in recorded(seed=3, count=STEPS):
        writes += 1
        by_kind[case.write.kind.value] = by_kind.get(case.write.kind.value, 0) + 1
        for at in boundaries(case.write, every=True):
            judge(case, at)
            cuts += 1
        middle = case.write.size // 2
        for number in range(recovery_writes(case, middle)):
            for second_at in range(0, 512, 16):
                judge_second_cut(case, middle, number, second_at)
                seconds += 1
    print(f"steps {STEPS}, writes of the flash {writes} ({by_kind})")
    print(f"brown-outs {cuts} (every byte boundary of every write), and {seconds} more in the boot that repairs one")
    print("corrupt records accepted 0, verified records lost 0, stores that did not work afterwards 0")
    _whole_firmware()
    print(f"{time.perf_counter() - began:.1f} s")


def _whole_firmware() -> None:
    """Fail the power at every eighth byte of every write in a stretch of the whole firmware's life."""
    life, cuts = writes_of_a_life(), 0
    for number, write in enumerate(life):
        for at in sorted({*range(0, write.size, 8 if write.size < 512 else 512), write.size - 1}):
            judge_cut(number, at)
            cuts += 1
    print(f"whole firmware: writes {len(life)}, brown-outs {cuts}; outputs other than zero afterwards 0,")
    print("acknowledged programs, settings, massages and bonds lost 0, and forgotten bonds come back 0")


if __name__ == "__main__":
    main()
