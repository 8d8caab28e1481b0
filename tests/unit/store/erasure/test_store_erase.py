"""Erasing leaves nothing of a log, and forgetting leaves nothing of a roller in any log."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from glowtool.app.logs.kept import READERS
from glowtool.errors import LogNotFoundError, StoreError
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.store.erasure.erase import erase_log
from glowtool.store.erasure.forget import forget_roller
from glowtool.store.journal.recover import recover
from glowtool.store.logs.catalogue import list_sessions, resolve
from glowtool.store.logs.log import SessionLog
from glowtool.store.logs.order import read_order
from glowtool.store.rollers.massages import Massages
from glowtool.store.tables.finish import finish
from glowtool.store.tables.manifest import read_manifest
from support.logs.sessions import ENDED, record
from support.logs.streams import START_US

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.journal.journal import Checkpoint, Journal

FIRST, SECOND = "20261120T080000Z-aaaaaa", "20261122T154100Z-3f9a1c"


def logs_of(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    for session_id in (FIRST, SECOND):
        journal, checkpoint = record(logs, 2, session_id=session_id)
        journal.close(checkpoint)
        if session_id == FIRST:
            finish(journal.folder, Ending.COMPLETED, ENDED, checkpoint)
    return logs


def names_and_content(folder: Path) -> bytes:
    return b"".join(str(path).encode() + (path.read_bytes() if path.is_file() else b"") for path in folder.rglob("*"))


def test_nothing_of_an_erased_log_is_left(tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    damaged = logs / SECOND / "samples.arrows"
    content = damaged.read_bytes()
    damaged.write_bytes(content[:9000] + bytes(64) + content[9064:])
    recover(logs / SECOND)
    assert (logs / SECOND / "damaged-samples.arrows").exists()
    (logs / SECOND / "report.html").write_text("a report")
    (logs / SECOND / ".samples.parquet.x.part").write_text("left by a crash")
    assert erase_log(logs / SECOND) == ()
    assert not (logs / SECOND).exists()
    assert SECOND.encode() not in names_and_content(logs)
    assert resolve(logs, "last") == logs / FIRST
    SessionLog.open(logs / FIRST)


def test_a_log_is_erased_from_a_full_disk_since_that_is_how_it_gets_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = logs_of(tmp_path) / SECOND
    synced = os.fsync

    def full_until_erased(descriptor: int) -> None:
        if (folder / "samples.arrows").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        synced(descriptor)

    assert read_order(folder.parent).last == SECOND
    monkeypatch.setattr("os.fsync", full_until_erased)
    assert erase_log(folder) == ()
    assert not folder.exists()
    assert read_order(folder.parent).last == ""


def test_what_is_not_ours_stays_and_is_named(tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    target = tmp_path / "mine.txt"
    target.write_text("mine")
    (logs / FIRST / "notes.txt").write_text("mine")
    (logs / FIRST / "report.html").symlink_to(target)
    assert erase_log(logs / FIRST) == ("notes.txt",)
    assert [path.name for path in (logs / FIRST).iterdir()] == ["notes.txt"]
    assert target.read_text() == "mine"
    assert [entry.session_id for entry in list_sessions(logs)] == [SECOND]
    with pytest.raises(LogNotFoundError):
        SessionLog.open(logs / FIRST)


def test_a_log_behind_a_link_or_being_recorded_is_not_erased(tmp_path: Path) -> None:
    journal, _ = record(tmp_path / "logs", 1)
    with pytest.raises(StoreError, match="being recorded"):
        erase_log(journal.folder)
    journal.close()
    link = tmp_path / "link"
    link.symlink_to(journal.folder)
    with pytest.raises(StoreError, match="link"):
        erase_log(link)
    assert (journal.folder / "manifest.json").exists()


def test_a_roller_is_taken_out_of_every_log_and_they_stay_readable(tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    (logs / FIRST / "report.html").write_text("GR-1 4F2A, F0:00")
    assert b"F0:00" in names_and_content(logs)
    changed, failed = forget_roller(
        logs, Massages(tmp_path / "massages", READERS), lambda address, _: address == "F0:00"
    )
    assert (changed, failed) == ((FIRST, SECOND), ())
    assert b"F0:00" not in names_and_content(logs)
    assert b"4F2A" not in names_and_content(logs)
    for session_id in changed:
        assert not read_manifest(logs / session_id).altered
        assert len(SessionLog.open(logs / session_id).samples("sample")["sample"]) > 300
    assert recover(logs / SECOND).damage is None
    assert forget_roller(logs, Massages(tmp_path / "massages", READERS), lambda address, _: address == "F0:00") == (
        (),
        (),
    )


LOST = "the connection was lost, and not found again: no connection to f0:00 within 10 s, nor to GR-1 4F2A"


def with_a_loss(logs: Path, session_id: str) -> tuple[Journal, Checkpoint]:
    """A massage that ended because the roller was not found again, in the words that name it."""
    journal, checkpoint = record(logs, 2, session_id=session_id)
    journal.append_event(Event(START_US + 2_000_000, EventKind.STOP, {"ending": "link_lost", "reason": LOST}))
    journal.close(checkpoint)
    return journal, checkpoint


def as_older_ones_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glowtool.store.journal.journal.without_roller", lambda data, _: data)


def reasons(folder: Path) -> list[object]:
    return [event.data["reason"] for event in SessionLog.open(folder).events() if "reason" in event.data]


WITHOUT = "the connection was lost, and not found again: no connection to the roller within 10 s, nor to the roller"


def test_no_event_names_the_roller(tmp_path: Path) -> None:
    journal, checkpoint = with_a_loss(tmp_path, FIRST)
    assert b"f0:00" not in names_and_content(journal.folder).lower().replace(b'"address": "f0:00"', b"")
    finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)
    assert reasons(journal.folder) == [WITHOUT]


def test_what_events_of_an_older_glowtool_say_of_the_roller_is_taken_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_older_ones_wrote(monkeypatch)
    for session_id in (FIRST, SECOND):
        journal, checkpoint = with_a_loss(tmp_path, session_id)
        finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)
    folder = tmp_path / SECOND
    assert reasons(folder) == [LOST]
    before = [event for event in SessionLog.open(folder).events() if "reason" not in event.data]
    (tmp_path / FIRST / "events.parquet").write_bytes(b"damaged")
    changed, failed = forget_roller(tmp_path, Massages(tmp_path / "massages", READERS), lambda *_: True)
    assert (changed, failed) == ((SECOND,), (FIRST,)), "what is damaged may name it still, and nobody vouches for it"
    assert reasons(folder) == [WITHOUT]
    assert [event for event in SessionLog.open(folder).events() if "reason" not in event.data] == before
    assert set(read_manifest(folder).sha256) == {"samples.parquet", "strokes.parquet", "events.parquet"}


def test_a_crash_while_the_roller_is_taken_out_leaves_a_log_that_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_older_ones_wrote(monkeypatch)
    journal, checkpoint = with_a_loss(tmp_path, FIRST)
    finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("write_table", "write_manifest"):
        with monkeypatch.context() as patch:
            patch.setattr(f"glowtool.store.erasure.unlink.{name}", crash)
            with pytest.raises(KeyboardInterrupt):
                forget_roller(tmp_path, Massages(tmp_path / "massages", READERS), lambda *_: True)
        assert len(reasons(journal.folder)) == 1
    assert forget_roller(tmp_path, Massages(tmp_path / "massages", READERS), lambda *_: True) == ((FIRST,), ())
    assert reasons(journal.folder) == [WITHOUT]


def test_a_journal_that_names_the_roller_is_closed_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_older_ones_wrote(monkeypatch)
    journal, _ = with_a_loss(tmp_path, FIRST)
    assert forget_roller(tmp_path, Massages(tmp_path / "massages", READERS), lambda *_: True) == ((FIRST,), ())
    assert reasons(journal.folder) == [WITHOUT]


def test_a_log_that_cannot_be_read_is_named_since_nobody_knows_whose_it_is(tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    (logs / FIRST / "manifest.json").write_text("{")
    changed, failed = forget_roller(logs, Massages(tmp_path / "massages", READERS), lambda *_: True)
    assert (changed, failed) == ((SECOND,), (FIRST,))


def test_sessions_follow_one_another_by_number_whatever_the_clock_said(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    for session_id in ("20270101T000000Z-aaaaaa", "20260102T000000Z-bbbbbb"):
        journal, checkpoint = record(logs, 1, session_id=session_id)
        journal.close(checkpoint)
        finish(journal.folder, Ending.COMPLETED, ENDED, checkpoint)
    assert [entry.session_id[:4] for entry in list_sessions(logs)] == ["2027", "2026"]
    assert resolve(logs, "last").name.startswith("2026")
    (logs / ".order.json").write_text("{")
    assert len(list_sessions(logs)) == 2
    journal, _ = record(logs, 1, session_id="20200101T000000Z-cccccc")
    journal.close()
    assert resolve(logs, "last") == journal.folder
    assert list_sessions(logs)[-1].path == journal.folder
    assert read_order(logs).number == 1


def test_folders_of_ones_own_and_files_are_passed_over(tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    (logs / "old").mkdir()
    (logs / "old" / "notes.txt").write_text("mine")
    (logs / "zzz.txt").write_text("mine")
    assert [entry.session_id for entry in list_sessions(logs)] == [FIRST, SECOND]
    assert resolve(logs, "last").name == SECOND


def test_last_is_the_latest_session_also_when_it_is_damaged(tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    (logs / SECOND / "manifest.json").write_text("{")
    assert resolve(logs, "last").name == SECOND
