"""Hands made by a list of moves, for comparing stroke finders: strokes, rests, trembling, lifts, jumps and gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from glowtool.stream.block import Reading, period_us
from support.logs.streams import LAYOUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from glowtool.stream.block import BoolArray, Columns, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that a hand does for some samples: it rolls so far, at this pressure, touching or not.

    The first `missing` samples of it are lost. `jump_mm` moves the encoder at once; `smooth` hands slow down at either
    end.
    """

    count: int
    way_mm: float = 0.0
    pressure_kpa: float = 3.0
    touching: bool = True
    smooth: bool = False
    missing: int = 0
    jump_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Hand:
    """What the sensors say of a hand: its samples, those that came, by column."""

    sample: IntArray
    travel_mm: FloatArray
    pressure_kpa: FloatArray
    contact: BoolArray

    def __len__(self) -> int:
        return len(self.sample)


def hand_of(moves: Iterable[Move], seed: int, jitter_counts: int = 1, step_mm: float = 0.1) -> Hand:
    """Return a hand that does all this, with jitter on the encoder and noise on the pressure."""
    random, at_mm = np.random.default_rng(seed), 0.0
    travel, pressure, contact, came = [], [], [], []
    for move in moves:
        at_mm += move.jump_mm
        share = np.arange(1, move.count + 1) / move.count
        share = (1 - np.cos(np.pi * share)) / 2 if move.smooth else share
        travel.append(at_mm + move.way_mm * share)
        at_mm += move.way_mm
        pressure.append(np.full(move.count, move.pressure_kpa))
        contact.append(np.full(move.count, move.touching))
        came.append(np.arange(move.count) >= move.missing)
    kept = np.concatenate(came)
    travel_mm = np.concatenate(travel)
    travel_mm += step_mm * random.integers(-jitter_counts, jitter_counts + 1, len(kept))
    if step_mm:
        travel_mm = np.rint(travel_mm / step_mm) / round(1 / step_mm)
    pressure_kpa = np.concatenate(pressure) * random.uniform(0.8, 1.2, len(kept))
    return Hand(np.flatnonzero(kept), travel_mm[kept], pressure_kpa[kept], np.concatenate(contact)[kept])


def readings_of(hands: tuple[Hand, Hand], cuts: Iterable[int], rate_hz: int) -> Iterator[Reading]:
    """Yield the samples that came of the left and the right one's hand, cut at these samples and at gaps."""
    left, right = hands
    edges = {0, len(left), *(cut for cut in cuts if 0 < cut < len(left))}
    edges |= set((np.flatnonzero(np.diff(left.sample) != 1) + 1).tolist())
    for start, stop in zip(sorted(edges), sorted(edges)[1:], strict=False):
        at, first = slice(start, stop), int(left.sample[start])
        sample = left.sample[at]
        columns: Columns = {"sample": sample, "device_time_us": sample * period_us(rate_hz) + 7}
        for name, hand in (("l", left), ("r", right)):
            columns[f"travel_{name}_mm"], columns[f"pressure_{name}_kpa"] = hand.travel_mm[at], hand.pressure_kpa[at]
            columns[f"contact_{name}"] = hand.contact[at]
        time_us = first * period_us(rate_hz) + 7
        yield Reading(first, rate_hz, time_us, stop - start, columns, replace(LAYOUT, impedance=None))


def _mirrored(hand: Hand, random: np.random.Generator) -> Hand:
    """Return another head of the same hand: its samples are missing with the first one's; it does something else."""
    return replace(hand, travel_mm=-hand.travel_mm, contact=hand.contact & (random.random(len(hand)) > 0.001))


@st.composite
def moves(draw: st.DrawFn) -> list[Move]:
    """Draw what a hand does, of everything that the rule tells apart."""
    pressures = st.sampled_from([3.0, 3.0, 3.0, 1.0, 0.6, 0.3, 8.0])
    counts, ways = st.integers(1, 400), st.floats(-60, 60)
    rolls = st.builds(Move, counts, ways, pressures, smooth=st.booleans())
    strokes = st.builds(Move, st.integers(10, 120), st.sampled_from([-40.0, -12.0, 12.0, 40.0]), smooth=st.booleans())
    rests = st.builds(Move, st.integers(1, 300), st.floats(-0.3, 0.3), pressures)
    creeps = st.builds(Move, st.integers(100, 900), st.floats(-15, 15), pressures)
    lifts = st.builds(Move, st.integers(1, 60), st.floats(-30, 30), touching=st.just(False))
    gaps = st.builds(Move, st.integers(90, 300), ways, pressures, missing=st.integers(1, 89))
    jumps = st.builds(Move, st.integers(1, 60), ways, jump_mm=st.floats(-900, 900))
    found = draw(
        st.lists(st.one_of(strokes, rolls, strokes, rests, creeps, lifts, gaps, jumps), min_size=3, max_size=30)
    )
    return found if found[0].missing == 0 else [Move(1), *found]


@st.composite
def pairs_of_hands(draw: st.DrawFn) -> tuple[Hand, Hand]:
    """Draw the two heads' samples."""
    seed = draw(st.integers(0, 2**32 - 1))
    jitter_counts, step_mm = draw(st.integers(0, 3)), draw(st.sampled_from([0.1, 0.1, 0.05, 1e-9, 0.5]))
    hand = hand_of(draw(moves()), seed, jitter_counts, step_mm)
    return hand, _mirrored(hand, np.random.default_rng(seed))
