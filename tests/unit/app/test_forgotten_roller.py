"""Forgetting a roller leaves nothing that names it but what was chosen to stay, and says what that is."""

from __future__ import annotations

import io
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from glowtool.app.logs.kept import READERS
from glowtool.app.logs.traces import is_of, logs_of
from glowtool.app.place import Place
from glowtool.drivers.gr1.archive import recorded_in
from glowtool.link.bumble.keys.kept_keys import drop_keys
from glowtool.model.ending import Ending
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.massages import Massages, keep_massage, massage_of
from glowtool.store.rollers.registry import DeviceRegistry
from glowtool.store.tables.finish import finish
from glowtool.store.tables.manifest import read_manifest, write_manifest
from support.host.rogue import RECORD
from support.logs.sessions import ENDED, record
from support.processes.console import Host

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS, OTHER = "F0:F1:00:00:00:01", "F0:F1:00:00:00:02"
SERIAL = "GR1000004F2A"
DESK = KnownRoller.model_validate(
    {
        "address": ADDRESS,
        "name": "GR-1 4F2A",
        "serial": SERIAL,
        "alias": "Desk",
        "last_seen_utc": "2026-11-22T12:30:00Z",
    }
)
#: An HCI controller that nobody serves.
NO_ADAPTER = "tcp:127.0.0.1:1"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A computer that knows a roller, with its keys, two logs (one of them another roller's) and a massage of it."""
    host = Host(tmp_path_factory.mktemp("forgotten") / "data", NO_ADAPTER)
    registry = DeviceRegistry(host.data_dir)
    registry.remember(DESK)
    registry.remember(DESK.model_copy(update={"address": OTHER, "serial": "GR1000000002", "alias": "Hall"}))
    registry.use(ADDRESS)
    bonds = host.data_dir / "bonds"
    bonds.mkdir(mode=0o700)
    (bonds / "bonds.json").write_text(json.dumps({"own": {f"{ADDRESS}": {"ltk": {}}, OTHER: {"ltk": {}}}}))
    (bonds / "tables.json").write_text(json.dumps({f"{ADDRESS}/P": {}, OTHER: {}}))
    logs = host.data_dir / "logs"
    for name, address, serial in (
        ("20261122T154100Z-aaaaaa", ADDRESS, SERIAL),
        ("20261122T154200Z-bbbbbb", OTHER, "x"),
    ):
        journal, checkpoint = record(logs, 1, session_id=name)
        journal.close(checkpoint)
        finish(logs / name, Ending.COMPLETED, ENDED, checkpoint)
        manifest = read_manifest(logs / name)
        device = manifest.device.model_copy(update={"address": address, "serial": serial})
        write_manifest(logs / name, manifest.model_copy(update={"device": device}))
    kept = massage_of(3, recorded_in(RECORD), serial=SERIAL, device="GR-1 4F2A", address=ADDRESS, fetched_utc=ENDED)
    keep_massage(Massages(host.data_dir / "massages", READERS), kept)
    return host.data_dir


@pytest.fixture
def host(prepared: Path, tmp_path: Path) -> Host:
    shutil.copytree(prepared, tmp_path / "data")
    return Host(tmp_path / "data", NO_ADAPTER)


def naming(folder: Path) -> list[str]:
    """Return the files that name the roller, in their names or their bytes."""
    words = (ADDRESS.lower().encode(), ADDRESS.lower().replace(":", "-").encode(), SERIAL.lower().encode(), b"desk")
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        for said in [str(path.relative_to(folder)).lower().encode() + path.read_bytes().lower()]
        if any(word in said for word in words)
    )


@pytest.mark.parametrize("here_only", [True, False])
@pytest.mark.parametrize(
    ("choice", "left"), [("erase", []), ("unlink", []), ("keep", ["logs/20261122T154100Z-aaaaaa/manifest.json"])]
)
def test_what_is_left_is_what_was_chosen(
    host: Host, capsys: pytest.CaptureFixture[str], choice: str, left: list[str], here_only: bool
) -> None:
    assert len(naming(host.data_dir)) >= 4
    flags = ("--here-only",) if here_only else ()
    said = host.call_here(capsys, "devices", "forget", "desk", "--yes", "--logs", choice, "--json", *flags)
    assert said.status == 0, said.err
    document = said.document()
    assert (document["bond_here"], document["bond_roller"]) == ("dropped", "kept")
    problems = document["problems"]
    assert isinstance(problems, list)
    assert len(problems) == (0 if here_only else 1)
    found = naming(host.data_dir)
    if choice == "keep":
        assert found[0] == left[0]
        assert found[1].startswith(f"massages/{SERIAL}")
    else:
        assert found == left
    assert [known.alias for known in DeviceRegistry(host.data_dir).rollers()] == ["Hall"]
    assert list(json.loads((host.data_dir / "bonds" / "bonds.json").read_text())["own"]) == [OTHER]
    logs = host.data_dir / "logs"
    assert (logs / "20261122T154100Z-aaaaaa").exists() is (choice != "erase")
    assert read_manifest(logs / "20261122T154200Z-bbbbbb").device.address == OTHER, "another roller's stay"


@pytest.mark.parametrize("choice", ["erase", "unlink"])
def test_what_a_crash_left_half_written_goes_too(host: Host, capsys: pytest.CaptureFixture[str], choice: str) -> None:
    """Between writing a file and renaming it: it may hold the keys of every bond."""
    data, log = host.data_dir, "logs/20261122T154100Z-aaaaaa"
    (data / "logs" / "20261122T154300Z-cccccc").mkdir()
    for name, half in (
        ("devices.json", ".devices.json.a_b1.part"),
        ("bonds/bonds.json", "bonds/.bonds.json.a_b1"),  # as before 0.2
        ("bonds/tables.json", "bonds/.tables.json.a_b1.part"),
        (f"{log}/manifest.json", f"{log}/.manifest.json.a_b1.part"),
        (f"{log}/manifest.json", "logs/20261122T154300Z-cccccc/.manifest.json.a_b1.part"),
        (f"{log}/manifest.json", "massages/.x.json.a_b1.part"),
    ):
        shutil.copy(data / name, data / half)
    assert host.call_here(capsys, "devices", "forget", "desk", "--yes", "--here-only", "--logs", choice).status == 0
    assert naming(data) == []


def test_what_was_kept_aside_is_named(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    (host.data_dir / "bonds" / "bonds.json.damaged-1").write_text(ADDRESS)
    said = host.call_here(capsys, "devices", "forget", "desk", "--yes", "--here-only", "--logs", "erase")
    assert "bonds.json.damaged-1 was set aside as damaged, and may still name the roller: `rm " in said.err


def test_damaged_keys_are_said_and_stop_nothing_else(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    (host.data_dir / "bonds" / "bonds.json").write_text("{")
    said = host.call_here(capsys, "devices", "forget", "desk", "--yes", "--here-only", "--json")
    assert said.document()["bond_here"] == "kept"
    assert "could not be dropped" in str(said.document()["problems"])
    assert [known.alias for known in DeviceRegistry(host.data_dir).rollers()] == ["Hall"]


@pytest.mark.parametrize(
    ("arguments", "erased", "left"),
    [
        (("--all",), 3, 0),
        (("--device", "desk"), 2, 1),
        (("--device", SERIAL), 2, 1),
        (("20261122T154200Z",), 1, 2),
        ((SERIAL,), 1, 2),
    ],
)
def test_logs_are_erased_one_by_one_by_roller_or_all(
    host: Host, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], erased: int, left: int
) -> None:
    said = host.call_here(capsys, "logs", "erase", "--yes", "--json", *arguments)
    assert said.status == 0, said.err
    gone = said.document()["erased"]
    assert isinstance(gone, list)
    assert len(gone) == erased
    listed = host.call_here(capsys, "logs", "list", "--json").document()
    assert isinstance(listed["sessions"], list)
    assert isinstance(listed["massages"], list)
    assert len(listed["sessions"]) + len(listed["massages"]) == left


@pytest.mark.parametrize("arguments", [(), ("--all", "x"), ("--all", "--device", "x")])
def test_what_is_meant_must_be_clear(
    host: Host, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert host.call_here(capsys, "logs", "erase", "--yes", *arguments).status == 2


@pytest.mark.parametrize(("typed", "status"), [("", 2), ("\n", 130), ("n\n", 130), ("y\n", 0)])
def test_a_pipe_answers_before_logs_are_erased_and_its_end_erases_nothing(
    host: Host,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    status: int,
) -> None:
    logs = set((host.data_dir / "logs").iterdir())
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert host.call_here(capsys, "logs", "erase", "--all", "--json").status == status
    assert (set((host.data_dir / "logs").iterdir()) == logs) is (status != 0)


def test_a_roller_that_was_forgotten_is_meant_by_its_serial_number(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.call_here(capsys, "devices", "forget", "desk", "--yes", "--here-only")
    said = host.call_here(capsys, "logs", "erase", "--yes", "--device", SERIAL, "--json")
    assert len(said.document()["erased"]) == 2  # type: ignore[arg-type]  # a list, or the test fails
    assert naming(host.data_dir) == []


def test_a_roller_without_a_serial_number_is_known_by_its_address_alone() -> None:
    meant = is_of(DESK.model_copy(update={"serial": ""}))
    assert (meant(ADDRESS.lower(), ""), meant(OTHER, ""), meant("", "")) == (True, False, False)


def test_keys_of_nobody_are_nothing_to_drop(tmp_path: Path) -> None:
    assert drop_keys(tmp_path, ADDRESS) is False
    assert list(tmp_path.iterdir()) == []


def test_logs_are_counted_in_words(host: Host) -> None:
    assert logs_of(Place(data_dir=host.data_dir), is_of(DESK)).spoken == "1 log and 1 massage by the button"
