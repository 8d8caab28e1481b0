"""The meter reads ten times a second, does not flicker at the edges of a band, and counts strokes once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.model.face import Direction
from glowtool.stream.heads import Head
from glowtool.stream.live.meter import Band, Meter, MeterReading, MeterSettings
from glowtool.stream.strokes.segmenter import StrokeSegmenter
from support.logs.streams import RATE_HZ, head_reading


def readings_of(pressure_kpa: list[float], meter: Meter | None = None) -> tuple[MeterReading, ...]:
    """Return the meter's readings of a left head that holds each pressure for a tenth of a second."""
    values = np.repeat(np.array(pressure_kpa), RATE_HZ // 10)
    reading = head_reading(np.zeros(len(values)), values, values > 0)
    return (meter or Meter(MeterSettings(low_kpa=2, high_kpa=4))).process(reading)


def bands_of(pressure_kpa: list[float]) -> list[Band]:
    return [reading.heads[Head.LEFT].band for reading in readings_of(pressure_kpa)]


def test_there_are_ten_readings_a_second() -> None:
    assert [reading.sample for reading in readings_of([1.0] * 5)] == [0, 20, 40, 60, 80]


def test_the_band_does_not_flicker_at_its_edges() -> None:
    assert bands_of([1, 2.1, 1.95, 2.1, 2.2, 1.95, 1.8]) == [
        *[Band.BELOW] * 4,
        *[Band.IN] * 2,
        Band.BELOW,
    ]
    assert bands_of([3, 4.1, 4.2, 3.9, 3.8, 4.1]) == [Band.IN, Band.IN, Band.ABOVE, Band.ABOVE, Band.IN, Band.IN]
    assert bands_of([3, 0, 3]) == [Band.IN, Band.NO_CONTACT, Band.IN]


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 8), min_size=2, max_size=60))
def test_a_change_of_side_needs_more_than_the_hysteresis(pressures: list[float]) -> None:
    shown = readings_of(pressures)
    for before, after in itertools.pairwise(shown):
        if before.heads[Head.LEFT].band is Band.IN and after.heads[Head.LEFT].band is not Band.IN:
            assert not 2 - 0.15 <= after.heads[Head.LEFT].pressure_kpa <= 4 + 0.15
        if after.heads[Head.LEFT].band is Band.IN and before.heads[Head.LEFT].band is not Band.IN:
            assert 2 <= after.heads[Head.LEFT].pressure_kpa <= 4


def test_another_band_holds_from_the_next_sample_on() -> None:
    meter = Meter(MeterSettings(low_kpa=2, high_kpa=4))
    readings_of([3.0], meter)
    meter.set_band(5, 7)
    assert readings_of([3.0], meter)[0].heads[Head.LEFT].band is Band.BELOW


def test_strokes_are_counted_once_for_both_heads_and_their_rate_is_per_minute() -> None:
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    travel_mm = np.round(30 * np.cos(2 * np.pi * 0.5 * time_s), 1)
    reading = head_reading(travel_mm, np.full(len(time_s), 3.0), np.ones(len(time_s), dtype=np.bool_))
    other = {
        f"{name}_r{unit}": reading.columns[f"{name}_l{unit}"] for name, unit in (("travel", "_mm"), ("contact", ""))
    }
    last = Meter().process(StrokeSegmenter().process(reading.adding(other)))[-1]
    assert last.stroke_rate_per_min == pytest.approx(60, abs=6)
    assert last.strokes == pytest.approx(20, abs=1)


@pytest.mark.parametrize(
    ("asked", "strokes", "per_min"),
    [(Direction.ANY, 20, 60), (Direction.UPWARD, 10, 30), (Direction.DOWNWARD, 10, 30)],
)
def test_strokes_are_counted_as_a_routine_counts_them(asked: Direction, strokes: int, per_min: float) -> None:
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    travel_mm = np.round(30 * np.cos(2 * np.pi * 0.5 * time_s), 1)
    meter = Meter()
    meter.ask_for(asked)
    reading = head_reading(travel_mm, np.full(len(time_s), 3.0), np.ones(len(time_s), np.bool_))
    last = meter.process(StrokeSegmenter().process(reading))[-1]
    assert last.strokes == pytest.approx(strokes, abs=1)
    assert last.stroke_rate_per_min == pytest.approx(per_min, abs=6)


@pytest.mark.parametrize("outage_s", [0.5, 2, 6, 30])
def test_the_rate_of_strokes_leaves_an_outage_out(outage_s: float) -> None:
    time_s = np.arange(60 * RATE_HZ) / RATE_HZ
    travel_mm = np.round(30 * np.cos(2 * np.pi * 0.5 * time_s), 1)
    segmenter, meter = StrokeSegmenter(), Meter()
    begins, ends = 12 * RATE_HZ, round((12 + outage_s) * RATE_HZ)
    shown: list[MeterReading] = []
    for piece in (slice(0, begins), slice(ends, len(time_s))):
        count = len(time_s[piece])
        pressed, touching = np.full(count, 3.0), np.ones(count, np.bool_)
        reading = head_reading(travel_mm[piece], pressed, touching, first_sample=piece.start)
        shown += meter.process(segmenter.process(reading))
    after = [reading for reading in shown if reading.sample >= ends]
    if outage_s >= 10:
        assert {reading.stroke_rate_per_min for reading in after[:29]} == {0.0}, "three seconds tell no rate yet"
        after = after[30:]
    assert [reading.stroke_rate_per_min for reading in after] == pytest.approx([60] * len(after), abs=25)


def test_single_lost_frames_do_not_raise_the_rate() -> None:
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    travel_mm = np.round(30 * np.cos(2 * np.pi * 0.5 * time_s), 1)
    segmenter, meter = StrokeSegmenter(), Meter()
    shown: tuple[MeterReading, ...] = ()
    for start in range(0, len(time_s), 40):
        piece = travel_mm[start : start + 30]
        reading = head_reading(piece, np.full(30, 3.0), np.ones(30, np.bool_), first_sample=start)
        shown = meter.process(segmenter.process(reading))
    assert shown[-1].stroke_rate_per_min == pytest.approx(60, abs=1)


def test_direction_is_that_of_the_travel() -> None:
    travel_mm = np.concatenate([np.linspace(0, 40, 200), np.full(200, 40.0), np.linspace(40, 0, 200)])
    reading = head_reading(travel_mm, np.full(600, 3.0), np.ones(600, dtype=np.bool_))
    assert [shown.heads[Head.LEFT].direction for shown in Meter().process(reading)][5::10] == [1, 0, -1]
