"""Recordings of a few samples that are made by hand, with strokes on them."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from glowtool.analysis.analyse import analyse
from glowtool.analysis.measuring.metrics import Values
from glowtool.analysis.recordings.recording import Recording, Samples, StepInfo
from glowtool.analysis.summary import SessionSummary
from glowtool.model.face import Direction, Zone
from glowtool.stream.heads import Head
from support.logs.recordings import FACTS, strokes_of
from support.logs.streams import LAYOUT

RATE_HZ = 100


def recording_of(
    left_kpa: list[float],
    right_kpa: list[float],
    contact_l: list[bool],
    contact_r: list[bool],
    *,
    direction: Direction = Direction.UPWARD,
) -> Recording:
    """Return a recording of one step with a band of 2 to 5 kPa that spans every sample."""
    count = len(left_kpa)
    samples = Samples(
        sample=np.arange(count, dtype=np.int64),
        device_time_us=np.arange(count, dtype=np.int64) * 10_000,
        step=np.zeros(count, np.int64),
        pressure_kpa={Head.LEFT: np.array(left_kpa, np.float64), Head.RIGHT: np.array(right_kpa, np.float64)},
        contact={Head.LEFT: np.array(contact_l, np.bool_), Head.RIGHT: np.array(contact_r, np.bool_)},
        amplitude=np.full(count, 0.4),
        peak_ua=np.full(count, 100.0),
    )
    step = StepInfo(0, "Cheek", Zone.CHEEK_LEFT, direction, count / RATE_HZ, 2.0, 5.0, ((0, count * 10_000),))
    return Recording(FACTS, RATE_HZ, samples, strokes_of([]), (), (step,), LAYOUT)


def assert_values(values: Values, wanted: dict[str, float | None]) -> None:
    for key, number in wanted.items():
        assert values[key] == (None if number is None else pytest.approx(number, rel=1e-9, abs=1e-9)), key


def heads(summary: SessionSummary) -> Iterator[Values]:
    for scope in (summary.session, *(step.scope for step in summary.steps)):
        yield from (scope.left, scope.right, scope.both)


def stroked(rows: list[tuple[bool, int, int, float, float, int]], direction: Direction) -> SessionSummary:
    base = recording_of([3.0] * 600, [3.0] * 600, [True] * 600, [True] * 600, direction=direction)
    return analyse(replace(base, strokes=strokes_of(rows)))


def number(values: Values, key: str) -> float:
    found = values[key]
    assert found is not None
    return found
