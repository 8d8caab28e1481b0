"""A replayed log gives the stream what it took while it was recorded: equal columns, strokes, gaps, restarts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.app.library import replay
from glowtool.errors import LogDamagedError
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.store.logs.log import SessionLog
from glowtool.store.logs.replay import arrivals_of
from glowtool.store.tables.finish import finish
from glowtool.stream.arrivals import Gap, Restart
from glowtool.stream.block import Block
from glowtool.stream.columns import HOST_TIME, STEP
from support.logs.sessions import ENDED, record
from support.logs.streams import RATE_HZ, START_US

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.stream.block import Columns, Stroke
    from glowtool.stream.pipeline import Portion

#: Columns that the replay does not make: they depend on the host's clock and on the massage's events.
NOT_MADE = {HOST_TIME.name, STEP.name}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> SessionLog:
    journal, checkpoint = record(tmp_path_factory.mktemp("logs"), 8, lose=range(30, 33))
    journal.close(checkpoint)
    finish(journal.folder, Ending.COMPLETED, ENDED, checkpoint)
    return SessionLog.open(journal.folder)


def columns_of(portions: list[Portion]) -> Columns:
    names = next(each.samples for each in portions if each.samples)
    return {name: np.concatenate([each.samples[name] for each in portions if each.samples]) for name in names}


def test_a_replay_makes_every_column_and_every_stroke_again(log: SessionLog) -> None:
    portions = list(replay(log))
    made, kept = columns_of(portions), log.samples()
    assert set(made) == set(kept) - NOT_MADE
    for name, values in made.items():
        np.testing.assert_array_equal(values, kept[name], err_msg=name)
    strokes = sorted((each.start_us, each.head.value, each.length_mm) for each in _strokes(portions))
    rows = log.strokes()
    columns = (rows["start_us"].tolist(), rows["head"].tolist(), rows["length_mm"].tolist())
    assert strokes == list(zip(*columns, strict=True))
    assert len(strokes) > 4
    assert [gap for each in portions for gap in each.gaps] == list(log.gaps())


@given(st.integers(1, 3000))
def test_what_comes_does_not_depend_on_how_it_is_cut(log: SessionLog, block_samples: int) -> None:
    arrivals = list(arrivals_of(log, block_samples))
    blocks = [each for each in arrivals if isinstance(each, Block)]
    assert max(map(len, blocks)) <= block_samples
    raw = np.concatenate([each.raw for each in blocks])
    assert raw["travel_l"].tolist() == log.samples("travel_l")["travel_l"].tolist()
    for one, other in pairwise(blocks):
        assert one.first_sample + len(one) <= other.first_sample


def test_a_gap_comes_between_the_samples_around_it(log: SessionLog) -> None:
    arrivals = list(arrivals_of(log))
    (at,) = (at for at, each in enumerate(arrivals) if isinstance(each, Gap))
    before, gap, after = arrivals[at - 1 : at + 2]
    assert isinstance(before, Block)
    assert isinstance(gap, Gap)
    assert isinstance(after, Block)
    assert before.first_sample + len(before) == gap.first_sample
    assert gap.first_sample + gap.count == after.first_sample


def test_a_restart_comes_before_the_first_sample_after_it(tmp_path: Path) -> None:
    journal, checkpoint = record(tmp_path, 4)
    journal.append_event(Event(START_US + 1_995_000, EventKind.RESET, {}))
    journal.close(checkpoint)
    first, restart, second = arrivals_of(SessionLog.open(journal.folder))
    assert isinstance(first, Block)
    assert isinstance(second, Block)
    assert restart == Restart()
    assert (len(first), second.first_sample) == (2 * RATE_HZ, 2 * RATE_HZ)


def test_a_log_without_samples_replays_to_nothing(tmp_path: Path) -> None:
    journal, checkpoint = record(tmp_path, 0)
    journal.close(checkpoint)
    finish(journal.folder, Ending.STOPPED, ENDED, checkpoint)
    portions = list(replay(SessionLog.open(journal.folder)))
    assert not any(each.samples or each.strokes or each.gaps for each in portions)


def test_a_log_whose_samples_have_no_index_is_damaged(log: SessionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "sample_columns", lambda: ("travel_l",))
    with pytest.raises(LogDamagedError, match="no samples column 'device_time_us'"):
        list(arrivals_of(log))


def _strokes(portions: list[Portion]) -> list[Stroke]:
    return [stroke for each in portions for stroke in each.strokes]
