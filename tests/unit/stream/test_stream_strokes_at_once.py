"""The stroke finder gives the strokes of the plain one, bit for bit, however the samples are cut."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.physics.hand.hand import HandParameters
from glowsim.physics.hand.personas import PERSONAS
from glowtool.stream.block import Block, period_us
from glowtool.stream.registry import chain
from glowtool.stream.strokes import tracker
from glowtool.stream.strokes.segmenter import StrokeSegmenter
from support.logs.streams import FAST, RATE_HZ, random_raw, rolled
from support.stack.lossy_strokes import bursts, frames_of, massage
from support.strokes.made_hands import pairs_of_hands, readings_of
from support.strokes.stepwise import StepwiseSegmenter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

    from _typeshed import TraceFunction

    from glowtool.stream.block import BoolArray, Reading
    from support.logs.streams import Raw
    from support.strokes.made_hands import Hand

CUTS = st.lists(st.integers(0, 5000), max_size=6)
RATES = st.sampled_from([50, 100, 200, 400])
PER_FRAME = RATE_HZ // 20


def compare(readings: Iterable[Reading], short: int = tracker.SHORT, long: int = tracker.LONG) -> int:
    """Compare what each reading and the end settle, and return how many strokes that was.

    `repr` tells apart all floats that are not the same bits.
    """
    finder, plain, count = StrokeSegmenter(), StepwiseSegmenter(), 0
    with patch.object(tracker, "SHORT", short), patch.object(tracker, "LONG", long):
        for reading in readings:
            found = list(finder.process(reading).strokes)
            assert repr(found) == repr(plain.take(reading))
            count += len(found)
    rest = list(finder.flush().strokes)
    assert repr(rest) == repr(plain.flush())
    return count + len(rest)


def sensed(raw: Raw, pieces: Iterable[slice]) -> Iterator[Reading]:
    """Yield these samples as the stages before the stroke finder make them, each piece a block."""
    stream = chain(FAST, RATE_HZ)
    for piece in pieces:
        block = Block(piece.start, RATE_HZ, piece.start * period_us(RATE_HZ), raw[piece])
        reading = stream.calibrate.process(block)
        for stage in stream.stages:
            if isinstance(stage, StrokeSegmenter):
                break
            reading = stage.process(reading)
        yield reading


def pieces_of(count: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def pieces_that_came(came: BoolArray, size: int) -> Iterator[slice]:
    """Yield the samples of the frames that came, in blocks of at most so many frames."""
    edges = np.flatnonzero(np.diff(came, prepend=False, append=False))
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        for piece in pieces_of(stop - start, size):
            yield slice((start + piece.start) * PER_FRAME, (start + piece.stop) * PER_FRAME)


@given(hands=pairs_of_hands(), cuts=CUTS, long=st.sampled_from([300, 65_536]), rate_hz=RATES)
def test_all_at_once_gives_the_same_strokes(hands: tuple[Hand, Hand], cuts: list[int], long: int, rate_hz: int) -> None:
    compare(readings_of(hands, cuts, rate_hz), short=0, long=long)


@given(hands=pairs_of_hands(), cuts=CUTS, short=st.sampled_from([4, 256, 100_000]), rate_hz=RATES)
def test_one_by_one_and_both_in_turn_give_them_too(
    hands: tuple[Hand, Hand], cuts: list[int], short: int, rate_hz: int
) -> None:
    compare(readings_of(hands, cuts, rate_hz), short=short)


@given(hands=pairs_of_hands(), cuts=CUTS, short=st.sampled_from([0, 256]), data=st.data())
def test_what_is_no_number_makes_no_difference(
    hands: tuple[Hand, Hand], cuts: list[int], short: int, data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        hand = data.draw(st.sampled_from(hands))
        column = data.draw(st.sampled_from([hand.travel_mm, hand.pressure_kpa]))
        column[data.draw(st.integers(0, len(hand) - 1))] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    compare(readings_of(hands, cuts, RATE_HZ), short=short)


@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from([7, 20, 200, 1000, 3000]), short=st.sampled_from([0, 256]))
def test_sensors_that_say_anything_give_the_same_strokes(seed: int, size: int, short: int) -> None:
    compare(sensed(random_raw(seed, 1500), pieces_of(1500, size)), short=short)


@pytest.mark.parametrize("size", [1, 20, 3000])
def test_every_hand_of_the_virtual_roller_gives_the_same_strokes(size: int) -> None:
    for seed, hand in enumerate((HandParameters(), PERSONAS["gentle"], PERSONAS["hasty"])):
        raw, _ = massage(hand, seed, 8)
        assert compare(sensed(raw, pieces_of(len(raw), size)), short=0 if size > 20 else 256) > 3


@pytest.mark.long
@pytest.mark.parametrize("persona", ["nominal", *PERSONAS])
def test_every_hand_on_every_link_gives_the_same_strokes(persona: str) -> None:
    for seed in range(5):
        raw, _ = massage({"nominal": HandParameters(), **PERSONAS}[persona], seed, 90)
        for number, share in enumerate((0.0, 0.05, 0.3)):
            came = bursts(share)(frames_of(raw), np.random.default_rng((seed, number)))
            for size, short in ((1, 256), (50, 0), (10_000, 0)):
                assert compare(sensed(raw, pieces_that_came(came, size)), short=short) > 20


def test_python_works_by_strokes_and_not_by_samples() -> None:
    raw = rolled(50_000)
    for name in ("travel_l", "travel_r"):
        raw[name] += np.random.default_rng(1).integers(-1, 2, len(raw)).astype(np.int16)
    (reading,) = sensed(raw, pieces_of(len(raw), len(raw)))
    lines, finder = 0, StrokeSegmenter()

    def trace(_frame: FrameType, event: str, _argument: object) -> TraceFunction:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        strokes = finder.process(reading).strokes
    finally:
        sys.settrace(before)
    assert len(strokes) > 490
    assert lines < 50_000, "half a line of Python for each sample of each head"
