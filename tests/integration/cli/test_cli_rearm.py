"""`glowtool rearm` leaves an emergency stop that outlived the power, over the whole stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowsim.time.virtual_time import in_virtual_time
from support.processes.console import Host
from support.stack.full_stack import known_roller

if TYPE_CHECKING:
    from pathlib import Path


@in_virtual_time
async def _pair(folder: Path, *, latch: bool) -> None:
    async with known_roller(folder, 11) as roller:
        if latch:
            await roller.emergency_stop()


def _rearm(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    said = Host(folder).call_here(capsys, "rearm", "--json")
    assert said.status == 0, said.err
    document = said.document()
    return {key: document[key] for key in ("was_latched", "state")}


def test_a_roller_without_an_emergency_stop_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _pair(tmp_path, latch=False)
    assert _rearm(tmp_path, capsys) == {"was_latched": False, "state": "idle"}


@pytest.mark.long
def test_a_latched_roller_is_re_armed_though_it_was_switched_off_and_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _pair(tmp_path, latch=True)
    assert _rearm(tmp_path, capsys) == {"was_latched": True, "state": "idle"}
    assert _rearm(tmp_path, capsys) == {"was_latched": False, "state": "idle"}
