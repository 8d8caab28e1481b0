"""Each moment of a massage is observed, lost or interrupted, never two of them, and pauses belong to no step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.analysis.analyse import analyse
from glowtool.analysis.log import analyse_log, running
from glowtool.analysis.recordings.pauses import ran_until_us, said_pauses, silent_pauses
from glowtool.analysis.recordings.recording import Gap, Recording, Samples, disjoint, overlap_us
from glowtool.model.event import Event, EventKind
from glowtool.model.face import Zone
from glowtool.model.program import NO_STEP
from glowtool.protocol.program import unpack_program
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.entries import StepSpan
from glowtool.store.tables.tables import steps_at
from support.logs.bad_cells import recording
from support.logs.recorded_logs import journal_of, program_of
from support.logs.recordings import Plan, massage, strokes_of
from support.logs.streams import LAYOUT

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.analysis.summary import SessionSummary

SENT = 1001
PERIOD_US = 5000

moments = st.integers(0, 1000)
spans = st.tuples(moments, moments).map(lambda pair: (min(pair), max(pair) + 1))
steps = st.lists(st.tuples(spans, st.integers(0, 3)).map(lambda each: (*each[0], each[1])), max_size=8)


@given(steps=steps, paused=st.lists(spans, max_size=3))
def test_no_moment_is_in_two_steps_or_in_a_pause(
    steps: list[tuple[int, int, int]], paused: list[tuple[int, int]]
) -> None:
    kept = [span for parts in disjoint(steps, paused).values() for span in parts]
    for at, one in enumerate(kept):
        assert one[0] < one[1]
        assert all(overlap_us(one, other) == 0 for other in kept[at + 1 :])
        assert all(overlap_us(one, pause) == 0 for pause in paused)


@given(steps=steps, paused=st.lists(spans, max_size=3))
def test_gaps_and_samples_are_cut_alike(steps: list[tuple[int, int, int]], paused: list[tuple[int, int]]) -> None:
    """The stretches, which share out lost time, hold the moments of the samples to which the log gives that step."""
    manifest_steps = tuple(StepSpan(start_us=start, end_us=end, index=step) for start, end, step in steps)
    moments = np.arange(1002)
    wanted = running(steps_at(moments, manifest_steps).astype(np.int64), moments, paused)
    found = np.full(len(moments), NO_STEP)
    for step, pieces in disjoint(steps, paused).items():
        for start, end in pieces:
            found[start:end] = step
    np.testing.assert_array_equal(found, wanted)


def _events(*rows: tuple[int, EventKind]) -> list[Event]:
    return [Event(at_us, kind, {}) for at_us, kind in rows]


def test_a_pause_ends_with_what_goes_on_or_ends_it() -> None:
    pause, resume, stop, step = EventKind.PAUSE, EventKind.RESUME, EventKind.STOP, EventKind.STEP
    two = _events((100, pause), (300, resume), (500, pause), (700, stop))
    assert said_pauses(two, 900) == ((100, 300), (500, 700))
    assert said_pauses(_events((100, pause), (200, pause), (300, step)), 900) == ((100, 300),)
    assert said_pauses(_events((100, pause)), 900) == ((100, 900),), "a log that was cut off"
    assert said_pauses(_events((100, resume), (200, EventKind.INTERLOCK)), 900) == ()


def test_the_times_of_the_steps_add_up_to_those_of_the_session() -> None:
    summary = analyse(recording("gentle", 3, 60))
    assert sum(step.scope.observed_s for step in summary.steps) == summary.session.observed_s
    assert sum(step.scope.lost_s for step in summary.steps) == summary.session.lost_s
    for key in ("contact_time_s", "pressure_time_kpa_s", "stroke_count"):
        total = sum(step.scope.both[key] or 0 for step in summary.steps)
        assert abs(total - (summary.session.both[key] or 0)) < 1e-6, key


@given(
    steps=st.lists(spans, min_size=1, max_size=5),
    paused=st.lists(spans, max_size=3),
    lost=st.lists(st.tuples(st.integers(0, 900), st.integers(1, 90)), max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_received_and_lost_are_what_was_sent_in_every_scope(
    steps: list[tuple[int, int]], paused: list[tuple[int, int]], lost: list[tuple[int, int]]
) -> None:
    """However steps overlap, whatever is lost or paused: a sample sent in a step is in it once, and in no other."""
    claims = [(start * PERIOD_US, end * PERIOD_US, index) for index, (start, end) in enumerate(steps)]
    paused_us = [(start * PERIOD_US, end * PERIOD_US) for start, end in paused]
    pieces = disjoint(claims, paused_us)
    plans = tuple(Plan(Zone(1 + index % 2), 3.0, 3.0, duration_s=1.0) for index in range(len(steps)))
    whole = massage(plans, seed=1)
    every = np.arange(SENT)
    column = np.full(SENT, NO_STEP)
    for step, mine in pieces.items():
        for start, end in mine:
            column[start // PERIOD_US : end // PERIOD_US] = step
    kept = np.ones(SENT, np.bool_)
    for first, count in lost:
        kept[first : first + count] = False
    edges = np.flatnonzero(np.diff(np.concatenate(([True], kept, [True])).astype(np.int8)))
    rows = every[kept]
    flat = np.full(len(rows), 3.0)
    samples = Samples(
        rows, rows * PERIOD_US, column[kept], dict.fromkeys(LAYOUT.names, flat), dict.fromkeys(LAYOUT.names, flat > 0)
    )
    recording = replace(
        whole,
        samples=samples,
        strokes=strokes_of([]),
        gaps=tuple(Gap(int(first), int(stop - first)) for first, stop in zip(edges[::2], edges[1::2], strict=True)),
        steps=tuple(replace(step, spans_us=pieces.get(step.index, ())) for step in whole.steps),
    )
    summary = analyse(recording)
    for told in summary.steps:
        sent_s, received_s = (int((each == told.index).sum()) / whole.rate_hz for each in (column, column[kept]))
        assert told.scope.observed_s + told.scope.lost_s == pytest.approx(sent_s)
        assert told.scope.observed_s == pytest.approx(received_s)
    session, scopes = summary.session, [told.scope for told in summary.steps]
    assert sum(scope.observed_s for scope in scopes) == pytest.approx(session.observed_s)
    assert sum(scope.lost_s for scope in scopes) == pytest.approx(session.lost_s)
    assert sum(scope.both["contact_time_s"] or 0 for scope in scopes) == pytest.approx(session.both["contact_time_s"])
    in_steps = int((column != NO_STEP).sum())
    assert summary.quality.lost_samples + int((samples.step != NO_STEP).sum()) == in_steps


LOST = Event(27_000_000, EventKind.LINK, {"change": "lost"})


def _dark_from(at_us: int) -> tuple[Recording, Samples]:
    whole = recording("gentle", 3, 60)
    samples = whole.samples
    on = np.where(samples.device_time_us < at_us, 0.4, 0.0)
    return whole, replace(samples, amplitude=on, peak_ua=np.zeros(len(samples)))


def test_a_host_that_slept_was_not_told_of_the_pause_and_the_outputs_tell_it() -> None:
    whole, samples = _dark_from(20_000_000)
    program = unpack_program(program_of(whole)).steps
    assert list(silent_pauses([LOST], samples, program, {})) == [(19_995_000, 27_000_000)]
    assert list(silent_pauses([LOST], samples, program, {27_000_000: 20_500_000})) == [], (
        "what the roller said is better"
    )
    _, lit = _dark_from(60_000_000)
    assert list(silent_pauses([LOST], lit, program, {})) == []


def test_outputs_that_are_off_for_another_reason_are_no_pause() -> None:
    whole, samples = _dark_from(20_000_000)
    program = unpack_program(program_of(whole)).steps
    silent = tuple(replace(step, amplitude=0.0, peak_ua=0) for step in program)
    assert list(silent_pauses([LOST], samples, silent, {})) == [], "the step asks for no output"
    held = Event(19_900_000, EventKind.INTERLOCK, {"in_force": ["no_contact"]})
    assert list(silent_pauses([held, LOST], samples, program, {})) == [], "an interlock holds them back"


def test_the_roller_says_until_when_it_ran() -> None:
    back = Event(40_000_000, EventKind.LINK, {"change": "restored", "ran_until_us": 25_000_000})
    late = replace(back, data={"change": "restored", "ran_until_us": 90_000_000})
    assert ran_until_us([LOST, back]) == {27_000_000: 25_000_000}
    assert ran_until_us([LOST, late]) == {27_000_000: 40_000_000}, "not longer than until it was heard again"
    for damaged in ({}, {"ran_until_us": None}, {"ran_until_us": "soon"}):
        assert ran_until_us([LOST, replace(back, data={"change": "restored", **damaged})]) == {}
    assert ran_until_us([back]) == {}


def summary_of(logs: Path, *events: tuple[float, EventKind], rests_s: tuple[float, float] = (0, 0)) -> SessionSummary:
    """Return what comes of a log of one step of 40 s in which the hand strokes every 2 s but when it rests."""
    whole = massage((Plan(Zone.CHEEK_LEFT, 3.0, 3.0, duration_s=40.0),))
    strokes_s = whole.strokes.start_us / 1e6
    kept = whole.strokes.where((strokes_s < rests_s[0]) | (strokes_s >= rests_s[1]))
    more = [Event(round(at_s * 1e6), kind, {}) for at_s, kind in events]
    return analyse_log(SessionLog.open(journal_of(replace(whole, strokes=kept), logs, more)))


@pytest.mark.parametrize("rests_s", [(0, 0), (10.9, 20.9)])
def test_what_a_hand_does_in_a_pause_is_in_no_measure(tmp_path: Path, rests_s: tuple[float, float]) -> None:
    """Whether a person strokes on or rests while it is paused: rhythm and rate are those of the time that ran."""
    paused = summary_of(tmp_path / "a", (10.9, EventKind.PAUSE), (20.9, EventKind.RESUME), rests_s=rests_s)
    whole = summary_of(tmp_path / "b")
    assert paused.session.observed_s == pytest.approx(30.0)
    assert paused.quality.interrupted_s == pytest.approx(10.0)
    assert (whole.session.right["stroke_count"], paused.session.right["stroke_count"]) == (20, 15)
    assert paused.session.right["stroke_rate_per_min"] == pytest.approx(30.0)
    rhythm, undisturbed = paused.session.right["stroke_interval_cv"], whole.session.right["stroke_interval_cv"]
    assert rhythm is not None
    assert undisturbed is not None
    assert rhythm < 2 * undisturbed < 0.1, "the time from the last stroke before a pause is no interval"
    assert any("10.0 s" in remark for remark in paused.quality.remarks)
    assert paused.quality.lost_samples == 0
