"""The catalogue makes lists quick, and whatever happens to it costs no list and shows nothing that is not so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from glowtool.store.erasure.erase import erase_log
from glowtool.store.erasure.forget import forget_roller
from glowtool.store.logs import catalogue
from glowtool.store.logs.catalogue import list_sessions, reindex, resolve
from glowtool.store.logs.remembered import CATALOGUE_NAME, remembered
from glowtool.store.rollers.massages import Massages
from glowtool.store.tables.manifest import read_manifest, write_manifest
from glowtool.store.tables.state import LogState
from support.logs.full_disk import full_disk
from support.logs.sessions import ENDED, STARTED, manifest

if TYPE_CHECKING:
    from pathlib import Path

IDS = tuple(f"2026112{day}T154100Z-00000{day}" for day in range(5))


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalogue, "is_settled", lambda *_: True)
    folder = tmp_path / "logs"
    folder.mkdir(mode=0o700)
    for days, name in enumerate(IDS):
        (folder / name).mkdir(mode=0o700)
        times = {"started_utc": STARTED + timedelta(days=days), "ended_utc": ENDED + timedelta(days=days)}
        closed = manifest(name).model_copy(update={"state": LogState.FINISHED, **times})
        write_manifest(folder / name, closed)
    return folder


def _reads(logs: Path) -> int:
    """Return how many manifests a list reads, and check that it shows every log as it is."""
    with patch("glowtool.store.tables.manifest.read_manifest", wraps=read_manifest) as reading:
        listed = list_sessions(logs)
    for entry in listed:
        found = read_manifest(entry.path)
        assert entry.facts is not None
        assert (entry.facts.routine, entry.facts.state) == (found.routine["name"], found.state)
    assert [entry.session_id for entry in listed] == sorted(p.name for p in logs.iterdir() if p.name[0] != ".")
    return reading.call_count


def test_a_second_list_reads_no_manifest(logs: Path) -> None:
    assert [_reads(logs), _reads(logs)] == [5, 0]
    assert (logs / CATALOGUE_NAME).stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in logs.iterdir() if p.name[0] == ".") == [CATALOGUE_NAME]


def test_a_log_that_changed_is_read_again_and_one_that_is_gone_is_dropped(logs: Path) -> None:
    list_sessions(logs)
    changed = read_manifest(logs / IDS[1]).model_copy(update={"routine": {"name": "evening-calm"}})
    write_manifest(logs / IDS[1], changed)
    (logs / IDS[2] / "manifest.json").unlink()
    (logs / IDS[2]).rmdir()
    assert _reads(logs) == 1
    assert set(remembered(logs)) == set(IDS) - {IDS[2]}


def test_a_log_that_is_not_closed_is_read_each_time(logs: Path) -> None:
    write_manifest(logs / IDS[4], read_manifest(logs / IDS[4]).model_copy(update={"state": LogState.RECORDING}))
    list_sessions(logs)
    assert _reads(logs) == 1


def test_a_log_that_changed_a_moment_ago_is_not_noted(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    list_sessions(logs)
    assert remembered(logs) == {}, "it may change once more within the same tick of the file system's clock"


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no database at all" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"first-glow", b"worst-glow")),
        lambda path: _sql(path, "PRAGMA user_version = 99"),
        lambda path: _sql(path, "DROP TABLE log"),
        lambda path: _sql(path, "CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM log; END"),
        lambda path: _sql(path, "UPDATE log SET facts = '[]'"),
        lambda path: (path.unlink(), path.symlink_to("/dev/zero")),
    ],
    ids=["empty", "foreign", "cut", "flipped", "newer", "no table", "trigger", "rows", "link"],
)
def test_a_bad_catalogue_is_made_anew(logs: Path, harm: object) -> None:
    list_sessions(logs)
    harm(logs / CATALOGUE_NAME)  # type: ignore[operator]
    assert _reads(logs) == 5
    assert _reads(logs) == 0
    assert not (logs / CATALOGUE_NAME).is_symlink()


def test_flipped_bits_never_show_anything_that_is_not_so(logs: Path) -> None:
    list_sessions(logs)
    path = logs / CATALOGUE_NAME
    whole = path.read_bytes()
    for at in range(0, len(whole), 411):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        _reads(logs)


def test_a_locked_catalogue_is_passed_by(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glowtool.store.logs.remembered._PATIENCE_S", 0.01)
    list_sessions(logs)
    with closing(sqlite3.connect(logs / CATALOGUE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert _reads(logs) == 5
    assert _reads(logs) == 0


def test_a_disk_without_room_costs_no_list(logs: Path) -> None:
    with patch("glowtool.store.logs.remembered.open_private", full_disk):
        assert _reads(logs) == 5
        assert not reindex(logs).kept
    assert reindex(logs).kept


def test_the_last_log_and_a_beginning_are_found_without_a_list(logs: Path) -> None:
    with patch("glowtool.store.tables.manifest.read_manifest", side_effect=AssertionError):
        assert resolve(logs, IDS[3][:9]) == logs / IDS[3]
    assert resolve(logs, "last") == logs / IDS[4]


def test_an_erased_log_leaves_nothing_in_the_catalogue(logs: Path) -> None:
    list_sessions(logs)
    erase_log(logs / IDS[2])
    assert IDS[2].encode() not in (logs / CATALOGUE_NAME).read_bytes()
    assert IDS[1].encode() in (logs / CATALOGUE_NAME).read_bytes()


def test_a_forgotten_roller_is_not_in_the_catalogue(logs: Path, tmp_path: Path) -> None:
    list_sessions(logs)
    forget_roller(logs, Massages(tmp_path / "massages", {}), lambda address, _: address == "F0:00")
    list_sessions(logs)
    assert b"4F2A" not in (logs / CATALOGUE_NAME).read_bytes()


def _sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
