"""The zero of a cell is found in still air with an open loop, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.model.channel import Quantity
from glowtool.protocol.channels import CHANNELS
from glowtool.stream.columns import distinct_channels
from glowtool.stream.live.zero import OFF_KPA, STILL_KPA, ZeroSettings, ZeroWatch

if TYPE_CHECKING:
    from glowtool.stream.block import Columns

RATE_HZ = 200
FAST = distinct_channels(CHANNELS)
CELLS = ("pressure_lf", "pressure_lr", "pressure_rf", "pressure_rr")
WINDOW = round(ZeroSettings().window_s * RATE_HZ)


def samples(count: int, kpa: tuple[float, float, float, float] = (0.0,) * 4, ohm: float = np.inf) -> Columns:
    cells: Columns = {f"{name}_kpa": np.full(count, value) for name, value in zip(CELLS, kpa, strict=True)}
    return cells | {"sample": np.arange(count), "impedance_ohm": np.full(count, ohm)}


def test_the_zero_is_known_after_the_window_and_stays_the_first_one() -> None:
    watch = ZeroWatch(FAST, RATE_HZ)
    assert watch.take(samples(WINDOW - 1, (0.35, 0.01, 0.0, 0.02))) is None
    zero = watch.take(samples(1, (0.35, 0.01, 0.0, 0.02)))
    assert zero is not None
    assert zero.off
    assert zero.worst == "left front"
    assert zero.worst_kpa == pytest.approx(0.35)
    assert watch.take(samples(WINDOW)) is zero


@given(kpa=st.tuples(*[st.floats(0, 1)] * 4), cuts=st.lists(st.integers(1, 40), max_size=8))
def test_however_the_samples_come_in_the_zero_is_their_mean(
    kpa: tuple[float, float, float, float], cuts: list[int]
) -> None:
    watch = ZeroWatch(FAST, RATE_HZ)
    for count in (*cuts, WINDOW):
        watch.take(samples(count, kpa))
    assert watch.zero is not None
    assert list(watch.zero.cells_kpa.values()) == pytest.approx(kpa, abs=1e-3)
    assert watch.zero.off is (max(abs(round(value, 3)) for value in kpa) > OFF_KPA)


@given(ohm=st.floats(0, 299_000), kpa=st.floats(0, 10))
def test_heads_that_touch_have_no_zero(ohm: float, kpa: float) -> None:
    watch = ZeroWatch(FAST, RATE_HZ)
    assert watch.take(samples(2 * WINDOW - 1, (kpa,) * 4, ohm)) is None
    assert not watch.settled
    assert watch.take(samples(WINDOW, (kpa,) * 4, ohm)) is None
    assert watch.settled


def test_a_touch_within_the_window_begins_it_anew() -> None:
    watch = ZeroWatch(FAST, RATE_HZ)
    watch.take(samples(WINDOW - 1, (0.5,) * 4))
    watch.take(samples(1, (3.0,) * 4, ohm=5_000.0))
    assert watch.take(samples(WINDOW - 1)) is None
    assert watch.take(samples(1)) is not None


def test_a_hand_that_moves_a_cell_has_no_zero() -> None:
    watch = ZeroWatch(FAST, RATE_HZ)
    for at in range(3 * WINDOW):
        watch.take(samples(1, (0.0, (at % 2) * 1.5 * STILL_KPA, 0.0, 0.0)))
    assert watch.zero is None


def test_a_roller_without_impedance_has_none_that_can_be_told() -> None:
    watch = ZeroWatch(tuple(item for item in FAST if item.row.quantity is not Quantity.IMPEDANCE), RATE_HZ)
    assert watch.take(samples(3 * WINDOW)) is None
