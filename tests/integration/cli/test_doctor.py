"""`glowtool doctor` runs over the whole stack, and on a computer where next to nothing is there."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from glowtool.store.rollers.in_use import Holder, hold
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry
from support.processes.console import Host, Said, command, served

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def found(said: Said) -> dict[str, dict[str, Any]]:
    """Return the findings by check, from the JSON object."""
    rows: Any = said.document()["findings"]
    return {row["check"]: row for row in rows}


def outcomes(said: Said) -> dict[str, str]:
    return {check: row["outcome"] for check, row in found(said).items()}


def test_a_bonded_roller_passes_all_the_way_and_a_roller_that_lost_the_bond_is_told(tmp_path: Path) -> None:
    with served(tmp_path / "roller") as roller:
        host = Host(tmp_path / "host", roller.adapter)
        assert host.call("pair", "--passkey", roller.passkey).status == 0
        well = host.call("--json", "doctor")
        with command("glowsim", "ctl", "--state-dir", str(roller.state_dir), "fault", "lost-bond") as losing:
            assert losing.finish().status == 0
        lost = host.call("--json", "doctor")

    assert well.status == 0, well
    assert {check for check, outcome in outcomes(well).items() if outcome != "pass"} == {
        "bluetooth-permission",
        "adapter-block",
    }
    assert found(well)["mtu"]["says"] == "247 bytes"
    assert lost.status == 14, lost
    assert outcomes(lost)["bond-here"] == "pass"
    assert "--repair" in found(lost)["bond-there"]["advice"]
    assert outcomes(lost)["mtu"] == "not applicable"


def bare(folder: Path, *arguments: str) -> Said:
    """Run the doctor as a user without home, name and D-Bus, the way a container or a service does."""
    environment = {
        "PATH": os.environ["PATH"],
        "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder / 'nothing'}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with command("glowtool", *arguments, environment=environment) as running:
        return running.finish()


def test_without_bluetooth_and_home_every_line_is_there_and_nothing_hangs(tmp_path: Path) -> None:
    said = bare(tmp_path, "--json", "doctor")
    in_words = bare(tmp_path, "doctor", "--data-dir", str(tmp_path / "data"))

    assert said.status == 10, said
    assert outcomes(said)["bluetooth-service"] == "failure"
    assert len(found(said)) == len(found(bare(tmp_path, "--adapter", "tcp:127.0.0.1:1", "doctor", "--json")))
    assert in_words.status == 10
    assert "→" in in_words.out
    assert in_words.err == ""


def test_what_cannot_be_written_or_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bonds").mkdir()
    (tmp_path / "bonds" / "bonds.json").write_text("{")
    (tmp_path / "devices.json").write_text("[]")
    tmp_path.chmod(0o755)

    said = bare(tmp_path, "--json", "--data-dir", str(tmp_path), "doctor")

    assert said.status == 18, said
    assert outcomes(said)["data-private"] == "failure"
    assert "devices.json" in found(said)["data-whole"]["says"]
    assert "and 1 more" in found(said)["data-whole"]["says"]


def test_a_roller_in_use_is_left_alone_and_the_person_reads_who_uses_it(tmp_path: Path) -> None:
    address, now = "F0:00:00:00:00:01", datetime.now(UTC)
    DeviceRegistry(tmp_path).remember(KnownRoller(address=address, name="GR-1 0001", last_seen_utc=now))
    with hold(tmp_path, Holder(command="run", pid=4711, since_utc=now, address=address)):
        said = bare(tmp_path, "--adapter", "sim", "--data-dir", str(tmp_path), "doctor")

    assert said.status == 0, said
    assert "GR-1 0001 is in use by run, process 4711, since" in said.out
    assert "not checked while the roller is in use" in said.out
