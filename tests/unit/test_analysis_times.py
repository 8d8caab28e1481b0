"""Time of a massage: observed, lost, or interrupted; no moment twice, and none of a pause in any step."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glowtool.analysis.analyse import analyse
from glowtool.analysis.log import pauses_of
from glowtool.analysis.recording import disjoint, overlap_us
from glowtool.store.events import Event, EventKind
from support.bad_cells import recording

if TYPE_CHECKING:
    from glowtool.store.log import SessionLog

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


@given(steps=steps)
def test_without_pauses_every_moment_of_a_step_is_in_one(steps: list[tuple[int, int, int]]) -> None:
    kept = [span for parts in disjoint(steps, ()).values() for span in parts]
    of_steps = {moment for start, end, _ in steps for moment in range(start, end)}
    ends_early = {moment for start, end in kept for moment in range(start, end)}
    assert ends_early <= of_steps
    assert len(ends_early) == sum(end - start for start, end in kept)


def _log(*events: tuple[int, EventKind], end_us: int = 900) -> SessionLog:
    span = SimpleNamespace(end_us=end_us)
    log = SimpleNamespace(
        events=lambda: [Event(at_us, kind, {}) for at_us, kind in events], manifest=SimpleNamespace(steps=(span,))
    )
    return cast("SessionLog", log)


def test_a_pause_ends_with_what_goes_on_or_ends_it() -> None:
    pause, resume, stop, step = EventKind.PAUSE, EventKind.RESUME, EventKind.STOP, EventKind.STEP
    assert pauses_of(_log((100, pause), (300, resume), (500, pause), (700, stop))) == ((100, 300), (500, 700))
    assert pauses_of(_log((100, pause), (200, pause), (300, step))) == ((100, 300),)
    assert pauses_of(_log((100, pause))) == ((100, 900),), "a log that was cut off"
    assert pauses_of(_log((100, resume), (200, EventKind.INTERLOCK))) == ()


def test_the_times_of_the_steps_add_up_to_those_of_the_session() -> None:
    summary = analyse(recording("gentle", 3, 60))
    assert sum(step.scope.observed_s for step in summary.steps) == summary.session.observed_s
    assert sum(step.scope.lost_s for step in summary.steps) == summary.session.lost_s
    for key in ("contact_time_s", "pressure_time_kpa_s", "stroke_count"):
        total = sum(step.scope.both[key] or 0 for step in summary.steps)
        assert abs(total - (summary.session.both[key] or 0)) < 1e-6, key


def test_a_host_that_slept_was_not_told_of_the_pause_and_the_outputs_tell_it() -> None:
    whole = recording("gentle", 3, 60).samples
    on = np.where(whole.device_time_us < 20_000_000, 0.4, 0.0)
    samples = replace(whole, amplitude=on, peak_ua=np.zeros(len(whole)))
    lost = Event(27_000_000, EventKind.LINK, {"change": "lost"})
    log = cast("SessionLog", SimpleNamespace(events=lambda: [lost], manifest=SimpleNamespace(steps=())))
    assert pauses_of(log, samples) == ((19_995_000, 27_000_000),)
    assert pauses_of(log, replace(samples, amplitude=np.full(len(whole), 0.4))) == ()
