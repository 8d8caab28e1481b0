"""A roller with a new identity, as after a factory reset, is explained, repaired, and still the same one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.processes.console import Host

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NEW_ADDRESS = "C0:11:22:33:44:55"


def reset_to_factory_settings(state_dir: Path) -> None:
    """Give the virtual roller a new identity address and take its bonds away; its serial number stays."""
    file = state_dir / "identity.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "address": NEW_ADDRESS}), "utf-8")
    (state_dir / "flash.bin").unlink()


@pytest.mark.long
def test_a_new_identity_is_explained_and_repaired_and_the_roller_keeps_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = Host(tmp_path)
    before = host.pair_by_hand("--json", "--alias", "Desk").document()
    assert host.call_here(capsys, "devices", "use", "desk").status == 0
    reset_to_factory_settings(tmp_path / "sim")

    (heard,) = host.call_here(capsys, "scan", "--timeout", "0.6", "--json").documents()
    assert (heard["address"], heard["known"], heard["alias"]) == (NEW_ADDRESS, True, "Desk")
    stale = host.call_here(capsys, "info", "--json")
    assert stale.status == 14
    (failure,) = stale.documents()
    assert isinstance(failure["error"], dict)
    assert failure["error"]["kind"] == "BondStaleError"
    for part in (f"Desk ({before['address']})", NEW_ADDRESS, "new identity", f"`glowtool pair --repair {NEW_ADDRESS}`"):
        assert part in failure["error"]["message"]

    after = host.pair_by_hand("--json", "desk", "--repair", "--yes")
    assert after.status == 0, after.err
    paired = after.document()
    assert (paired["address"], paired["alias"], paired["serial"]) == (NEW_ADDRESS, "Desk", before["serial"])
    assert f"Desk was known as {before['address']}" in after.err
    devices = host.call_here(capsys, "devices", "list", "--json").document()["devices"]
    assert isinstance(devices, list)
    assert [(known["address"], known["default"]) for known in devices] == [(NEW_ADDRESS, True)]
    (peers,) = json.loads((tmp_path / "bonds" / "bonds.json").read_text("utf-8")).values()
    assert list(peers) == [NEW_ADDRESS], "the bond with the former identity is gone"
    assert host.call_here(capsys, "info", "desk").status == 0


@pytest.mark.long
def test_a_device_that_imitates_the_roller_without_a_display_is_not_paired_by_yes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = Host(tmp_path)
    assert host.pair_by_hand("--json", "--alias", "Desk").status == 0
    bonds, devices = tmp_path / "bonds" / "bonds.json", tmp_path / "devices.json"
    before = bonds.read_bytes(), devices.read_bytes()
    (tmp_path / "sim" / "flash.bin").unlink()  # the same address, name and serial number, and none of the keys
    fake = Host(tmp_path, "sim:no-display")

    refused = fake.call_here(capsys, "info")
    assert refused.status == 14
    assert "another device answers in its place; if you reset it" in refused.err
    downgraded = fake.call("pair", "--repair", "--yes")
    assert downgraded.status == 13, downgraded
    assert "Desk was paired by passkey on" in downgraded.err
    assert (bonds.read_bytes(), devices.read_bytes()) == before

    with fake.running("pair", "--repair", "--yes", "--json") as pairing:
        pairing.type("Desk")
        given_up = pairing.finish()
    assert given_up.document()["method"] == "just-works"
    (known,) = json.loads(devices.read_text("utf-8"))["rollers"]
    assert (known["alias"], known["paired"]["level"]) == ("Desk", "unauthenticated")
