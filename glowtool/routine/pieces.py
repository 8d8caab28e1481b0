"""The pieces of a step with keyframes, each at one level: what a roller that knows no keyframes can be asked for.

Pieces are cut at keyframes, and between them where the levels are furthest from the line. A rise along one straight
line is one piece: the roller's own ramp follows it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import LAG_MOST_HZ, Levels, Pattern
from glowtool.model.program import RANGES
from glowtool.routine.fields import PEAK_STEP_UA
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.model.program import Step

#: No piece is shorter: a person who watches could not read its title (design).
LEAST_MS: Final = 2500

#: Levels within this share of full of the line are close enough: nobody feels less.
CLOSE: Final = 0.05

_FULL_UA: Final = limit(CeilingId.PEAK_CURRENT)
_RAMP_MOST_S: Final = RANGES["ramp_s"].high

#: A span is looked at in so many places.
_LOOKS: Final = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of a step at one level, in ms from its beginning; `off` is how far the line goes from it, as a share."""

    begin_ms: int
    end_ms: int
    levels: Levels
    ramp_s: float
    off: float

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return (self.end_ms - self.begin_ms) / MILLISECONDS_PER_SECOND


def pieces_of(steps: Sequence[Step], most: int) -> list[list[Piece]]:
    """Return the pieces of each step, at most so many in all; a step without keyframes is one."""
    found = [[_piece(step, 0, step.duration_ms)] for step in steps]
    for _ in range(most - len(steps)):
        worst = max(
            ((piece.off, number, place) for number, each in enumerate(found) for place, piece in enumerate(each)
             if _cut(steps[number], piece) is not None),
            default=(0.0, 0, 0),
        )  # fmt: skip
        off, number, place = worst
        if off <= CLOSE:
            break
        piece = found[number][place]
        at_ms = _cut(steps[number], piece) or piece.end_ms
        halves = [_piece(steps[number], piece.begin_ms, at_ms), _piece(steps[number], at_ms, piece.end_ms)]
        found[number][place : place + 1] = halves
    return [_at_even_speed(step, _caught_up(step, each)) for step, each in zip(steps, found, strict=True)]


def _cut(step: Step, piece: Piece) -> int | None:
    """Return where to cut a piece in two: at the keyframe nearest to its middle, or in its middle; None: nowhere."""
    middle_ms = (piece.begin_ms + piece.end_ms) // 2
    near = [
        point.at_ms for point in step.keyframes if piece.begin_ms + LEAST_MS <= point.at_ms <= piece.end_ms - LEAST_MS
    ]
    if near:
        return min(near, key=lambda at_ms: abs(at_ms - middle_ms))
    return middle_ms if piece.end_ms - piece.begin_ms >= 2 * LEAST_MS else None


def _piece(step: Step, begin_ms: int, end_ms: int, *, follow: bool = True) -> Piece:
    begin, end = (step.levels_at(at_ms / MILLISECONDS_PER_SECOND) for at_ms in (begin_ms, end_ms))
    inside = [point for point in step.keyframes if begin_ms < point.at_ms < end_ms]
    looks = [begin, *(_at(step, begin_ms, end_ms, look) for look in range(1, _LOOKS)), end]
    looks += [point.levels for point in inside]
    middles = [_at(step, begin_ms, end_ms, look + 0.5) for look in range(_LOOKS)]
    mean = Levels(*(sum(numbers) / _LOOKS for numbers in zip(*map(_numbers, middles), strict=True)))
    rises = {
        "amplitude": end.amplitude - begin.amplitude,
        "peak_ua": (end.peak_ua - begin.peak_ua) / _FULL_UA,
    }
    faster = max(rises, key=lambda name: rises[name])
    needed_s = (end_ms - begin_ms) / MILLISECONDS_PER_SECOND / rises[faster] if rises[faster] > 0 else math.inf
    # A step may begin from nothing, and a slow ramp would take all its time to come to where the line begins.
    from_there = begin_ms > 0 or _share(begin, faster) <= CLOSE
    smooth = not inside and step.pattern is Pattern.STEADY and from_there
    follows = follow and smooth and step.ramp_s <= needed_s <= _RAMP_MOST_S
    levels = replace(mean, **{faster: getattr(end, faster)}) if follows else mean
    off = max(
        0.0 if follows and faster == name else max(abs(_share(look, name) - _share(levels, name)) for look in looks)
        for name in rises
    )
    return Piece(begin_ms, end_ms, levels, needed_s if follows else step.ramp_s, off)


def _caught_up(step: Step, pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with a slow ramp only where the piece before leaves the outputs near the beginning of it."""
    found = pieces[:1]
    for piece in pieces[1:]:
        begin, left = step.levels_at(piece.begin_ms / MILLISECONDS_PER_SECOND), found[-1].levels
        behind = max(_share(begin, name) - _share(left, name) for name in ("amplitude", "peak_ua"))
        slow = piece.ramp_s > step.ramp_s and behind > 2 * CLOSE
        found.append(_piece(step, piece.begin_ms, piece.end_ms, follow=False) if slow else piece)
    return found


def _at(step: Step, begin_ms: int, end_ms: int, look: float) -> Levels:
    return step.levels_at((begin_ms + (end_ms - begin_ms) * look / _LOOKS) / MILLISECONDS_PER_SECOND)


def _numbers(levels: Levels) -> tuple[float, float, float, float]:
    return levels.amplitude, levels.vibration_hz, levels.peak_ua, levels.current_hz


def _share(levels: Levels, name: str) -> float:
    return levels.amplitude if name == "amplitude" else levels.peak_ua / _FULL_UA


def _at_even_speed(step: Step, pieces: list[Piece]) -> list[Piece]:
    """Return pieces that a roller can give: the source's steps, and no motor that would stop to speed up."""
    whole = sum(piece.duration_s for piece in pieces)
    even_hz = sum(piece.levels.vibration_hz * piece.duration_s for piece in pieces) / whole
    rises_hz = [b.levels.vibration_hz - a.levels.vibration_hz for a, b in pairwise(pieces)]
    stops = any(rise_hz * math.sqrt(step.amplitude_most) > LAG_MOST_HZ for rise_hz in rises_hz)
    return [
        replace(
            piece,
            levels=replace(
                piece.levels,
                vibration_hz=even_hz if stops else piece.levels.vibration_hz,
                peak_ua=piece.levels.peak_ua // PEAK_STEP_UA * PEAK_STEP_UA,
            ),
        )
        for piece in pieces
    ]
