"""The board of faults begins and ends each fault on time, and repeats itself with the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.faults.board import Board
from glowsim.faults.fault import Active, Plan
from glowsim.faults.kind import Choice
from glowsim.faults.kinds import KINDS
from glowsim.physics.types import Sensed
from glowtool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

TICK_US = 5_000
GOOD = Sensed((350, 351, 352, 353), (0, 0), 850, (320, 321), 80, charging=False)


class Log:
    """A plant that notes what is done to it."""

    def __init__(self) -> None:
        self.struck: list[str] = []
        self.standing: list[tuple[str, ...]] = []
        self.carried_s = 0.0

    def strike(self, fault: Active) -> None:
        self.struck.append(str(fault))

    def stand(self, faults: Sequence[Active]) -> None:
        self.standing.append(tuple(fault.kind.name for fault in faults))

    def carry_on(self, faults: Sequence[Active], dt_s: float) -> None:  # noqa: ARG002 - the plant's signature
        self.carried_s += dt_s


def run(board: Board, seconds: float) -> list[tuple[int, tuple[str, ...]]]:
    """Pass time tick by tick; return when which faults were on, at every change."""
    changes: list[tuple[int, tuple[str, ...]]] = []
    for time_us in range(TICK_US, round(seconds * 1e6) + 1, TICK_US):
        board.pass_time(time_us)
        names = tuple(fault.kind.name for fault in board.active)
        if names != (changes[-1][1] if changes else ()):
            changes.append((time_us, names))
    return changes


def test_a_planned_fault_begins_and_ends_at_its_time() -> None:
    board = Board((Plan("cell-dead", at_s=1.0, for_s=2.0, values={"cell": "rr"}),), 1, Log())
    assert run(board, 5.0) == [(1_000_000, ("cell-dead",)), (3_000_000, ())]


@given(seed=st.integers(0, 2**31), rate=st.floats(20, 600), for_s=st.floats(0.01, 0.5))
def test_a_rate_is_reproducible_and_every_time_ends(seed: int, rate: float, for_s: float) -> None:
    plans = (Plan("cell-stuck", for_s=for_s, rate_per_min=rate),)
    first, second = (run(Board(plans, seed, Log()), 3.0) for _ in range(2))
    assert first == second
    on_us = [time_us for time_us, names in first if names]
    off_us = [time_us for time_us, names in first if not names]
    for start, end in zip(on_us, off_us, strict=False):
        assert end - start >= for_s * 1e6 - TICK_US


def test_a_rate_comes_about_as_often_as_it_says() -> None:
    log = Log()
    run(Board((Plan("reboot", rate_per_min=60.0),), 3, log), 60.0)
    assert 40 <= len(log.struck) <= 80


def test_a_moment_strikes_once_and_does_not_stay() -> None:
    log = Log()
    board = Board((Plan("brown-out", at_s=0.5, values={"off_s": 2.0}),), 1, log)
    assert run(board, 2.0) == []
    assert log.struck == ["brown-out off_s=2"]


def test_what_is_gradual_is_carried_on_for_as_long_as_it_lasts() -> None:
    log = Log()
    run(Board((Plan("gel-drying", at_s=1.0, for_s=2.0),), 1, log), 5.0)
    assert log.carried_s == pytest.approx(2.0, abs=0.11)


def test_a_fault_that_is_on_begins_anew_and_one_of_another_cell_stands_beside_it() -> None:
    board = Board((), 1, Log())
    for cell in ("lf", "lf", "rr"):
        board.start("cell-dead", cell=cell)
    assert [str(fault) for fault in board.active] == ["cell-dead cell=lf", "cell-dead cell=rr"]
    board.stop("cell-dead")
    assert board.active == ()
    with pytest.raises(InputError, match="is not on; faults that are on: none"):
        board.stop("cell-dead")


def test_clear_ends_everything_also_what_is_planned() -> None:
    board = Board((Plan("cell-dead", at_s=1.0),), 1, Log())
    board.start("cell-stuck")
    board.clear()
    assert run(board, 3.0) == []


@given(raws=st.tuples(*[st.integers(0, 4000)] * 4), kind=st.sampled_from([k for k in KINDS if k.name[:5] == "cell-"]))
def test_a_broken_cell_stays_in_range_and_leaves_the_others_alone(raws: tuple[int, ...], kind: object) -> None:
    board = Board((), 1, Log())
    board.start(str(getattr(kind, "name", "")), cell="lr")
    board.pass_time(60_000_000)
    a, b, c, d = raws
    sensed = board.sense(Sensed((a, b, c, d), (0, 0), 850, (320, 321), 80, charging=False))
    assert 0 <= sensed.cells_raw[1] <= 4000
    assert (sensed.cells_raw[0], *sensed.cells_raw[2:]) == (a, c, d)


def test_without_a_fault_readings_pass_untouched() -> None:
    assert Board((), 1, Log()).sense(GOOD) is GOOD


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("cell-ded", {}, "did you mean cell-dead"),
        ("cell-dead", {"cell": "front"}, r"cell is 'front'; allowed: lf, lr, rf, rr, all"),
        ("cell-noisy", {"noise_kpa": "many"}, r"noise_kpa is 'many'; allowed: 0.01 to 20 kPa"),
        ("brown-out", {"off_s": 1000}, r"allowed: 0.01 to 60 s"),
        ("reboot", {"when": 1}, "has no parameter 'when'; it has none"),
        ("cell-dead", {"for_s": -1.0}, "for_s is -1; allowed: more than 0 s"),
    ],
)
def test_a_mistake_is_named(name: str, values: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Board((), 1, Log()).start(name, **values)  # type: ignore[arg-type]  # mistakes, on purpose


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_says_what_happens_and_its_defaults_are_allowed(kind: object) -> None:
    found = next(other for other in KINDS if other is kind)
    assert found.device
    assert found.host
    values = found.values({})
    assert set(values) == {row.name for row in found.parameters}
    for row in found.parameters:
        assert values[row.name] == row.default
        assert row.value("no such word") is None
        if isinstance(row, Choice):
            assert all(row.value(option) == option for option in row.options)
