"""The simulated body is deterministic, and its hand follows the ring of LEDs."""

from __future__ import annotations

import pytest

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.types import Cue, Delivered, Drive, Sensed
from glowtool.model.face import Direction
from glowtool.model.output import Waveform

STEADY = HandParameters(tremor_kpa=0.0, wander_kpa=0.0)


def working(direction: Direction = Direction.UPWARD, step: int = 0) -> Drive:
    return Drive(0.4, 75.0, 100.0, 20.0, Waveform.BIPHASIC_SQUARE, Cue(step, direction))


def run(body: Body, drive: Drive, start_s: float, end_s: float) -> list[tuple[Sensed, Delivered]]:
    return [body.update(tick * 5000, drive) for tick in range(round(start_s * 200), round(end_s * 200))]


def test_the_same_seed_and_inputs_give_the_same_body() -> None:
    one, other, third = (Body(BodyParameters(), seed) for seed in (5, 5, 6))
    first = run(one, working(), 0, 5)
    assert first == run(other, working(), 0, 5)
    assert first != run(third, working(), 0, 5)


def test_a_hand_rests_until_a_step_runs_and_again_after_it() -> None:
    body = Body(BodyParameters(), 1)
    assert all(delivered.contact_area_cm2 == 0.0 for _, delivered in run(body, Drive(), 0, 1))
    assert run(body, working(), 1, 3)[-1][1].contact_area_cm2 > 0.5
    rest = run(body, Drive(), 3, 4)
    assert rest[-1][1].contact_area_cm2 == 0.0
    assert rest[-1][0].impedance_raw == 0xFFFF
    assert rest[-1][1].quiet


def test_a_hand_works_about_its_target() -> None:
    readings = [sensed.cells_raw for sensed, _ in run(Body(BodyParameters(), 1), working(), 0, 20)[200:]]
    mean = sum(map(sum, readings)) / (4 * len(readings))
    assert 280 < mean < 380


def test_an_uneven_hand_presses_one_head_more() -> None:
    body = Body(BodyParameters(hand=HandParameters(symmetry=0.6)), 1)
    readings = [sensed.cells_raw for sensed, _ in run(body, working(), 0, 10)[200:]]
    left = sum(reading[0] + reading[1] for reading in readings)
    right = sum(reading[2] + reading[3] for reading in readings)
    assert left / (left + right) == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize(("direction", "sign"), [(Direction.UPWARD, 1), (Direction.DOWNWARD, -1)])
def test_strokes_go_as_asked_and_the_truth_is_kept(direction: Direction, sign: int) -> None:
    body = Body(BodyParameters(hand=HandParameters(lift_every=1)), 2)
    last, _ = run(body, working(direction), 0, 12)[-1]
    strokes = body.strokes
    assert len(strokes) == 5
    assert all(stroke.length_mm * sign == pytest.approx(60.0, rel=0.25) for stroke in strokes)
    rolled_mm = sum(stroke.length_mm for stroke in strokes)
    assert last.travel_raw[0] / 10 == pytest.approx(rolled_mm, abs=70.0)


def test_a_hand_without_lifts_rolls_back_and_forth() -> None:
    body = Body(BodyParameters(), 2)
    run(body, working(), 0, 9)
    signs = [stroke.length_mm > 0 for stroke in body.strokes]
    assert signs == [True, False, True, False][: len(signs)]


def test_the_roller_is_lifted_at_a_change_of_step() -> None:
    body = Body(BodyParameters(), 2)
    run(body, working(), 0, 5)
    change = run(body, working(step=1), 5, 7)
    away = [delivered.contact_area_cm2 == 0.0 for _, delivered in change]
    assert 0.1 < sum(away) / 200 < 0.5
    assert not away[-1]


def test_the_moving_edge_is_pressed_more() -> None:
    middle, _ = run(Body(BodyParameters(hand=STEADY), 3), working(), 0, 1.25)[-1]
    front, rear = middle.cells_raw[:2]
    assert front > 1.1 * rear


def test_time_does_not_go_back() -> None:
    body = Body(BodyParameters(), 1)
    body.update(10_000, Drive())
    with pytest.raises(ValueError, match="cannot go back"):
        body.update(5000, Drive())


def test_the_cradle_charges() -> None:
    body = Body(BodyParameters(battery_percent=50.0), 1)
    body.place_on_charger(charging=True)
    sensed, _ = run(body, Drive(), 0, 10)[-1]
    assert sensed.charging
    assert body.battery_percent > 50.0
