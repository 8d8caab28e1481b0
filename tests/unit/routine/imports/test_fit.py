"""A track is made to fit a massage: no faster than a soft start, with few points, a stated distance off."""

from __future__ import annotations

import itertools
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from glowtool.errors import InputError
from glowtool.routine import compile_routine
from glowtool.routine.imports.as_routine import ZONES, Origin, routine_of
from glowtool.routine.imports.fit import Piece, Wish, fit
from glowtool.routine.imports.follow import RISE_HZ_PER_S, RISE_PER_S, followed, largest_loss
from glowtool.routine.imports.simplify import RANGE_HZ, within
from glowtool.routine.imports.track import FALL_S, HIGHEST_HZ, LOWEST_HZ, Note, Point, Track, between
from glowtool.routine.toml.parse import parse_written
from glowtool.routine.toml.writer import write_toml
from glowtool.routine.written.expand import expand
from glowtool.safety import Severity, lint_program

NEAR = 1e-6

shares = st.floats(0, 1)
tracks = st.lists(
    st.tuples(st.floats(0.02, 40), shares, st.floats(LOWEST_HZ, HIGHEST_HZ)), min_size=2, max_size=40
).map(
    lambda rows: tuple(
        Point(sum(row[0] for row in rows[: number + 1]), rows[number][1], rows[number][2])
        for number in range(len(rows))
    )
)


def at(points: tuple[Point, ...], at_s: float) -> Point:
    pairs = itertools.pairwise(points)
    return next(between(a, b, at_s) for a, b in pairs if a.at_s - NEAR <= at_s <= b.at_s + NEAR)


def moments(*lines: tuple[Point, ...]) -> list[float]:
    """Return where the ends of lines are, and between them."""
    ends = sorted({point.at_s for line in lines for point in line})
    return [*ends, *((a + b) / 2 for a, b in itertools.pairwise(ends))]


def steepest(points: tuple[Point, ...]) -> float:
    pairs = itertools.pairwise(points)
    return max((b.amplitude - a.amplitude) / (b.at_s - a.at_s) for a, b in pairs)


@given(tracks)
def test_a_followed_track_rises_softly_and_is_never_above_the_file(points: tuple[Point, ...]) -> None:
    soft = followed(points)
    assert steepest(soft) <= RISE_PER_S + NEAR
    assert all(b.frequency_hz - a.frequency_hz <= RISE_HZ_PER_S * (b.at_s - a.at_s) + NEAR for a, b in pairwise(soft))
    for at_s in moments(points, soft):
        assert at(soft, at_s).amplitude <= at(points, at_s).amplitude + NEAR
    assert (soft[0].at_s, soft[-1].at_s) == (points[0].at_s, points[-1].at_s)
    below = max(at(points, each.at_s).amplitude - each.amplitude for each in soft if each.at_s in ends(points))
    assert largest_loss(points).amplitude >= below - NEAR


def ends(points: tuple[Point, ...]) -> set[float]:
    return {point.at_s for point in points}


@pytest.mark.parametrize(
    ("begin", "end", "repeat"),
    [
        (Point(2.6875, 0.5, 51.01420583454972), Point(3.6875, 0.75, 101.01420583455973), 4),
        (Point(2.6875, 1e-11, 40), Point(3.6875, 0.25000000101000003, 90.00000000001), 3),
    ],
)
def test_a_gap_that_closes_within_no_time_is_no_line_of_its_own(begin: Point, end: Point, repeat: int) -> None:
    assert fit(Track((begin, end)), Wish(repeat=repeat), 1).pieces


def test_a_sharper_sound_of_the_same_strength_shakes_more_and_so_begins_softly() -> None:
    soft = followed((Point(10, 0.8, 50), Point(20, 0.8, 50), Point(20.01, 0.8, 150), Point(30, 0.8, 150)))
    assert at(soft, 20).amplitude == pytest.approx(0.8)
    assert at(soft, 20.01).frequency_hz == pytest.approx(50.5)
    assert at(soft, 21).frequency_hz == pytest.approx(100)
    assert at(soft, 22).amplitude == pytest.approx((0.8 / 9 + 2 / 4), abs=0.02)
    assert at(soft, 30).amplitude == pytest.approx(0.8)


@given(tracks, st.floats(0.005, 0.4))
def test_fewer_points_are_nowhere_farther_off_than_said(points: tuple[Point, ...], error: float) -> None:
    soft = followed(points)
    fewer = within(soft, error)
    assert len(fewer) <= len(soft)
    assert steepest(fewer) <= RISE_PER_S + NEAR
    for at_s in moments(soft, fewer):
        was, now = at(soft, at_s), at(fewer, at_s)
        assert abs(was.amplitude - now.amplitude) <= error + NEAR
        assert abs(was.frequency_hz - now.frequency_hz) <= error * RANGE_HZ + NEAR
        assert -NEAR <= now.amplitude <= 1 + NEAR


@given(tracks, st.integers(1, 6), st.integers(1, 4))
def test_the_pieces_of_a_massage_keep_to_its_limits(points: tuple[Point, ...], zones: int, repeat: int) -> None:
    track = Track(points)
    assume(track.duration_s * repeat >= 10.1)
    fitted = fit(track, Wish(repeat=repeat), zones)
    assert all(1 <= piece.duration_s <= 300 and len(piece.points) <= 60 for piece in fitted.pieces)
    assert sum(piece.duration_s for piece in fitted.pieces) <= 1200 + NEAR
    assert sum(len(piece.points) for piece in fitted.pieces) <= 240
    assert len({piece.duration_s for piece in fitted.pieces}) == 1
    for piece in fitted.pieces:
        assert piece.points[0].at_s == 0
        assert steepest(piece.points) <= RISE_PER_S + NEAR


def whole(pieces: tuple[Piece, ...]) -> float:
    return sum(piece.duration_s for piece in pieces)


SWELL = Track((Point(0, 0), Point(30, 0.9), Point(60, 0)), notes=(Note(40, "Breathe out"),))


def test_a_track_that_lasts_too_long_is_cut_and_that_is_said() -> None:
    fitted = fit(SWELL, Wish(repeat=50), 2)
    assert whole(fitted.pieces) == pytest.approx(1200, abs=1.2)
    assert any("a massage lasts at most 20 min, so the rest is left out" in line for line in fitted.lost)


def test_a_length_plays_all_of_it_slower_or_faster() -> None:
    fitted = fit(SWELL, Wish(length_s=600), 2)
    assert whole(fitted.pieces) == pytest.approx(600, abs=0.6)
    notes = [(number, note) for number, piece in enumerate(fitted.pieces) for note in piece.notes]
    ((number, note),) = notes
    assert (number, note.text) == (400 // 100, "Breathe out")
    assert note.at_s == pytest.approx(0, abs=0.1)
    assert "60 s became 600 s" in fitted.lost


def test_a_level_lowers_everything() -> None:
    fitted = fit(SWELL, Wish(level=0.5), 2)
    assert max(point.amplitude for piece in fitted.pieces for point in piece.points) == pytest.approx(0.45)


def test_a_track_that_begins_late_is_silent_until_then() -> None:
    fitted = fit(Track((Point(5, 0.2), Point(25, 0.2))), Wish(), 1)
    assert [point.at_s for point in fitted.pieces[0].points][:2] == [0, pytest.approx(5, abs=2 * FALL_S)]
    assert fitted.pieces[0].points[1].amplitude == pytest.approx(0, abs=0.01)


def test_a_click_is_no_massage() -> None:
    with pytest.raises(InputError, match=r"lasts 0\.2 s; a massage needs 10 s; repeat it with --repeat"):
        fit(Track((Point(0, 1), Point(0.2, 1))), Wish(), 6)


def test_many_points_become_few_and_the_distance_is_said() -> None:
    wild = Track(tuple(Point(number * 0.5, (number * 7 % 11) / 11) for number in range(2000)))
    fitted = fit(wild, Wish(), 6)
    assert sum(len(piece.points) for piece in fitted.pieces) <= 240
    assert any("points became" in line and "off at any moment" in line for line in fitted.lost)


@given(tracks, st.integers(1, 3))
def test_no_lint_refuses_what_an_import_made(points: tuple[Point, ...], repeat: int) -> None:
    assume(points[-1].at_s * repeat >= 10.1)
    try:
        fitted = fit(Track(points), Wish(repeat=repeat), len(ZONES))
    except InputError:
        assume(False)
    written = routine_of(fitted, Origin("a.haptic", "a file"), "mine")
    assert parse_written(write_toml(written), "mine.toml") == written
    found = lint_program(compile_routine(expand(written).routine))
    assert [each for each in found if each.severity is Severity.REFUSE] == []
