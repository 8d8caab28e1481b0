"""Drying skin is told from a lighter hand, a smaller contact and a lying cell."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import cycle, islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.physics.contact.electrode import loop_ohm
from glowtool.model.heads import settled_area_cm2
from glowtool.stream.block import Reading, period_us
from glowtool.stream.live.dryness import DrynessDetector
from glowtool.stream.live.meter import READINGS_PER_SECOND, Meter
from support.logs.streams import LAYOUT, RATE_HZ

BLOCK = DrynessDetector().settings.samples

pressures = st.floats(1.0, 12.0)
contacts = st.lists(st.tuples(pressures, pressures), min_size=1, max_size=BLOCK).map(
    lambda pairs: [*islice(cycle(pairs), BLOCK)]
)


def ohm(contact_ohm_cm2: float, left_kpa: float, right_kpa: float) -> float:
    return loop_ohm(contact_ohm_cm2, settled_area_cm2(left_kpa), settled_area_cm2(right_kpa))


def roll(detector: DrynessDetector, contact_ohm_cm2: float, pairs: list[tuple[float, float]], blocks: int = 1) -> bool:
    verdicts = [detector.take(ohm(contact_ohm_cm2, *pair), *pair) for _ in range(blocks) for pair in pairs[:BLOCK]]
    return verdicts[-1]


EVEN = [(3.0, 3.0)] * BLOCK


def test_skin_that_gets_dry_is_told_and_gel_ends_it() -> None:
    detector = DrynessDetector()
    assert not roll(detector, 1200, EVEN)
    assert not roll(detector, 5000, EVEN)
    assert roll(detector, 5000, EVEN)
    assert roll(detector, 2400, EVEN), "between moist and dry the verdict stays"
    assert not roll(detector, 1200, EVEN)


def test_skin_that_was_dry_from_the_start_is_no_news_until_gel_was_put_on_and_dried() -> None:
    detector = DrynessDetector()
    assert not roll(detector, 8000, EVEN, 10)
    assert not roll(detector, 1200, EVEN)
    assert roll(detector, 8000, EVEN, 2)


@given(st.lists(contacts, min_size=2, max_size=4), st.floats(900, 20_000))
def test_no_way_of_pressing_is_taken_for_dry_skin(hands: list[list[tuple[float, float]]], skin: float) -> None:
    detector = DrynessDetector()
    assert not any(roll(detector, skin, hand) for hand in hands)


@given(st.lists(contacts, min_size=2, max_size=4), st.floats(900, 2000))
def test_skin_that_dries_to_bare_skin_is_told_however_one_presses(
    hands: list[list[tuple[float, float]]], skin: float
) -> None:
    detector = DrynessDetector()
    roll(detector, skin, hands[0])
    assert [roll(detector, 5 * skin, hand) for hand in (*hands[1:], hands[1], hands[1])][-1]


@given(st.floats(2.0, 6.0), st.floats(3.0, 40.0))
def test_a_pressure_that_is_read_far_too_high_is_not_taken_for_dry_skin(true_kpa: float, read_kpa: float) -> None:
    detector = DrynessDetector()
    roll(detector, 3000, [(true_kpa, true_kpa)] * BLOCK)
    for _ in range(3 * BLOCK):
        assert not detector.take(ohm(3000, true_kpa, true_kpa), true_kpa, max(true_kpa, read_kpa))


def test_what_is_no_good_contact_does_not_count() -> None:
    detector = DrynessDetector()
    roll(detector, 1200, EVEN)
    for _ in range(3 * BLOCK):
        assert not detector.take(math.inf, 3.0, 3.0)
        assert not detector.take(60_000, 3.0, 0.3)
    assert not roll(detector, 1200, [*EVEN[5:], (3.0, 3.0)])


#: Two heads without encoders.
STILL = replace(LAYOUT, heads=tuple(replace(head, travel=None) for head in LAYOUT.heads))


@pytest.mark.parametrize("touching", [True, False])
def test_the_meter_says_it_from_samples_of_both_heads_in_contact(touching: bool) -> None:
    meter = Meter()
    verdicts = []
    for second in range(20):
        count = RATE_HZ
        pressure, contact = np.full(count, 3.0), np.full(count, touching)
        columns = {
            **{f"pressure_{head}_kpa": pressure for head in "lr"},
            **{f"contact_{head}": contact for head in "lr"},
            "impedance_ohm": np.full(count, ohm(1200 if second < 5 else 6000, 3.0, 3.0)),
        }
        reading = Reading(second * count, RATE_HZ, second * count * period_us(RATE_HZ), count, columns, STILL)
        verdicts.append(meter.process(reading)[-1].skin_dry)
    assert READINGS_PER_SECOND * 5 == BLOCK
    assert verdicts == ([False] * 14 + [True] * 6 if touching else [False] * 20)
