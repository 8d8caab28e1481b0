"""A massage in virtual time takes a fraction of its time, and leaves the same bytes every time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from glowsim.time.virtual_time import in_virtual_time
from support.processes.console import Running
from support.processes.warm import begin
from support.stack.full_stack import Outcome, massage

if TYPE_CHECKING:
    from pathlib import Path

_CHILD = """
import sys
from pathlib import Path
from glowsim.time.virtual_time import in_virtual_time
from support.stack.full_stack import massage
outcome = in_virtual_time(massage)(Path(sys.argv[1]), 7, 30)
print(outcome.telemetry_sha256, outcome.delivered_sha256)
"""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return in_virtual_time(massage)(tmp_path_factory.mktemp("first"), 7, 30)


def test_the_same_seed_leaves_the_same_bytes_in_one_process_and_in_another(first: Outcome, tmp_path: Path) -> None:
    assert first == in_virtual_time(massage)(tmp_path / "second", 7, 30)
    assert first.frames_lost == 0
    assert first.frames >= 30 * 21
    script = tmp_path / "massage.py"
    script.write_text(_CHILD)
    with begin([script, tmp_path / "third"]) as child:
        said = Running(child).finish()
    assert said.out.split() == [first.telemetry_sha256, first.delivered_sha256], said.err


def test_another_seed_leaves_other_bytes(first: Outcome, tmp_path: Path) -> None:
    other = in_virtual_time(massage)(tmp_path, 8, 30)
    assert first.telemetry_sha256 != other.telemetry_sha256
    assert first.delivered_sha256 != other.delivered_sha256
    assert hashlib.sha256(b"").hexdigest() not in {first.delivered_sha256, first.telemetry_sha256}
