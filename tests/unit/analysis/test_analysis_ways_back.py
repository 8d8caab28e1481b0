"""A hand that does as it was told is never marked down for its strokes; one that does not always is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.physics.hand.personas import PERSONAS
from glowtool.analysis.analyse import analyse
from glowtool.analysis.recordings.recording import Gap, Recording, StepInfo
from glowtool.model.face import SIGN_OF_DIRECTION, Direction, Zone
from glowtool.stream.heads import Head
from support.logs.bad_cells import recording
from support.logs.recordings import massage as made_up
from support.logs.recordings import strokes_of
from support.stack.lossy_strokes import massage

UP, DOWN = 60.0, -60.0
PERIOD_US = 500_000


def rolled(lengths_mm: list[float], *, lift_before: frozenset[int] = frozenset(), second_step_at: int = 0) -> Recording:
    """Return strokes of 0.4 s with 0.1 s between them on the skin, or in the air before those that are named.

    Both steps ask for upward strokes; the second begins with the stroke of that number, 0: it never does.
    """
    base = made_up()
    rows = [
        (True, n * PERIOD_US, n * PERIOD_US + 400_000, length, 4.0, int(0 < second_step_at <= n))
        for n, length in enumerate(lengths_mm)
    ]
    times_us = base.samples.device_time_us
    touching = np.ones(len(times_us), np.bool_)
    for number in lift_before:
        touching &= ~((times_us >= number * PERIOD_US - 80_000) & (times_us < number * PERIOD_US - 20_000))
    ends_us = second_step_at * PERIOD_US or 60_000_000
    steps = tuple(
        StepInfo(index, "", Zone.CHEEK_LEFT, Direction.UPWARD, 30.0, 2.0, 5.0, (span,))
        for index, span in enumerate(((0, ends_us), (ends_us, 60_000_000)))
    )
    samples = replace(
        base.samples, contact={**base.samples.contact, Head.LEFT: touching}, step=(times_us >= ends_us).astype(np.int64)
    )
    return replace(base, samples=samples, strokes=strokes_of(rows), steps=steps)


def as_asked(recording: Recording, step: int | None = None) -> object:
    summary = analyse(recording)
    scope = summary.session if step is None else summary.steps[step].scope
    return scope.left["strokes_in_direction_share"]


def test_a_stroke_the_wrong_way_after_a_lift_is_judged() -> None:
    """With a lift before each, the one that goes down brings nothing back."""
    lifted = frozenset(range(1, 8))
    assert as_asked(rolled([UP, UP, DOWN, UP, UP, DOWN, UP, UP], lift_before=lifted)) == 6 / 8
    assert as_asked(rolled([UP, UP, DOWN, UP, UP, DOWN, UP, UP])) == 1.0, "rolled back"


@settings(max_examples=40, deadline=None)
@given(first=st.sampled_from([UP, DOWN]), strokes=st.integers(2, 20), at=st.integers(1, 19))
def test_a_hand_that_rolls_on_over_a_change_of_step_is_as_good_in_the_second(
    first: float, strokes: int, at: int
) -> None:
    lengths = [first if n % 2 == 0 else -first for n in range(strokes)]
    share = as_asked(rolled(lengths, second_step_at=min(at, strokes - 1)), 1)
    assert share in (1.0, None), "it is not known which way was out, so nothing is held against the hand"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=12), st.booleans())
def test_with_lifts_it_is_the_share_of_runs_that_went_out_as_asked(right_way: list[bool], rolls_back: bool) -> None:
    lengths: list[float] = []
    lifts: list[int] = []
    for is_right in right_way:
        lifts.append(len(lengths))
        lengths += [UP, DOWN] if is_right else [DOWN, UP]
        lengths = lengths if rolls_back else lengths[:-1]
    assert as_asked(rolled(lengths, lift_before=frozenset(lifts))) == pytest.approx(sum(right_way) / len(right_way))


def test_a_lift_that_a_gap_hides_turns_nothing_round() -> None:
    """Set down the wrong way once, then lifted unseen, the tool goes out as asked from there on."""
    whole = rolled([DOWN, UP, UP, DOWN, UP, DOWN, UP, DOWN])
    first = int(np.searchsorted(whole.samples.device_time_us, 2 * PERIOD_US - 250_000))
    later = whole.strokes.start_us >= 2 * PERIOD_US
    strokes = replace(whole.strokes, start_us=whole.strokes.start_us + 300_000 * later)
    strokes = replace(strokes, end_us=whole.strokes.end_us + 300_000 * later - 200_000 * ~later)
    holed = replace(whole, strokes=strokes, gaps=(Gap(int(whole.samples.sample[first]), 60),))
    assert as_asked(holed) == 3 / 4


def test_a_hand_that_rolls_on_through_a_second_of_silence_is_not_held_to_what_was_not_heard() -> None:
    """What is left of a way back when a gap ends was no rest of a second, and is not judged."""
    whole = rolled([UP, DOWN, DOWN, UP, DOWN])
    late_us = 1_100_000 * (whole.strokes.start_us >= 2 * PERIOD_US)
    strokes = replace(whole.strokes, start_us=whole.strokes.start_us + late_us, end_us=whole.strokes.end_us + late_us)
    first = int(np.searchsorted(whole.samples.device_time_us, 2 * PERIOD_US - 90_000))
    holed = replace(whole, strokes=strokes, gaps=(Gap(int(whole.samples.sample[first]), 220),))
    assert as_asked(replace(whole, strokes=strokes)) == 1 / 3, "without a gap it rested, and went the wrong way"
    assert as_asked(holed) == 1.0


@pytest.mark.parametrize("persona", ["absent-minded", "hasty", "gentle"])
def test_the_share_is_the_hands_own(persona: str) -> None:
    strokes = massage(PERSONAS[persona], 103, 60)[1]
    right_way, prior = [], None
    went_out = False
    for stroke in strokes:
        set_down = prior is None or stroke.start_us - prior.end_us > 10_000
        went_out, prior = set_down or not went_out, stroke
        if went_out and abs(stroke.length_mm) > 10:
            right_way.append(SIGN_OF_DIRECTION[stroke.asked] * stroke.length_mm > 0)
    both = analyse(recording(persona, 103, 60)).session.both
    assert both["strokes_in_direction_share"] == pytest.approx(sum(right_way) / len(right_way))


def test_lengths_speeds_and_peaks_are_of_the_strokes_that_count() -> None:
    """Rolling back is lighter and longer here, and is in none of them."""
    rows = [
        (True, n * PERIOD_US, n * PERIOD_US + 400_000, UP if n % 2 == 0 else -90.0, 4.0 - n % 2, 0) for n in range(8)
    ]
    left = analyse(replace(rolled([]), strokes=strokes_of(rows))).session.left
    assert left["stroke_count"] == 4
    assert left["stroke_length_mm"] == 60.0
    assert left["stroke_speed_mm_per_s"] == pytest.approx(150.0)
    assert left["stroke_peak_cv"] == 0.0
