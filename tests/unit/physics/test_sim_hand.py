"""The simulated hand has imperfections, obeys a person outside, and keeps the truth about its strokes."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.evidence.truth import STROKES_NAME, contact_rows, keeping_truth, stroke_rows, write_truth
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.hand.personas import PERSONAS
from glowsim.physics.types import Cue, Drive
from glowtool.analysis.measuring.measures import coefficient_of_variation, mean, symmetry_percent
from glowtool.errors import InputError
from glowtool.model.face import Direction
from glowtool.stream.block import Block, Stroke
from glowtool.stream.heads import Head
from glowtool.stream.registry import chain
from support.logs.streams import DTYPE, FAST

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 200
TICK_US = 5000
UP = Drive(cue=Cue(0, Direction.UPWARD))
STEADY = HandParameters(tremor_kpa=0.0, wander_kpa=0.0, rhythm_jitter=0.0, length_jitter=0.0, force_jitter=0.0)


def held_by(hand: HandParameters, seed: int = 1) -> Body:
    return Body(BodyParameters(hand=hand), seed)


def run(body: Body, drive: Drive, start_s: float, end_s: float) -> list[float]:
    """Return the smaller contact in every tick."""
    ticks = range(round(start_s * RATE_HZ), round(end_s * RATE_HZ))
    return [body.update((tick + 1) * TICK_US, drive)[1].contact_area_cm2 for tick in ticks]


@pytest.mark.parametrize("every", [1, 2, 3, 4])
def test_between_lifts_the_roller_goes_back_and_forth_and_each_time_begins_as_asked(every: int) -> None:
    body = held_by(replace(STEADY, lift_every=every))
    run(body, UP, 0, 30)
    strokes = body.strokes
    for number, stroke in enumerate(strokes):
        assert (stroke.length_mm > 0.0) == (number % every % 2 == 0)
    _, touches = body.truth()
    for touch in touches:
        if touch.head == 0 and touch.end_us < 29_000_000:
            inside = [one for one in strokes if touch.start_us <= one.start_us and one.end_us <= touch.end_us]
            assert len(inside) == every


def test_two_strokes_one_after_the_other_in_the_same_direction_have_a_lift_between_them() -> None:
    for name, hand in PERSONAS.items():
        body = held_by(hand, 4)
        run(body, UP, 0, 40)
        ends = [touch.end_us for touch in body.truth()[1]]
        for one, other in pairwise(body.strokes):
            if one.length_mm * other.length_mm > 0.0:
                assert any(one.end_us <= end_us <= other.start_us for end_us in ends), name


def test_a_tired_hand_presses_less_and_takes_longer() -> None:
    body = held_by(replace(STEADY, fatigue_per_min=0.2))
    run(body, UP, 0, 90)
    first, *_, last = (stroke for stroke in body.strokes if stroke.length_mm > 0.0)
    assert last.heads[0].peak_kpa < 0.85 * first.heads[0].peak_kpa
    assert last.end_us - last.start_us > 1.05 * (first.end_us - first.start_us)


def test_a_person_who_goes_the_wrong_way_does_so_about_as_often_as_said() -> None:
    body = held_by(replace(STEADY, stroke_s=0.5, lift_s=0.1, lift_every=1, wrong_way_share=0.25), 3)
    run(body, UP, 0, 150)
    wrong = [stroke.length_mm < 0.0 for stroke in body.strokes]
    assert len(wrong) > 200
    assert 0.17 < sum(wrong) / len(wrong) < 0.33


def test_a_lapse_leaves_the_skin_for_a_while_and_the_hand_comes_back() -> None:
    body = held_by(replace(STEADY, lapse_per_min=20.0, lapse_s=3.0), 2)
    areas = run(body, UP, 0, 60)
    assert 0.2 < sum(area == 0.0 for area in areas) / len(areas) < 0.9
    assert len(body.strokes) > 5


def test_lifting_outranks_cues_until_the_roller_is_set_down() -> None:
    body = held_by(HandParameters())
    assert run(body, UP, 0, 3)[-1] > 0.5
    body.lift()
    assert run(body, UP, 3, 4)[-1] == 0.0
    assert run(body, Drive(cue=Cue(1, Direction.DOWNWARD)), 4, 6)[-1] == 0.0
    body.set_down()
    assert run(body, Drive(cue=Cue(1, Direction.DOWNWARD)), 6, 8)[-1] > 0.5
    assert body.truth()[0][-1].length_mm < 0.0


def test_pressing_outranks_cues_and_does_not_roll() -> None:
    body = held_by(STEADY)
    body.press(6.0)
    run(body, Drive(), 0, 1)
    at_rest, _ = body.update(1_005_000, Drive())
    assert all(raw == pytest.approx(600, rel=0.06) for raw in at_rest.cells_raw)
    run(body, UP, 1.5, 3)
    assert not body.truth()[0]
    body.press(None)
    assert run(body, UP, 3, 6)[-1] > 0.5
    assert body.truth()[0]
    with pytest.raises(ValueError, match=r"-1 kPa"):
        body.press(-1)


def test_electrodes_can_lose_the_skin_under_pressure() -> None:
    body = held_by(STEADY)
    run(body, UP, 0, 2)
    body.lift_electrodes(False, True)
    sensed, delivered = body.update(2_005_000, UP)
    assert delivered.contact_area_cm2 == 0.0
    assert min(sensed.cells_raw) > 100
    body.lift_electrodes(False, False)
    assert body.update(2_010_000, UP)[1].contact_area_cm2 > 0.5


def test_a_boot_divides_the_truth(tmp_path: Path) -> None:
    body = held_by(STEADY)
    run(body, UP, 0, 3)
    body.power_cycle()
    run(body, UP, 0, 3)
    strokes, touches = body.truth()
    assert [stroke.power_cycle for stroke in strokes] == [0, 0, 1, 1]
    assert {touch.power_cycle for touch in touches} == {0, 1}
    rows = stroke_rows(strokes)
    assert rows == sorted(rows, key=lambda row: (row[-1], row[1]))


def test_where_no_truth_can_be_written_is_said_before_the_massage(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    began = False
    opening = keeping_truth(tmp_path / "taken", held_by(STEADY), {})
    with pytest.raises(InputError, match="cannot write the truth"), opening:
        began = True
    assert not began


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    name=st.sampled_from(sorted(PERSONAS)),
    cues=st.lists(st.tuples(st.floats(0.05, 5.0), st.sampled_from((None, *Direction))), max_size=6),
)
def test_the_truth_is_orderly_whatever_the_cues(
    seed: int, name: str, cues: list[tuple[float, Direction | None]]
) -> None:
    body, now_s = held_by(PERSONAS[name], seed), 0.0
    for step, (duration_s, direction) in enumerate(cues):
        run(body, Drive(cue=Cue() if direction is None else Cue(step, direction)), now_s, now_s + duration_s)
        now_s += duration_s
    strokes, touches = body.truth()
    assert body.truth() == (strokes, touches)
    for one, other in pairwise(strokes):
        assert one.end_us <= other.start_us
    for head in (0, 1):
        mine = [touch for touch in touches if touch.head == head]
        assert all(one.end_us < other.start_us for one, other in pairwise(mine))
        for touch in mine:
            assert touch.start_us <= touch.end_us
            assert 0.0 < touch.press.mean_kpa <= touch.press.peak_kpa + 1e-9
        for stroke in strokes:
            press = stroke.heads[head]
            assert press.mean_kpa <= press.peak_kpa + 1e-9
            if press.peak_kpa > 0.0:
                over = [touch for touch in mine if touch.start_us <= stroke.end_us and touch.end_us >= stroke.start_us]
                assert max(touch.press.peak_kpa for touch in over) >= press.peak_kpa - 1e-9
    assert len(contact_rows(touches)) == len(touches)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="taken"):
        write_truth(tmp_path / "taken", [], [], {})


class Seen(NamedTuple):
    """What the log's metrics make of two minutes with a persona, left head but for the symmetry."""

    mean_kpa: float
    length_cv: float
    speed_mm_per_s: float
    interval_cv: float
    wrong_way: float
    symmetry: float
    contact: float
    trembling_kpa: float


def seen(hand: HandParameters, seed: int = 5, seconds: int = 70) -> Seen:
    body, raw = held_by(hand, seed), np.zeros(seconds * RATE_HZ, DTYPE)
    for number in range(len(raw)):
        sensed, _ = body.update((number + 1) * TICK_US, UP if number > RATE_HZ else Drive())
        raw[number] = (*sensed.cells_raw, *sensed.travel_raw, sensed.impedance_raw, 0, 0)
    reading = chain(FAST, RATE_HZ).process(Block(0, RATE_HZ, TICK_US, raw))
    strokes: list[Stroke] = [stroke for stroke in reading.strokes if stroke.head is Head.LEFT]
    lengths = np.array([abs(stroke.length_mm) for stroke in strokes])
    starts_us, ends_us = (np.array([getattr(stroke, name) for stroke in strokes]) for name in ("start_us", "end_us"))
    left, right = (
        mean(reading.floats(f"pressure_{head}_kpa")[reading.flags(f"contact_{head}")]) or 0.0
        for head in reading.layout.names
    )
    touching = reading.flags("contact_l")
    shaken = np.diff(reading.floats("pressure_l_kpa")[touching], 2)
    return Seen(
        left,
        coefficient_of_variation(lengths) or 0.0,
        float(np.mean(lengths / ((ends_us - starts_us) * 1e-6))),
        coefficient_of_variation(np.diff(starts_us) * 1e-6) or 0.0,
        float(np.mean([stroke.length_mm < 0.0 for stroke in strokes])),
        symmetry_percent(left, right) or 0.0,
        float(np.mean(touching)),
        float(np.std(shaken)),
    )


def test_personas_differ_in_what_a_log_shows() -> None:
    nominal = seen(HandParameters())
    who = {name: seen(hand) for name, hand in PERSONAS.items()}
    assert who["gentle"].mean_kpa < 0.75 * nominal.mean_kpa
    assert who["heavy-handed"].mean_kpa > 1.7 * nominal.mean_kpa
    assert who["heavy-handed"].symmetry < -20
    assert who["hasty"].speed_mm_per_s > 1.7 * nominal.speed_mm_per_s
    assert who["uneven"].symmetry > 30
    assert who["uneven"].length_cv > 1.5 * nominal.length_cv
    assert who["elderly-tremor"].speed_mm_per_s < 0.7 * nominal.speed_mm_per_s
    assert who["elderly-tremor"].trembling_kpa > 1.2 * nominal.trembling_kpa
    assert who["absent-minded"].interval_cv > 3 * nominal.interval_cv
    assert who["absent-minded"].contact < 0.85 * nominal.contact
    assert 0.05 < who["absent-minded"].wrong_way < 0.5
    assert who["gentle"].wrong_way == 0.0


def test_truth_takes_the_place_of_no_pipe_and_no_link(tmp_path: Path) -> None:
    for name, make in (("pipe", os.mkfifo), ("link", lambda path: path.symlink_to(tmp_path / "elsewhere"))):
        folder = tmp_path / name
        folder.mkdir()
        make(folder / STROKES_NAME)
        with pytest.raises(InputError, match="move it away"), keeping_truth(folder, held_by(STEADY), {}):
            pass
        assert not (folder / STROKES_NAME).is_file()
