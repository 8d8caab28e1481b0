"""`glowtool pair --repair` gives up no bond that it cannot replace, over the whole stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.processes.console import Host, command, served

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


@pytest.mark.long
def test_a_bond_that_is_there_is_taken_up_again_when_the_known_rollers_were_moved_away(tmp_path: Path) -> None:
    with served(tmp_path / "roller") as roller:
        host = Host(tmp_path / "host", roller.adapter)
        assert host.call("pair", "--passkey", roller.passkey).status == 0
        (known,) = (tmp_path / "host").rglob("devices.json")
        known.rename(tmp_path / "aside.json")
        lost = host.call("info")
        taken_up = host.call("pair")
        again = host.call("info")
        twice = host.call("pair")

    assert lost.status == 11
    assert "`glowtool pair`" in lost.err
    assert taken_up.status == 0, taken_up
    assert "A bond with" in taken_up.err
    assert again.status == 0, again
    assert twice.status == 13
    assert "`glowtool pair --repair " in twice.err
