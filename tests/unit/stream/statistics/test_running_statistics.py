"""The running statistics of a stream are those of its columns, by step, with gaps and open loops apart."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from glowtool.stream.block import Block, Reading, period_us
from glowtool.stream.registry import chain, running_statistics
from support.logs.streams import FAST, RATE_HZ, random_raw

COUNT = 4000
AT = 1500
LOST = range(2000, 2100)


def readings() -> list[Reading]:
    """Return a stream in two steps, with a gap in the second one."""
    raw, whole = random_raw(5, COUNT), chain(FAST, RATE_HZ)
    edges = [(0, AT), (AT, LOST.start), (LOST.stop, COUNT)]
    return [whole.process(Block(start, RATE_HZ, start * period_us(RATE_HZ), raw[start:stop])) for start, stop in edges]


def test_the_figures_of_a_step_are_those_of_its_columns() -> None:
    first, *rest = readings()
    running = running_statistics(FAST)
    running.begin_step(0, (2.0, 5.0))
    running.process(first)
    running.begin_step(1)
    for reading in rest:
        running.process(reading)
    figures = {(each.step, each.column): each for each in running.flush()}
    cell = np.concatenate([reading.floats("pressure_lf_kpa") for reading in rest])
    told = figures[1, "pressure_lf_kpa"]
    assert (told.count, told.missing, told.apart) == (len(cell), len(LOST), 0)
    assert told.mean == pytest.approx(float(np.mean(cell)), rel=1e-12)
    assert told.variance == pytest.approx(float(np.var(cell)), rel=1e-9)
    assert (told.minimum, told.maximum) == (cell.min(), cell.max())
    assert told.percentiles == pytest.approx(np.percentile(cell, [5, 50, 95]), rel=1e-12)
    ohm = first.floats("impedance_ohm")
    assert figures[0, "impedance_ohm"].apart == np.isinf(ohm).sum() > 0
    assert figures[0, "impedance_ohm"].mean == pytest.approx(float(ohm[np.isfinite(ohm)].mean()))
    pressed = first.floats("pressure_l_kpa")[first.flags("contact_l")]
    head = figures[0, "pressure_l_kpa"]
    assert head.count == len(pressed) > 100
    assert head.mean == float(sum(map(Fraction, pressed.tolist())) / len(pressed))
    assert head.in_band == np.mean((pressed >= 2.0) & (pressed <= 5.0))
    assert head.percentiles == pytest.approx(np.percentile(pressed, [5, 50, 95]), abs=0.001)
    assert figures[1, "pressure_l_kpa"].in_band is None
    assert not any(column.startswith("travel") for _, column in figures)


def test_parts_merge_to_the_same_bits_in_any_order() -> None:
    whole, parts = running_statistics(FAST), [running_statistics(FAST) for _ in range(3)]
    for reading, part in zip(readings(), parts, strict=True):
        whole.process(reading)
        part.process(reading)
    last, middle, begin = reversed(parts)
    last.merge(begin)
    last.merge(middle)
    known = [replaced(each) for each in whole.flush()]
    assert [replaced(each) for each in last.flush()] == known


def replaced(figures: object) -> str:
    """Return figures as text without the samples missing, which no part knows of."""
    return ",".join(f"{name}={getattr(figures, name)!r}" for name in figures.__slots__ if name != "missing")  # type: ignore[attr-defined]  # a dataclass with slots
