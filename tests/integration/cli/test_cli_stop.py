"""`glowtool stop` works from a second terminal, and only one glowtool at a time uses a roller."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest

from glowsim.evidence.record import read_delivered
from glowtool.app import stopping
from glowtool.drivers.gr1.roller import Roller
from glowtool.link.adapters import AdapterSpec, open_adapter
from glowtool.link.scan import find_device
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.safety import Gate
from support.air.rollers import bonded
from support.people import screened
from support.processes.console import Host, Served, served
from support.processes.routine_file import IN_CONTACT, routine_file
from support.stack.massage import step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@contextmanager
def paired(folder: Path) -> Iterator[tuple[Served, Host]]:
    """A roller in a process of its own, and a host that is bonded with it."""
    with served(folder / "roller") as roller:
        host = Host(folder / "data", roller.adapter)
        said = host.call("pair", "--passkey", roller.passkey, "--alias", "Desk")
        assert said.status == 0, said.err
        screened(host.data_dir)
        yield roller, host


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Host]]:
    with paired(tmp_path_factory.mktemp("stop")) as there:
        yield there


@pytest.fixture
def roller(both: tuple[Served, Host]) -> Served:
    return both[0]


@pytest.fixture
def host(both: tuple[Served, Host]) -> Host:
    return both[1]


@pytest.fixture
def routine(tmp_path: Path) -> str:
    return routine_file(tmp_path, 60, name="long")


def only(document: dict[str, object], name: str = "rollers") -> dict[str, Any]:
    (one,) = cast("list[dict[str, Any]]", document[name])
    return one


def test_another_terminal_is_told_who_uses_the_roller_and_can_stop_it(
    roller: Served, host: Host, routine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with host.running("run", routine, "--json") as running:
        running.wait_for(IN_CONTACT)
        second = host.call_here(capsys, "info", "--json")
        forgetting = host.call_here(capsys, "devices", "forget", "desk", "--yes")
        shown = host.call_here(capsys, "devices", "show").out
        stopped = host.call("stop", "--json")
        said = running.finish()
    pid = running.process.pid
    assert (second.status, forgetting.status) == (20, 20)
    assert re.search(rf"Desk is in use by run, process {pid}, since \d\d:\d\d; ", second.err)
    assert f"In use     run, process {pid}, since " in shown

    how = only(stopped.document())
    assert (how["by"], how["pid"], how["confirmed"]) == ("run", pid, True)
    assert 0 < how["stop_ms"] < 500
    assert said.status == 130
    assert "stopped; the roller has stopped: it confirmed that its outputs are zero. The log is kept" in said.err
    records = read_delivered(roller.state_dir)
    assert records["drive_amplitude"].any()
    assert records["drive_amplitude"][-1] == 0
    assert list((host.data_dir / "run").glob("*.sock")) == []


def test_another_terminal_steers_it_and_latches_it(
    host: Host, routine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with host.running("run", routine, "--json") as running:
        running.wait_for(IN_CONTACT)
        told = host.call("tell", "quieter", "--json").document()
        assert (told["asked"], told["done"], told["vibration_percent"]) == ("quieter", True, 90)
        refused = host.call_here(capsys, "tell", "extend", "--by", "300")
        assert refused.status == 16
        assert "extend was not done: the step would last" in refused.err
        latched = host.call("tell", "emergency-stop", "--json").document()
        said = running.finish()
    assert (latched["asked"], latched["confirmed"]) == ("emergency-stop", True)
    assert said.status == 130
    assert "glowtool: emergency stop; the roller has stopped: it confirmed that its outputs are zero" in said.err
    steered = [line for line in map(json.loads, said.out.splitlines()) if line.get("type") == "steered"]
    assert [(line["asked"], line["by"], line["done"]) for line in steered] == [
        ("quieter", "another terminal", True),
        ("extend", "another terminal", False),
    ]
    nothing = host.call_here(capsys, "tell", "pause")
    assert (nothing.status, "no massage runs" in nothing.err) == (16, True)
    rearmed = host.call("rearm", "--json").document()
    assert rearmed["was_latched"] is True


async def _begin_with_the_button(host: Host, served_: Served) -> None:
    """Store a program, and have the person begin it with the button, with no host."""
    async with open_adapter(
        AdapterSpec.parse(host.adapter),
        bonds_dir=host.data_dir / "bonds",
        state_dir=host.data_dir / "sim",
        announce=lambda _: None,
    ) as adapter:
        address = re.search(r"[0-9A-F:]{17}", host.call("devices", "list").out)
        assert address is not None
        device = await find_device(adapter, address[0], 5)
        async with Roller.open(lambda lost: adapter.client(device, lost), Gate()) as opened:
            await opened.upload(Program((step(Zone.CHEEK_LEFT, 60_000),)))
            await opened.archive.store_program()
            await opened.set_time(1_795_362_060_000)
    served_.running.type("button")
    served_.running.wait_for("the stored massage starts: 1 step, 1:00 min")


def test_when_no_glowtool_runs_the_roller_itself_is_stopped(
    roller: Served, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_begin_with_the_button(host, roller))
    how = host.call("stop", "--json")
    assert how.status == 0, how.err
    assert only(how.document())["by"] == "stop"
    assert "It had been running a massage" in how.err
    again = host.call_here(capsys, "stop")
    assert re.fullmatch(r"Connected to Desk: its outputs were confirmed zero after \d+\.\d s\.\n", again.out)
    assert "massage" not in again.err


def test_a_run_that_was_killed_holds_nothing_and_one_that_hangs_is_named(
    host: Host, routine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stopping, "ANSWER_S", 0.3)
    monkeypatch.setattr(stopping, "END_S", 0.3)
    with host.running("run", routine, "--json") as running:
        running.wait_for(IN_CONTACT)
        running.process.send_signal(signal.SIGSTOP)
        named = host.call_here(capsys, "stop")
        assert named.status == 20
        assert f"run, process {running.process.pid}, since " in named.err
        assert f"`kill -9 {running.process.pid}`" in named.err
        running.process.kill()
        running.finish()
    killed = host.call_here(capsys, "stop", "--json")
    assert killed.status == 0, killed.err
    assert only(killed.document())["by"] == "stop"


def test_without_a_socket_a_signal_stops_it(host: Host, routine: str) -> None:
    with host.running("run", routine, "--json") as running:
        running.wait_for(IN_CONTACT)
        (socket,) = (host.data_dir / "run").glob("*.sock")
        socket.unlink()
        stopped = host.call("stop", "--json")
        said = running.finish()
    assert said.status == 130
    assert stopped.status == 0, stopped.err
    assert only(stopped.document())["by"] == "stop", "the roller itself said it, since the command could not"


def test_a_roller_is_named_chosen_and_forgotten_on_one_side_and_on_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with paired(tmp_path) as (roller, host):
        assert host.call_here(capsys, "devices", "use", "desk").out == "Desk is the default.\n"
        assert host.call_here(capsys, "devices", "rename", "desk", "Hall").status == 0
        assert host.call_here(capsys, "info").status == 0
        known = only(host.call_here(capsys, "devices", "list", "--json").document(), "devices")
        assert (known["alias"], known["default"], known["model"]) == ("Hall", True, "GR-1")
        assert known["last_seen_utc"] > known["first_seen_utc"]
        assert known["battery_percent"] > 0

        parted = host.call_here(capsys, "devices", "forget", "hall", "--here-only", "--yes", "--json").document()
        assert (parted["bond_here"], parted["bond_roller"]) == ("dropped", "kept")
        assert host.call_here(capsys, "devices", "list", "--json").document() == {"devices": []}

        roller.running.type("hold")
        passkey = roller.running.wait_for(r"^passkey \d{6}").split()[1]
        assert host.call_here(capsys, "pair", "--passkey", passkey).status == 0
        parted = host.call_here(capsys, "devices", "forget", "gr-1", "--yes", "--json").document()
        assert (parted["bond_here"], parted["bond_roller"], parted["problems"]) == ("dropped", "dropped", [])
    assert bonded(tmp_path / "roller") == []


def test_nothing_to_stop_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Host(tmp_path / "data").call_here(capsys, "stop")
    assert said.status == 11
    assert "no roller is known yet" in said.err
