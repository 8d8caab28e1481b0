"""`glowtool run --on-loss resume` that is stopped by SIGSTOP and woken keeps outputs safe, in real processes.

The rules themselves are held in virtual time, in tests/unit/session/test_session_waking.py.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from glowsim.evidence.record import read_delivered
from support.processes.short_massage import pair_of

if TYPE_CHECKING:
    from pathlib import Path

    from support.processes.console import Said

pytestmark = pytest.mark.long

#: Longer than the minute within which a massage goes on by itself.
ASLEEP_S = 66.0
BLOCKED_S = 5.0


def stop_and_wake(folder: Path, still_s: float) -> tuple[Said, int]:
    """Return what the command said, and in how many rows of the record outputs were on after it was woken."""
    with pair_of(folder) as (host, _):
        arguments = ("run", str(folder / "short.toml"), "--json", "--on-loss", "resume")
        with host.running(*arguments, patience_s=still_s + 60) as running:
            running.wait_for('"kind": "step"')
            time.sleep(1)
            running.process.send_signal(signal.SIGSTOP)
            time.sleep(still_s)
            woken_us = time.time_ns() // 1000
            running.process.send_signal(signal.SIGCONT)
            said = running.finish()
    record = read_delivered(folder / "roller")
    return said, int(((record["drive_amplitude"] > 0) & (record["unix_us"] > woken_us)).sum())


def test_a_host_that_stood_still_for_more_than_a_minute_starts_nothing_again(tmp_path: Path) -> None:
    said, on = stop_and_wake(tmp_path, ASLEEP_S)
    assert on == 0
    assert said.status == 12
    assert "this computer stood still for 6" in said.err
    assert "only if a person agrees" in said.err


def test_a_host_that_was_blocked_for_five_seconds_goes_on_and_claims_no_restart(tmp_path: Path) -> None:
    said, on = stop_and_wake(tmp_path, BLOCKED_S)
    assert on > 0
    assert said.status == 0, said.err
    assert "restarted" not in said.out
