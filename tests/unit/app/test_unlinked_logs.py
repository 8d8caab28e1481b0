"""Unlinking leaves no byte that names the roller, whatever state a log is in; what was refused can be done later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.app.logs.kept import READERS
from glowtool.drivers.gr1.archive import recorded_in
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.store.journal.recover import recover
from glowtool.store.logs.log import SessionLog
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.massages import Massages, keep_massage, massage_of
from glowtool.store.rollers.registry import DeviceRegistry
from glowtool.store.tables.entries import DeviceEntry
from glowtool.store.tables.finish import finish
from glowtool.store.tables.manifest import read_manifest, write_manifest
from support.host.rogue import RECORD
from support.logs.sessions import ENDED, SESSION_ID, record
from support.logs.streams import START_US
from support.processes.console import Host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.store.journal.journal import Checkpoint, Journal

ADDRESS, SERIAL, ALIAS, NAME = "F0:F1:00:00:00:01", "GR1000004F2A", "Waschtisch", "GR-1 4F2A"
ROLLER = KnownRoller.model_validate(
    {"address": ADDRESS, "name": NAME, "serial": SERIAL, "alias": ALIAS, "last_seen_utc": "2026-11-22T12:30:00Z"}
)
SAID = f"no connection to {ADDRESS.lower()} ({SERIAL}), nor to {ALIAS}, which is {NAME}"
#: An HCI controller that nobody serves.
NO_ADAPTER = "tcp:127.0.0.1:1"


def naming(folder: Path) -> list[str]:
    """Return the files that name the roller, in their names or their bytes."""
    words = [word.lower().encode() for word in (ADDRESS, ADDRESS.replace(":", "-"), SERIAL, ALIAS, NAME)]
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        for said in [str(path.relative_to(folder)).lower().encode() + path.read_bytes().lower()]
        if any(word in said for word in words)
    )


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path / "data", NO_ADAPTER)
    DeviceRegistry(host.data_dir).remember(ROLLER)
    return host


@pytest.fixture
def recorded(host: Host, monkeypatch: pytest.MonkeyPatch) -> tuple[Journal, Checkpoint]:
    """A log that is being recorded, with an event that names the roller, as an older glowtool wrote it."""
    monkeypatch.setattr("glowtool.store.journal.journal.without_roller", lambda data, _: data)
    journal, checkpoint = record(host.data_dir / "logs", 2)
    journal.append_event(Event(START_US + 2_000_000, EventKind.STOP, {"ending": "link_lost", "reason": SAID}))
    journal.sync(99, checkpoint)
    device = DeviceEntry(name=NAME, address=ADDRESS, serial=SERIAL, firmware="1.0.0", protocol="1.3")
    write_manifest(journal.folder, journal.manifest.model_copy(update={"device": device}))
    return journal, checkpoint


def forget(host: Host, capsys: pytest.CaptureFixture[str], choice: str = "unlink") -> tuple[int, str]:
    said = host.call_here(capsys, "devices", "forget", ALIAS, "--yes", "--here-only", "--logs", choice)
    return said.status, said.out + said.err


def finished(journal: Journal, checkpoint: Checkpoint) -> None:
    finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)
    (journal.folder / "report.html").write_text(SAID)


def finished_with_its_journal(journal: Journal, checkpoint: Checkpoint) -> None:
    """A crash between the manifest and the removal of the journal."""
    kept = {name: (journal.folder / name).read_bytes() for name in ("events.arrows", "samples.arrows")}
    finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)
    for name, content in kept.items():
        (journal.folder / name).write_bytes(content)


def cut_off(journal: Journal, checkpoint: Checkpoint) -> None:
    """What kill -9 leaves."""


def damage(path: Path, at: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:at] + bytes(64) + content[at + 64 :])


def cut_off_and_damaged(journal: Journal, checkpoint: Checkpoint) -> None:
    damage(journal.folder / "events.arrows", 3000)


def damaged_where_it_names_the_roller(journal: Journal, checkpoint: Checkpoint) -> None:
    path = journal.folder / "events.arrows"
    damage(path, path.read_bytes().find(b'"reason"') - 40)


def set_aside(journal: Journal, checkpoint: Checkpoint) -> None:
    damaged_where_it_names_the_roller(journal, checkpoint)
    recover(journal.folder)


def set_aside_and_whole_where_it_names_the_roller(journal: Journal, checkpoint: Checkpoint) -> None:
    damage(journal.folder / "samples.arrows", 9000)
    recover(journal.folder)


def with_a_foreign_journal(journal: Journal, checkpoint: Checkpoint) -> None:
    """The journal of one massage beside the manifest of another: it is never closed."""
    manifest = read_manifest(journal.folder)
    write_manifest(journal.folder, manifest.model_copy(update={"session_id": "20261122T154100Z-000000"}))


def without_a_manifest_that_can_be_read(journal: Journal, checkpoint: Checkpoint) -> None:
    finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)
    path = journal.folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:-40])


def cut_off_without_a_manifest_that_can_be_read(journal: Journal, checkpoint: Checkpoint) -> None:
    path = journal.folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:-40])


def with_events_that_do_not_verify(journal: Journal, checkpoint: Checkpoint) -> None:
    finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)
    manifest = read_manifest(journal.folder)
    write_manifest(
        journal.folder, manifest.model_copy(update={"sha256": {**manifest.sha256, "events.parquet": "0" * 64}})
    )


def with_events_that_cannot_be_read(journal: Journal, checkpoint: Checkpoint) -> None:
    finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)
    (journal.folder / "events.parquet").write_bytes(b"PAR1" + SAID.encode())


def of_an_unknown_roller(journal: Journal, checkpoint: Checkpoint) -> None:
    """As unlinking left it that did not look into the events."""
    finish(journal.folder, Ending.LINK_LOST, ENDED, checkpoint)
    manifest = read_manifest(journal.folder)
    write_manifest(journal.folder, manifest.model_copy(update={"device": DeviceEntry.unknown()}))


#: Each state, and what is said of it.
STATES = {
    finished: "",
    finished_with_its_journal: "",
    cut_off: "",
    cut_off_and_damaged: "",
    damaged_where_it_names_the_roller: "",
    set_aside: "",
    set_aside_and_whole_where_it_names_the_roller: "",
    with_a_foreign_journal: "",
    without_a_manifest_that_can_be_read: "may still name",
    cut_off_without_a_manifest_that_can_be_read: "may still name",
    with_events_that_do_not_verify: "",
    with_events_that_cannot_be_read: "may still name",
    of_an_unknown_roller: "",
}


@pytest.mark.parametrize(("state", "told"), STATES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_no_byte_names_the_roller(
    host: Host,
    recorded: tuple[Journal, Checkpoint],
    capsys: pytest.CaptureFixture[str],
    state: Callable[[Journal, Checkpoint], None],
    told: str,
) -> None:
    journal, checkpoint = recorded
    journal.close(checkpoint)
    state(journal, checkpoint)
    assert len(naming(host.data_dir)) >= 2
    status, said = forget(host, capsys)
    assert status == 0, said
    assert naming(host.data_dir) == []
    assert ("may still name" in said) == bool(told), said
    assert DeviceRegistry(host.data_dir).rollers() == ()


def test_what_could_be_read_can_be_read_afterwards(
    host: Host, recorded: tuple[Journal, Checkpoint], capsys: pytest.CaptureFixture[str]
) -> None:
    journal, checkpoint = recorded
    journal.close(checkpoint)
    with_a_foreign_journal(journal, checkpoint)
    forget(host, capsys)
    manifest = read_manifest(journal.folder)
    write_manifest(journal.folder, manifest.model_copy(update={"session_id": SESSION_ID}))
    assert recover(journal.folder).damage is None, "what is struck out is sealed anew"
    (reason,) = (event.data["reason"] for event in SessionLog.open(journal.folder).events() if "reason" in event.data)
    assert str(reason).startswith("no connection to *****************")


def test_a_log_that_is_being_recorded_is_refused_and_can_be_unlinked_later(
    host: Host, recorded: tuple[Journal, Checkpoint], capsys: pytest.CaptureFixture[str]
) -> None:
    journal, checkpoint = recorded
    before = naming(host.data_dir)
    for choice in ("unlink", "erase"):
        status, said = forget(host, capsys, choice)
        assert (status, "is being recorded right now" in said) == (18, True)
        assert naming(host.data_dir) == before
    journal.close(checkpoint)
    assert forget(host, capsys)[0] == 0
    assert naming(host.data_dir) == []


def test_a_disk_that_does_not_take_it_leaves_a_roller_that_can_be_named_again(
    host: Host,
    recorded: tuple[Journal, Checkpoint],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal, checkpoint = recorded
    journal.close(checkpoint)
    finished(journal, checkpoint)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("glowtool.store.erasure.unlink.write_table", full)
        assert forget(host, capsys)[0] == 18
    assert forget(host, capsys)[0] == 0
    assert naming(host.data_dir) == []


def test_a_damaged_massage_by_the_button_names_nobody_either(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    kept = massage_of(3, recorded_in(RECORD), serial=SERIAL, device=NAME, address=ADDRESS, fetched_utc=ENDED)
    folder = host.data_dir / "massages"
    keep_massage(Massages(folder, READERS), kept)
    (path,) = folder.iterdir()
    path.write_text(path.read_text()[:-40])
    _, said = forget(host, capsys)
    assert naming(host.data_dir) == []
    assert "unknown-00003" in said
