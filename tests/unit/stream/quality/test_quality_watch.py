"""The watch over the pressure cells: what it finds, when, and that the cut of its input changes nothing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.physics.hand.personas import PERSONAS
from glowtool.stream.quality.kinds import CellFaultKind
from support.logs.bad_cells import CELLS, FAULTS, recording, with_fault
from support.logs.streams import RATE_HZ
from support.logs.watched import failed_in, raw_of, watched

if TYPE_CHECKING:
    from support.logs.streams import Raw

AT = 25 * RATE_HZ
SECONDS = 60

K = CellFaultKind

#: What each injected fault may look like: what it is, as soon as the hand shows it.
SHOWN = {
    "stuck": {K.STUCK, K.DEAD},
    "stuck, noisy": {K.DISAGREES, K.OFFSET, K.DRIFTS},
    "dead": {K.DEAD},
    "saturated": {K.SATURATED},
    "offset +0.5 kPa": {K.DISAGREES, K.OFFSET, K.DRIFTS},
    "offset -1 kPa": {K.DISAGREES},
    "drift +5 kPa/min": {K.DISAGREES, K.OFFSET, K.DRIFTS},
    "drift -5 kPa/min": {K.DISAGREES},
    "noise of 1 kPa": {K.NOISY},
}

#: What shows by itself is said within five seconds; the rest once the hand lifts, or has gone on for some windows.
AT_ONCE = {"stuck", "dead", "saturated", "noise of 1 kPa"}


@pytest.mark.parametrize(("number", "fault"), list(enumerate(FAULTS)))
def test_a_cell_that_goes_bad_is_told_once_with_what_it_shows(number: int, fault: str) -> None:
    cell = CELLS[number % 4]
    (found,) = watched(with_fault(recording("gentle", 3, SECONDS), cell, fault, AT, seed=number))
    assert found.cell == cell
    assert found.kind in SHOWN[fault]
    assert found.known_us > AT * 5000
    if fault in AT_ONCE:
        assert found.known_us <= AT * 5000 + 5_000_000
        assert abs(found.since_us - AT * 5000) <= 1_000_000
        assert found.since_us == found.since_sample * 5000


@pytest.mark.parametrize("persona", PERSONAS)
def test_whole_cells_are_left_alone(persona: str) -> None:
    assert watched(recording(persona, 3, SECONDS)) == []


@cache
def _broken() -> Raw:
    """Return a massage in which all kinds of faults come, one cell after the other."""
    massage = recording("gentle", 3, SECONDS)
    for cell, fault, at_s in zip(
        CELLS, ("noise of 1 kPa", "drift +5 kPa/min", "dead", "stuck"), (40, 15, 25, 36), strict=True
    ):
        massage = with_fault(massage, cell, fault, at_s * RATE_HZ, seed=1)
    return raw_of(massage)


@settings(deadline=None, max_examples=15)
@given(
    edges=st.lists(st.integers(0, SECONDS * RATE_HZ), max_size=40),
    lost=st.frozensets(st.integers(0, 40), max_size=6),
    finer=st.lists(st.integers(0, SECONDS * RATE_HZ), max_size=40),
)
def test_the_cut_of_the_input_changes_nothing(edges: list[int], lost: frozenset[int], finer: list[int]) -> None:
    raw = _broken()
    whole = sorted({0, len(raw), *edges})
    gone = [(whole[at], whole[at + 1]) for at in lost if at + 1 < len(whole)]
    finest = sorted({*whole, *finer})
    also = frozenset(at for at, start in enumerate(finest[:-1]) if any(a <= start < b for a, b in gone))
    assert failed_in(raw, finest, lost=also) == failed_in(raw, whole, lost=lost)


def test_the_input_of_that_test_has_every_bad_cell() -> None:
    assert {each.cell for each in failed_in(_broken())} == set(CELLS)


def test_every_third_packet_may_be_lost_without_a_false_word() -> None:
    raw = raw_of(recording("hasty", 3, SECONDS))
    lost = frozenset(range(0, len(raw) // 20, 3))
    assert failed_in(raw, range(0, len(raw), 20), lost=lost) == []


def test_a_cell_is_told_though_every_third_packet_is_lost() -> None:
    raw = raw_of(with_fault(recording("hasty", 3, SECONDS), "pressure_rf", "dead", AT, 1))
    found = failed_in(raw, range(0, len(raw), 20), lost=frozenset(range(0, len(raw) // 20, 3)))
    assert [each.cell for each in found] == ["pressure_rf"]
