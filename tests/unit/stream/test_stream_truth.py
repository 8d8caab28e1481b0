"""The strokes of the stream agree with what the simulated hand truly did."""

from __future__ import annotations

import numpy as np
import pytest

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.hand.personas import PERSONAS
from glowsim.physics.types import Cue, Drive
from glowtool.model.face import Direction
from glowtool.stream.block import Block
from glowtool.stream.heads import Head
from glowtool.stream.registry import chain
from support.logs.streams import DTYPE, FAST
from support.stack.lossy_strokes import bursts, frames_of, massage, outages, score, single_frames, strokes_found
from support.stack.true_strokes import tolerance_mm

RATE_HZ = 200
TICK_US = 5000


def sensed(body: Body, seconds: float, direction: Direction) -> Block:
    """Let the hand follow one step after two seconds of rest, and return what the sensors say."""
    raw = np.zeros(round(seconds * RATE_HZ), DTYPE)
    for number in range(len(raw)):
        cue = Cue(0, direction) if number >= 2 * RATE_HZ else Cue()
        seen, _ = body.update((number + 1) * TICK_US, Drive(cue=cue))
        cells = dict(zip(("pressure_lf", "pressure_lr", "pressure_rf", "pressure_rr"), seen.cells_raw, strict=True))
        for name, value in {**cells, "travel_l": seen.travel_raw[0], "travel_r": seen.travel_raw[1]}.items():
            raw[name][number] = value
    return Block(0, RATE_HZ, TICK_US, raw)


@pytest.mark.parametrize("lift_every", [0, 1])
@pytest.mark.parametrize("stroke", [(60.0, 2.0), (25.0, 0.6), (120.0, 4.0)])
@pytest.mark.parametrize("target_kpa", [2.0, 3.5])
def test_every_stroke_of_the_hand_is_found(lift_every: int, stroke: tuple[float, float], target_kpa: float) -> None:
    length_mm, stroke_s = stroke
    hand = HandParameters(target_kpa=target_kpa, stroke_mm=length_mm, stroke_s=stroke_s, lift_every=lift_every)
    body = Body(BodyParameters(hand=hand), seed=7)
    stream = chain(FAST, RATE_HZ)
    found = stream.process(sensed(body, 30, Direction.UPWARD)).strokes
    for head in (Head.LEFT, Head.RIGHT):
        mine = [item for item in found if item.head is head]
        # The last movement may still be in progress.
        truth = list(body.strokes)[: len(mine)]
        assert len(body.strokes) - len(mine) in (0, 1)
        # The hand moves before it presses, so that the first half millimetre after it was lifted is in the air.
        slack_mm = 1.0 if lift_every else 0.4
        assert [item.length_mm for item in mine] == pytest.approx([true.length_mm for true in truth], abs=slack_mm)
        # A hand is slowest where it turns: the last quarter of a millimetre takes a good part of a second's tenth.
        slack_us = 0.08e6 * stroke_s + 0.04e6
        assert [item.start_us for item in mine] == pytest.approx([true.start_us for true in truth], abs=slack_us)
        assert [item.end_us for item in mine] == pytest.approx([true.end_us for true in truth], abs=slack_us)


def test_a_quick_hand_loses_only_what_it_rolls_before_contact() -> None:
    hand = HandParameters(target_kpa=4.0, stroke_mm=60.0, stroke_s=0.4, rhythm_jitter=0.0, lift_every=1, lift_s=0.2)
    body = Body(BodyParameters(hand=hand), seed=7)
    found = chain(FAST, RATE_HZ).process(sensed(body, 20, Direction.UPWARD)).strokes
    missing_mm = []
    for head in (Head.LEFT, Head.RIGHT):
        mine = [item for item in found if item.head is head]
        for true, item in zip(body.strokes, mine, strict=False):
            missing_mm.append(abs(true.length_mm) - abs(item.length_mm))
            assert abs(missing_mm[-1]) <= tolerance_mm(true.length_mm, (true.end_us - true.start_us) / 1e6)
    assert len(missing_mm) > 40
    assert min(missing_mm) > 0.4, "the way before contact is missing from each, and nothing is added"


@pytest.mark.parametrize("lift_s", [0.08, 0.1, 0.12, 0.2])
@pytest.mark.parametrize("target_kpa", [2.0, 3.5, 8.0])
def test_a_quick_lift_ends_a_stroke(lift_s: float, target_kpa: float) -> None:
    hand = HandParameters(target_kpa=target_kpa, lift_every=1, lift_s=lift_s)
    body = Body(BodyParameters(hand=hand), seed=3)
    stream = chain(FAST, RATE_HZ)
    found = stream.process(sensed(body, 20, Direction.DOWNWARD)).strokes
    for head in (Head.LEFT, Head.RIGHT):
        mine = [item.length_mm for item in found if item.head is head]
        true = [item.length_mm for item in body.strokes]
        assert mine == pytest.approx(true[: len(mine)], abs=1.0)
        assert len(true) - len(mine) in (0, 1)


@pytest.mark.parametrize("persona", ["nominal", "gentle", "hasty"])
def test_lost_frames_cost_no_strokes(persona: str) -> None:
    hand = {"nominal": HandParameters(), **PERSONAS}[persona]
    raw, true = massage(hand, 41, 40)
    for number, link in enumerate((single_frames(0), single_frames(0.02), single_frames(0.1), bursts(0.05))):
        found = strokes_found(raw, link(frames_of(raw), np.random.default_rng(number)))
        assert score(true, found).f1 > 0.97
        assert sum(score(true, found).longer_mm) / len(true) > -2.0
    found = strokes_found(raw, outages(1.0)(frames_of(raw), np.random.default_rng(9)))
    assert score(true, found).f1 > 0.8


def test_a_roller_that_lies_on_the_table_touches_nothing() -> None:
    for seed in range(20):
        block = sensed(Body(BodyParameters(), seed), 1.9, Direction.ANY)
        reading = chain(FAST, RATE_HZ).process(block)
        assert not reading.flags("contact_l").any()
        assert not reading.flags("contact_r").any()
