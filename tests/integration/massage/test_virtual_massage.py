"""The full stack in virtual time: a massage takes a fraction of its time, and leaves the same bytes every time."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from glowsim.time.virtual_time import in_virtual_time
from support.stack.full_stack import massage

_TESTS = Path(__file__).parents[2]

_CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from glowsim.time.virtual_time import in_virtual_time
from support.stack.full_stack import massage
outcome = in_virtual_time(massage)(Path(sys.argv[2]), 7, 30)
print(outcome.telemetry_sha256, outcome.delivered_sha256)
"""


def test_the_same_seed_leaves_the_same_bytes_in_one_process_and_in_another(tmp_path: Path) -> None:
    first, second = (in_virtual_time(massage)(tmp_path / name, 7, 30) for name in ("first", "second"))
    assert first == second
    assert first.frames_lost == 0
    assert first.frames >= 30 * 21
    child = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", _CHILD, str(_TESTS), str(tmp_path / "third")], capture_output=True, check=True, text=True
    )
    assert child.stdout.split() == [first.telemetry_sha256, first.delivered_sha256]


def test_another_seed_leaves_other_bytes(tmp_path: Path) -> None:
    one, other = (in_virtual_time(massage)(tmp_path / str(seed), seed, 30) for seed in (7, 8))
    assert one.telemetry_sha256 != other.telemetry_sha256
    assert one.delivered_sha256 != other.delivered_sha256
    assert hashlib.sha256(b"").hexdigest() not in {one.delivered_sha256, one.telemetry_sha256}
