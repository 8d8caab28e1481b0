"""A journal loses at most a second, whatever kills it, and a torn one gives every whole batch."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import support
from glowtool.errors import StoreError
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.store.journal.journal import Journal, new_session_id
from glowtool.store.journal.recover import recover
from glowtool.store.journal.salvage import salvage
from glowtool.store.journal.seal import StreamName
from glowtool.store.logs.catalogue import list_sessions
from glowtool.store.logs.log import SessionLog
from glowtool.store.names import EVENTS_NAME, SAMPLES_NAME
from glowtool.store.tables.arrow import EVENTS_SCHEMA
from glowtool.store.tables.state import LogState
from support.logs.full_disk import full_disk
from support.logs.sessions import STARTED, manifest, record
from support.logs.streams import RATE_HZ
from support.processes.warm import Copy, begin

CHILD = Path(support.__path__[0]) / "processes/recording_child.py"


def rows_in(path: Path) -> int:
    return salvage(path.read_bytes(), StreamName.SAMPLES, EVENTS_SCHEMA, None, 10**6).rows


def child(logs: Path, limit: int = 0) -> Copy:
    return begin([CHILD, logs, str(limit)])


@pytest.mark.parametrize("kill_after", [150, 1700])
def test_a_killed_recording_loses_at_most_a_second(tmp_path: Path, kill_after: int) -> None:
    with child(tmp_path) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        appended = 0
        while appended < kill_after:
            appended = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        appended = max([appended, *map(int, process.stdout.read().split("\n")[:-1])])
    closed = recover(folder)
    assert (closed.state, closed.ending) == (LogState.RECOVERED, Ending.CRASHED)
    samples = SessionLog.open(folder).samples("sample")["sample"]
    assert samples.tolist() == list(range(len(samples)))
    assert appended - len(samples) <= RATE_HZ
    # The kill may come between the samples of a sync and its counters, which then are those of the sync before.
    assert 0 <= len(samples) - closed.counters.received * 10 <= RATE_HZ


def test_a_recording_that_is_cut_off_between_samples_and_counters_keeps_the_samples(tmp_path: Path) -> None:
    journal, checkpoint = record(tmp_path, 2)
    events = (journal.folder / EVENTS_NAME).read_bytes()
    journal.close(checkpoint)
    (journal.folder / EVENTS_NAME).write_bytes(events)
    closed = recover(journal.folder)
    samples = SessionLog.open(journal.folder).samples("sample")["sample"]
    assert samples.tolist() == list(range(2 * RATE_HZ))
    assert 0 < closed.counters.received * 10 < len(samples)
    assert (closed.counters.unsettled, closed.damage) == (1, None)


def test_a_full_disk_is_said_and_what_was_synced_stays_readable(tmp_path: Path) -> None:
    with child(tmp_path, 150_000) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        failed, name, synced, *message = process.stdout.read().strip().split("\n")[-1].split()
    assert (failed, name) == ("failed", "StoreError")
    text = " ".join(message)
    assert text.startswith(
        f"cannot write the log in {folder}: File too large; everything written before that is kept; "
    )
    assert int(synced) > RATE_HZ
    assert len(SessionLog.open(folder).samples("sample")["sample"]) == int(synced)
    assert recover(folder).state is LogState.RECOVERED
    assert len(SessionLog.open(folder).samples("sample")["sample"]) == int(synced)


def test_after_a_failure_the_journal_takes_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, _ = record(tmp_path, 2)
    sizes = [(journal.folder / name).stat().st_size for name in (SAMPLES_NAME, EVENTS_NAME)]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_disk)
        journal.append_event(Event(1, EventKind.NOTE, {}))
        with pytest.raises(StoreError, match=r"No space left on device.*free some space"):
            journal.sync(100)
    assert [(journal.folder / name).stat().st_size for name in (SAMPLES_NAME, EVENTS_NAME)] == sizes
    with pytest.raises(StoreError, match="No space left"):
        journal.append_event(Event(2, EventKind.NOTE, {}))
    journal.close()
    journal.close()


def test_a_log_that_cannot_be_begun_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("no space")

    monkeypatch.setattr("glowtool.store.journal.journal.write_manifest", refuse)
    with pytest.raises(StoreError, match="no space"):
        Journal.create(tmp_path / "logs", manifest())
    assert list_sessions(tmp_path / "logs") == ()
    assert all(path.name.startswith(".order") for path in (tmp_path / "logs").iterdir())


def test_it_syncs_when_the_interval_has_passed_on_the_callers_clock(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, manifest())
    assert [journal.sync(now) for now in (10.0, 10.3, 10.5, 10.8, 11.1)] == [True, False, True, False, True]
    journal.close()


def test_everything_is_for_its_owner_only(tmp_path: Path) -> None:
    logs = tmp_path / "data" / "logs"
    journal, _ = record(logs, 1)
    journal.close()
    for folder in (logs.parent, logs, journal.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in journal.folder.iterdir()}
    assert names == dict.fromkeys(("manifest.json", SAMPLES_NAME, EVENTS_NAME), 0o600)


def test_a_log_can_be_read_while_it_is_recorded_but_not_recovered(tmp_path: Path) -> None:
    journal, _ = record(tmp_path, 3)
    log = SessionLog.open(journal.folder)
    assert log.manifest.state is LogState.RECORDING
    assert len(log.samples("sample")["sample"]) >= 2 * RATE_HZ
    assert log.manifest.steps[0].index == 0
    with pytest.raises(StoreError, match="being recorded right now"):
        recover(journal.folder)
    journal.close()


def test_a_session_id_says_when_and_differs() -> None:
    first, second = new_session_id(STARTED), new_session_id(STARTED)
    assert first.startswith("20261122T154100Z-")
    assert len(first) == 23
    assert first != second


def test_two_sessions_never_share_a_folder(tmp_path: Path) -> None:
    Journal.create(tmp_path, manifest()).close()
    with pytest.raises(StoreError, match="File exists"):
        Journal.create(tmp_path, manifest())


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.long)])
def test_a_stream_torn_at_any_byte_gives_every_whole_batch(tmp_path: Path, every: int) -> None:
    journal, _ = record(tmp_path, 1)
    journal.sync(100)
    path = journal.folder / SAMPLES_NAME
    before = path.stat().st_size
    whole = len(SessionLog.open(journal.folder).samples("sample")["sample"])
    samples = SessionLog.open(journal.folder).samples()
    del samples["step"]  # the journal has none
    journal.append_samples({name: values[:3] for name, values in samples.items()})
    journal.close()
    data = path.read_bytes()
    torn = tmp_path / "torn.arrows"
    for offset in range(before, len(data), every):
        torn.write_bytes(data[:offset])
        assert rows_in(torn) == whole, offset
    assert rows_in(path) == whole + 3


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(tail=st.binary(min_size=1, max_size=200))
def test_garbage_behind_the_last_batch_does_no_harm(tmp_path: Path, tail: bytes) -> None:
    folder = tmp_path / "20261122T154100Z-3f9a1c"
    if not folder.exists():
        record(tmp_path, 1)[0].close()
    path = folder / SAMPLES_NAME
    torn = tmp_path / "torn.arrows"
    torn.write_bytes(path.read_bytes() + tail)
    assert rows_in(torn) >= rows_in(path)
    torn.write_bytes(path.read_bytes() + b"\0" * 4096)
    assert rows_in(torn) == rows_in(path)


@pytest.mark.parametrize("keep", [0, 1, 100])
def test_a_journal_without_as_much_as_a_schema_recovers_empty(tmp_path: Path, keep: int) -> None:
    journal, _ = record(tmp_path, 1)
    journal.close()
    for name in (SAMPLES_NAME, EVENTS_NAME):
        os.truncate(journal.folder / name, keep)
    recover(journal.folder)
    log = SessionLog.open(journal.folder)
    assert log.samples("step", "pressure_l_kpa")["pressure_l_kpa"].shape == (0,)
    assert log.strokes()["head"].shape == (0,)
    assert log.events() == ()
    assert np.issubdtype(log.samples("contact_l")["contact_l"].dtype, np.bool_)
