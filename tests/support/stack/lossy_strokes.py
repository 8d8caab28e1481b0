"""Massages by the simulated hand that lose part of their frames, and a score of the strokes still found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.types import Cue, Drive
from glowtool.model.face import Direction
from glowtool.stream.block import Block
from glowtool.stream.heads import Head
from glowtool.stream.registry import chain
from glowtool.stream.strokes.rule import StrokeSettings
from support.logs.streams import DTYPE, FAST, RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from glowsim.physics.hand.diary import Stroke as TrueStroke
    from glowsim.physics.hand.hand import HandParameters
    from glowtool.stream.block import BoolArray, Stroke
    from support.logs.streams import Raw

_TICK_US: Final = 1_000_000 // RATE_HZ
_STEP_TICKS: Final = 30 * RATE_HZ

#: A frame holds 50 ms of samples at every rate.
_PER_FRAME: Final = RATE_HZ // 20
_FRAMES_PER_SECOND: Final = 20

#: Around the shortest stroke it is chance whether one counts; those below are in neither list.
_COMPARED_FROM_MM: Final = StrokeSettings().shortest_mm + 1.0


def massage(hand: HandParameters, seed: int, seconds: int) -> tuple[Raw, tuple[TrueStroke, ...]]:
    """Return what the sensors say of a massage up and down in steps of 30 s, and the strokes of its hand."""
    body, raw = Body(BodyParameters(hand=hand), seed), np.zeros(seconds * RATE_HZ, DTYPE)
    for tick in range(len(raw)):
        step = tick // _STEP_TICKS
        working = RATE_HZ <= tick < len(raw) - RATE_HZ
        cue = Cue(step, (Direction.UPWARD, Direction.DOWNWARD)[step % 2]) if working else Cue()
        sensed, _ = body.update((tick + 1) * _TICK_US, Drive(cue=cue))
        raw[tick] = (*sensed.cells_raw, *sensed.travel_raw, sensed.impedance_raw, 0, 0)
    return raw, body.truth()[0]


def single_frames(share: float) -> Callable[[int, np.random.Generator], BoolArray]:
    """Return a link that loses each frame with this chance: which of this many frames arrive."""
    return lambda frames, random: random.random(frames) >= share


def bursts(share: float) -> Callable[[int, np.random.Generator], BoolArray]:
    """Return a link that loses this share of frames in bursts of one to four, each length as likely."""

    def link(frames: int, random: np.random.Generator) -> BoolArray:
        came, at = np.ones(frames, np.bool_), 0
        begins = share / (2.5 * (1 - share))
        while at < frames:
            length = int(random.integers(1, 5)) if random.random() < begins else 0
            came[at : at + length] = False
            at += length or 1
        return came

    return link


def outages(seconds: float, every_s: float = 10.0) -> Callable[[int, np.random.Generator], BoolArray]:
    """Return a link that is silent once in every period of this many seconds, at a random moment."""

    def link(frames: int, random: np.random.Generator) -> BoolArray:
        came = np.ones(frames, np.bool_)
        for start_s in np.arange(0, frames / _FRAMES_PER_SECOND, every_s):
            at = round((start_s + random.uniform(0, every_s - seconds)) * _FRAMES_PER_SECOND)
            came[at : at + round(seconds * _FRAMES_PER_SECOND)] = False
        return came

    return link


LINKS: Final[Mapping[str, Callable[[int, np.random.Generator], BoolArray]]] = {
    "0 %": single_frames(0),
    "1 %": single_frames(0.01),
    "2 %": single_frames(0.02),
    "5 %": single_frames(0.05),
    "10 %": single_frames(0.1),
    "2 % in bursts": bursts(0.02),
    "5 % in bursts": bursts(0.05),
    "10 % in bursts": bursts(0.1),
    "1 s in 10 s": outages(1.0),
}


def strokes_found(raw: Raw, came: BoolArray) -> list[Stroke]:
    """Return the strokes of these samples when only these frames came."""
    stream = chain(FAST, RATE_HZ)
    found: list[Stroke] = []
    for start, stop in _runs(came):
        first, last = start * _PER_FRAME, min(stop * _PER_FRAME, len(raw))
        found += stream.process(Block(first, RATE_HZ, (first + 1) * _TICK_US, raw[first:last])).strokes
    rest = stream.flush()
    return [*found, *(rest.strokes if rest is not None else ())]


def frames_of(raw: Raw) -> int:
    """Return in how many frames these samples are sent."""
    return -(-len(raw) // _PER_FRAME)


def outside_long_gaps(true: Iterable[TrueStroke], came: BoolArray) -> list[TrueStroke]:
    """Return the strokes in which nothing longer than a bridged gap is missing."""
    frame_us, longest = _PER_FRAME * _TICK_US, StrokeSettings().rest_s
    gaps = [(start * frame_us, stop * frame_us) for start, stop in _runs(~came)]
    long = [gap for gap in gaps if gap[1] - gap[0] >= longest * 1e6]
    return [stroke for stroke in true if all(stroke.end_us <= gap[0] or stroke.start_us >= gap[1] for gap in long)]


def _runs(came: BoolArray) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], came, [False])).astype(np.int8)))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


@dataclass(slots=True)
class Score:
    """True strokes, found strokes, those that agree, and by how much these are too long in mm.

    `whole` counts the true strokes without a long gap in them, `whole_right` those of them that were found.
    """

    true: int = 0
    found: int = 0
    right: int = 0
    whole: int = 0
    whole_right: int = 0
    longer_mm: list[float] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """The harmonic mean of recall and precision, 0 to 1."""
        return 2 * self.right / (self.true + self.found)

    def add(self, other: Score) -> None:
        """Add the strokes of another massage."""
        self.true, self.found = self.true + other.true, self.found + other.found
        self.right += other.right
        self.whole, self.whole_right = self.whole + other.whole, self.whole_right + other.whole_right
        self.longer_mm += other.longer_mm


def score(true: Iterable[TrueStroke], found: Iterable[Stroke]) -> Score:
    """Compare strokes with the hand's.

    A pair agrees in head and direction, and shares at least half of the time that either takes up; each stroke is in
    one pair at most.
    """
    total, true, found = Score(), list(true), list(found)
    for number, head in enumerate((Head.LEFT, Head.RIGHT)):
        wanted = [item for item in true if item.heads[number].peak_kpa > 0 and abs(item.length_mm) > _COMPARED_FROM_MM]
        mine = [item for item in found if item.head is head and abs(item.length_mm) > _COMPARED_FROM_MM]
        total.true, total.found = total.true + len(wanted), total.found + len(mine)
        for stroke in wanted:
            match = next((item for item in mine if _agrees(stroke, item)), None)
            if match is not None:
                mine.remove(match)
                total.right += 1
                total.longer_mm.append(abs(match.length_mm) - abs(stroke.length_mm))
    return total


def _agrees(true: TrueStroke, found: Stroke) -> bool:
    if (true.length_mm > 0) != (found.length_mm > 0):
        return False
    shared_us = min(true.end_us, found.end_us) - max(true.start_us, found.start_us)
    return 2 * shared_us >= max(true.end_us, found.end_us) - min(true.start_us, found.start_us)
