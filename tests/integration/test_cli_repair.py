"""`glowtool pair --repair` over the whole stack: it gives no bond up that it cannot replace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.console import Host, command, served

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.long
def test_a_repair_keeps_the_bond_until_the_roller_can_be_paired(tmp_path: Path) -> None:
    with served(tmp_path / "roller") as roller:
        host = Host(tmp_path / "host", roller.adapter)
        assert host.call("pair", "--passkey", roller.passkey).status == 0
        refused = host.call("pair", "--repair", "--yes", "--passkey", "111111")
        still_bonded = host.call("info")
        with command("glowsim", "ctl", "--state-dir", str(roller.state_dir), "hold") as holding:
            assert holding.finish().status == 0
        passkey = roller.running.wait_for(r"^passkey \d{6}").split()[1]
        repaired = host.call("pair", "--repair", "--yes", "--passkey", passkey)

    assert refused.status == 13, refused
    assert "hold its button for two seconds" in refused.err
    assert still_bonded.status == 0, still_bonded
    assert repaired.status == 0, repaired
