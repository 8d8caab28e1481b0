"""The clock model of a log is the same live, finished and recovered, over lines and restarts, and it says its error."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glowtool.model.ending import Ending
from glowtool.model.event import EventKind
from glowtool.store.journal.journal import Checkpoint, Journal
from glowtool.store.journal.recover import recover
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.checkpoints import model_of
from glowtool.store.tables.entries import ClockEntry
from glowtool.store.tables.finish import finish
from glowtool.stream.arrivals import Books
from glowtool.stream.block import period_us
from glowtool.stream.clock.dating import dated
from glowtool.stream.clock.estimator import ClockEstimator
from glowtool.stream.pipeline import Portion
from support.logs.sessions import ENDED, manifest
from support.logs.streams import RATE_HZ

if TYPE_CHECKING:
    from pathlib import Path

HOST_US = 1_790_000_000_000_000
FRAME_US = 50_000
RESET_AT = 4_000
FRAMES = 9_000


def journal_of(logs: Path, clock: ClockEstimator, *, last_checkpoint: int = FRAMES) -> Journal:
    """Return a journal, still open, of one sample a frame; the roller restarts once and is away for a while."""
    journal = Journal.create(logs, manifest())
    random = np.random.default_rng(4)
    for number in range(FRAMES):
        if number == RESET_AT:
            clock.reset()
            journal.append_output(Portion(reset=True))
        true_us = HOST_US + number * FRAME_US + (7_000_000 if number >= RESET_AT else 0) + number
        complete_us = 10_000_000 + number * FRAME_US
        clock.process(complete_us, true_us + int(random.integers(0, 40_000)))
        times_us = np.array([complete_us - period_us(RATE_HZ)], np.int64)
        samples = {"sample": np.array([number * 10], np.int64), "device_time_us": times_us}
        journal.append_output(Portion(samples=dated(samples, clock.line)))
        if number % 60 == 0 and number < last_checkpoint:
            journal.sync(number / 20, Checkpoint(Books(), clock.model))
    return journal


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ClockEstimator]:
    clock = ClockEstimator()
    journal = journal_of(tmp_path_factory.mktemp("logs"), clock)
    journal.close(Checkpoint(Books(), clock.model))
    return journal.folder, clock


def test_live_finished_and_recovered_logs_map_time_alike(tmp_path: Path, written: tuple[Path, ClockEstimator]) -> None:
    folder, clock = written
    model = clock.model
    assert model is not None
    assert len(model.lines) > 6, "more than a checkpoint repeats"
    done, cut_off = tmp_path / folder.name, tmp_path / "copy" / folder.name
    for copy in (done, cut_off):
        shutil.copytree(folder, copy)
    finished = finish(done, Ending.COMPLETED, ENDED, Checkpoint(Books(), model))
    assert finished.clock == recover(cut_off).clock == ClockEntry.from_model(model)
    assert finished.clock is not None
    assert model_of(finished.clock) == model
    assert finished.clock.worst_error_us == model.error_us
    one, other = (SessionLog.open(copy).samples("device_time_us", "host_time_us") for copy in (done, cut_off))
    assert one["host_time_us"].tobytes() == other["host_time_us"].tobytes()
    assert one["host_time_us"].tobytes() == model.host_times_us(one["device_time_us"].astype(np.int64)).tobytes()
    assert not (done / "samples.arrows").exists(), "the journal agreed with the files"


def test_a_restart_in_mid_log_is_dated_on_both_sides(tmp_path: Path, written: tuple[Path, ClockEstimator]) -> None:
    folder, clock = written
    model = clock.model
    assert model is not None
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    recover(copy)
    log = SessionLog.open(copy)
    assert [event.kind for event in log.events()].count(EventKind.RESET) == 1
    number = log.samples("sample")["sample"].astype(np.int64) // 10
    true_us = HOST_US + number * FRAME_US + np.where(number >= RESET_AT, 7_000_000, 0) + number
    errors_us = log.samples("host_time_us")["host_time_us"].astype(np.int64) + period_us(RATE_HZ) - true_us
    assert abs(errors_us).max() <= model.error_us < 5_000


def test_without_a_checkpoint_after_the_restart_samples_keep_their_first_date(tmp_path: Path) -> None:
    clock = ClockEstimator()
    journal = journal_of(tmp_path, clock, last_checkpoint=RESET_AT)
    journal.close()
    recover(journal.folder)
    host_us = SessionLog.open(journal.folder).samples("host_time_us")["host_time_us"].astype(np.int64)
    away_us = np.diff(host_us)[RESET_AT - 1]
    assert 6_900_000 < away_us < 7_200_000
    assert abs(np.diff(host_us[:RESET_AT]) - FRAME_US).max() < 1_000, "dated by the model that knew them"
