"""Finishing turns a journal into the same whole log, also after a crash at any point of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import support
from glowtool.errors import LogDamagedError, LogNotFoundError, StoreError
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.store.journal.journal import Checkpoint
from glowtool.store.journal.recover import recover
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.events import step_spans
from glowtool.store.tables.finish import finish
from glowtool.store.tables.manifest import read_manifest
from glowtool.store.tables.state import LogState
from glowtool.stream.arrivals import Books, Gap
from support.logs.sessions import ENDED, STARTED, record
from support.logs.streams import RATE_HZ, START_US
from support.processes.console import Running
from support.processes.warm import begin

CHILD = Path(support.__path__[0]) / "processes/crashing_child.py"


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    journal, checkpoint = record(tmp_path, 6, lose=range(30, 33))
    journal.close(checkpoint)
    finish(journal.folder, Ending.COMPLETED, ENDED, checkpoint)
    return journal.folder


def test_a_finished_log_has_parquet_and_a_manifest_and_nothing_else(finished: Path) -> None:
    assert {path.name for path in finished.iterdir()} == {
        "manifest.json",
        "samples.parquet",
        "strokes.parquet",
        "events.parquet",
    }
    manifest = read_manifest(finished)
    assert (manifest.state, manifest.ending, manifest.ended_utc) == (LogState.FINISHED, Ending.COMPLETED, ENDED)
    assert (manifest.counters.sent, manifest.counters.received, manifest.counters.lost) == (120, 117, 3)
    assert manifest.routine["name"] == "first-glow"
    assert pq.read_metadata(finished / "samples.parquet").row_group(0).column(0).compression == "ZSTD"


def test_samples_have_their_step_and_gaps_are_listed(finished: Path) -> None:
    log = SessionLog.open(finished)
    samples = log.samples("sample", "step", "device_time_us")
    assert (samples["step"] == np.where(samples["sample"].astype(np.int64) < RATE_HZ, -1, 0)).all()
    assert log.gaps() == (Gap(300, 30, START_US + 300 * 5000),)
    assert len(samples["sample"]) == 6 * RATE_HZ - 30
    assert log.manifest.steps[0].end_us == START_US + 6_000_000
    strokes = log.strokes()
    assert set(strokes["head"]) == {"l", "r"}
    assert (strokes["step"] == np.where(strokes["start_us"].astype(np.int64) < START_US + 1_000_000, -1, 0)).all()


def test_each_sample_belongs_to_the_step_of_its_time(tmp_path: Path) -> None:
    journal, checkpoint = record(tmp_path, 5)
    journal.append_event(Event(START_US + 2_000_000, EventKind.STEP, {"index": 1}))
    journal.append_event(Event(START_US + 3_000_000, EventKind.STOP, {"by": "user"}))
    journal.close(checkpoint)
    finish(journal.folder, Ending.STOPPED, ENDED, checkpoint)
    step = SessionLog.open(journal.folder).samples("step")["step"]
    assert step.tolist() == [-1] * RATE_HZ + [0] * RATE_HZ + [1] * RATE_HZ + [-1] * 2 * RATE_HZ


def test_host_times_follow_the_last_clock_model(finished: Path) -> None:
    log = SessionLog.open(finished)
    samples = log.samples("device_time_us", "host_time_us")
    offset_us = samples["host_time_us"].astype(np.int64) - samples["device_time_us"].astype(np.int64)
    assert len(set(offset_us.tolist())) == 1


def test_a_journal_reads_like_the_log_that_it_becomes(tmp_path: Path) -> None:
    journal, checkpoint = record(tmp_path, 5)
    journal.close(checkpoint)
    before = SessionLog.open(journal.folder)
    finish(journal.folder, Ending.STOPPED, ENDED, checkpoint)
    after = SessionLog.open(journal.folder)
    assert before.sample_columns() == after.sample_columns()
    left, right = before.samples(), after.samples()
    assert all(left[name].tobytes() == right[name].tobytes() for name in left)
    assert before.events() == after.events()
    assert before.manifest.steps == after.manifest.steps
    assert before.manifest.counters == after.manifest.counters


def test_finishing_again_after_a_crash_anywhere_gives_the_same_log(tmp_path: Path) -> None:
    journal, _ = record(tmp_path, 3)
    journal.close()
    copies = tmp_path / "copies"
    with begin([CHILD, journal.folder, copies]) as child:
        died = int(Running(child).finish().out)
    assert died > 10
    checkpoint = Checkpoint(Books(sent=60, received=60), None)
    whole = read_manifest(copies / str(died))
    for number in range(died):
        folder = copies / str(number)
        assert finish(folder, Ending.COMPLETED, ENDED, checkpoint) == whole, number
        SessionLog.open(folder)
        assert {path.name for path in folder.iterdir()} == {path.name for path in (copies / str(died)).iterdir()}


def test_recovering_a_log_that_a_crash_left_half_finished(tmp_path: Path) -> None:
    journal, checkpoint = record(tmp_path, 2)
    journal.close(checkpoint)
    (journal.folder / "samples.parquet").write_bytes(b"half of a file")
    (journal.folder / ".strokes.parquet.abc.part").write_bytes(b"and a temporary one")
    assert recover(journal.folder).counters.received == 40
    assert len(SessionLog.open(journal.folder).samples("sample")["sample"]) == 2 * RATE_HZ
    assert not list(journal.folder.glob(".*"))


def test_recovering_twice_changes_nothing(tmp_path: Path) -> None:
    journal, _ = record(tmp_path, 2)
    journal.close()
    assert recover(journal.folder) == recover(journal.folder)


def test_a_recovered_session_ends_with_its_last_sample(tmp_path: Path) -> None:
    journal, checkpoint = record(tmp_path, 2)
    journal.close(checkpoint)
    ended = recover(journal.folder).ended_utc
    last_us = SessionLog.open(journal.folder).samples("host_time_us")["host_time_us"][-1]
    assert ended is not None
    assert round(ended.timestamp() * 1e6) == last_us


@pytest.mark.parametrize("name", ["samples.parquet", "strokes.parquet", "events.parquet"])
def test_a_file_that_changed_is_named(finished: Path, name: str) -> None:
    content = bytearray((finished / name).read_bytes())
    content[len(content) // 2] ^= 1
    (finished / name).write_bytes(content)
    with pytest.raises(LogDamagedError, match=f"{name} is damaged: its SHA-256"):
        SessionLog.open(finished)
    (finished / name).unlink()
    with pytest.raises(LogDamagedError, match=f"{name} is missing"):
        SessionLog.open(finished)


def test_a_manifest_that_is_not_one_is_named_with_the_field(finished: Path) -> None:
    path = finished / "manifest.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "rate_hz": "fast"}))
    with pytest.raises(LogDamagedError, match=r"manifest\.json is damaged at rate_hz"):
        SessionLog.open(finished)
    path.write_text("{")
    with pytest.raises(LogDamagedError, match="the whole file"):
        SessionLog.open(finished)
    path.write_text(json.dumps({**content, "format_version": 99}))
    with pytest.raises(StoreError, match="update glowtool"):
        SessionLog.open(finished)
    path.unlink()
    with pytest.raises(LogNotFoundError):
        SessionLog.open(finished)


def test_a_column_that_is_not_there_is_named(finished: Path) -> None:
    with pytest.raises(StoreError, match="no samples column 'pressure'"):
        SessionLog.open(finished).samples("pressure")


def test_steps_end_with_the_next_step_the_stop_or_the_log() -> None:
    def step(time_us: int, index: int) -> Event:
        return Event(time_us, EventKind.STEP, {"index": index})

    def spans(*events: Event) -> list[tuple[int, int, int]]:
        return [(span.index, span.start_us, span.end_us) for span in step_spans(events, 100)]

    assert spans(step(10, 0), step(20, 1), step(30, -1)) == [(0, 10, 20), (1, 20, 30)]
    assert spans(step(10, 0), Event(15, EventKind.PAUSE, {}), Event(25, EventKind.STOP, {})) == [(0, 10, 25)]
    assert spans(step(10, 0), step(12, 0)) == [(0, 10, 100)]
    assert spans(step(10, 0), step(10, 1)) == [(1, 10, 100)]
    assert spans() == []


def test_the_start_is_kept(finished: Path) -> None:
    assert read_manifest(finished).started_utc == STARTED
