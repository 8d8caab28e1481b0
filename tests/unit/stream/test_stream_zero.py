"""The zero of a cell is found in still air with an open loop, and nowhere else."""

from __future__ import annotations

from itertools import pairwise
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


def singly(kpa: np.ndarray, in_the_air: np.ndarray) -> list[float] | None:
    """Return the means of the first window in still air, found reading by reading: the rule in its plainest form."""
    kept: list[np.ndarray] = []
    for cells, hangs in zip(kpa, in_the_air, strict=True):
        together = np.array([*kept, cells])
        if not hangs:
            kept = []
        elif (np.ptp(together, axis=0) <= STILL_KPA).all():
            kept.append(cells)
        else:
            kept = [cells]
        if len(kept) == WINDOW:
            return [round(float(mean), 3) for mean in np.add.accumulate(np.array(kept), axis=0)[-1] / WINDOW]
    return None


@given(
    parts=st.lists(
        st.tuples(st.integers(1, 2 * WINDOW), st.booleans(), st.sampled_from((0.02, 0.07, 0.5))), min_size=1, max_size=6
    ),
    cuts=st.lists(st.integers(0, 8 * WINDOW), max_size=12),
    seed=st.integers(0, 99),
)
def test_blocks_find_the_zero_that_single_readings_find(
    parts: list[tuple[int, bool, float]], cuts: list[int], seed: int
) -> None:
    random = np.random.default_rng(seed)
    kpa = np.concatenate([random.normal(0.1, noise_kpa, (count, 4)) for count, _, noise_kpa in parts])
    ohm = np.concatenate([np.full(count, np.inf if hangs else 900.0) for count, hangs, _ in parts])
    watch = ZeroWatch(FAST, RATE_HZ)
    edges = sorted({0, len(ohm), *(cut for cut in cuts if cut < len(ohm))})
    for start, stop in pairwise(edges):
        piece = slice(start, stop)
        watch.take(
            {f"{name}_kpa": kpa[piece, at] for at, name in enumerate(CELLS)}
            | {"sample": np.arange(start, stop), "impedance_ohm": ohm[piece]}
        )
    assert (list(watch.zero.cells_kpa.values()) if watch.zero else None) == singly(kpa, np.isinf(ohm))
