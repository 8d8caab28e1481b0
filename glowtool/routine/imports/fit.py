"""A track made to fit a massage: its length, its rises, and the number of its points; each change is said."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError
from glowtool.model.ceilings import CeilingId, limit
from glowtool.routine.imports.follow import RISE_HZ_PER_S, as_carried, farthest, followed, largest_loss, softened
from glowtool.routine.imports.simplify import simplified
from glowtool.routine.imports.track import FALL_S, HIGHEST_HZ, LOWEST_HZ, Note, Point, Track, between, stepped_apart
from glowtool.units import SHARE, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MASSAGE_S: Final = limit(CeilingId.MASSAGE_DURATION)
STEP_S: Final = limit(CeilingId.STEP_DURATION)

#: Shorter ones are no massage, and no soft start comes to its end.
SHORTEST_S: Final = 10.0

#: Keyframes of one step, and points of all steps together: a roller has room for more, but not for those that cutting
#: and rounding add.
_MOST_OF_STEP: Final = 60
_MOST_POINTS: Final = (200, 150, 100, 60)

#: Points that are looked at, at most.
_MOST_READ: Final = 200_000

#: A smaller distance cannot be felt.
_WORTH_SAYING: Final = 0.005
_WORTH_SAYING_HZ: Final = 2.0

#: One zone is worked for about this long before the next.
_PIECE_S: Final = 90.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks of an import: how often the track is played, and how long all of it lasts.

    A length slows the track down or speeds it up; None: it keeps its own time. `level` is what the file's full becomes.
    """

    repeat: int = 1
    length_s: float | None = None
    level: float = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a track that is one step: its points count from the step's beginning, and the first is at 0."""

    duration_s: float
    points: tuple[Point, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Fitted:
    """A track as the pieces of a massage, and what the file has that they have not."""

    pieces: tuple[Piece, ...]
    lost: tuple[str, ...]


def fit(track: Track, wish: Wish, zones: int) -> Fitted:
    """Return a track as a roller can follow it in one massage on so many zones, with all that was changed.

    Raises `InputError` when it is too short.
    """
    level = (point._replace(amplitude=point.amplitude * wish.level) for point in track.points)
    played = _played(replace(track, points=_from_zero(tuple(level))), wish)
    if played.duration_s < SHORTEST_S:
        raise InputError(
            f"the track lasts {played.duration_s:.3g} s; a massage needs {SHORTEST_S:g} s",
            advice="repeat it with --repeat, or give it more time with --length",
        )
    softer = replace(played, points=followed(played.points)).without(*_said_of_rises(played.points))
    for most in _MOST_POINTS:
        fewer = simplified(softer.points, most)
        if fewer is None:
            break
        pieces = tuple(_carried(_pieces(replace(softer, points=fewer.points), zones)))
        if all(len(piece.points) <= _MOST_OF_STEP for piece in pieces):
            return Fitted(pieces, softer.without(_said_of_points(softer.points, pieces)).lost)
    raise InputError("the track changes too often for a roller", advice="repeat it less often, or take a calmer file")


def _carried(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the pieces in a device's steps, each from where the one before it ended, with no line too steep."""
    end: Point | None = None
    for piece in pieces:
        first, *later = piece.points
        first = as_carried(first) if end is None else end._replace(at_s=0.0)
        points = (first, *softened(first, _in_order(later)))
        end = points[-1]
        yield replace(piece, points=points)


def _in_order(points: Sequence[Point]) -> list[Point]:
    """Return the points after the first one of a piece, of those within one millisecond the last."""
    by_ms = {round(point.at_s * 1000): point for point in points}
    return [point for at_ms, point in by_ms.items() if at_ms > 0]


def _said_of_points(before: Sequence[Point], pieces: Sequence[Piece]) -> str:
    after, begin_s = [], 0.0
    for piece in pieces:
        after += [point._replace(at_s=point.at_s + begin_s) for point in piece.points]
        begin_s += piece.duration_s
    off = farthest(before, stepped_apart(after))
    if off < _WORTH_SAYING:
        return ""
    fewer = f"{len(before)} points became {len(after)}" if len(after) < len(before) else "levels are rounded"
    return f"{fewer}, at most {spoken(round(off, 2), SHARE)} off at any moment"


def _pieces(track: Track, zones: int) -> tuple[Piece, ...]:
    """Return the track in pieces for the zones, one after the other and again, each zone for as long as another."""
    duration_s = track.duration_s
    rounds = max(1, math.ceil(duration_s / (zones * STEP_S)), round(duration_s / (zones * _PIECE_S)))
    count = zones * rounds
    if duration_s < zones * SHORTEST_S:
        count = min(zones, 2)  # both sides of the first place
    span_s = math.floor(duration_s / count * 10) / 10
    return tuple(_piece(track, number * span_s, (number + 1) * span_s) for number in range(count))


def cut_between(points: Sequence[Point], begin_s: float, end_s: float) -> tuple[Point, ...]:
    """Return the part of a track between two moments, which begins and ends with a point; times stay as they are."""
    inside = [point for point in points if begin_s + FALL_S / 2 < point.at_s < end_s - FALL_S / 2]
    return (_at(points, begin_s), *inside, _at(points, end_s))


def _piece(track: Track, begin_s: float, end_s: float) -> Piece:
    cut = cut_between(track.points, begin_s, end_s)
    points = tuple(point._replace(at_s=point.at_s - begin_s) for point in cut)
    notes = tuple(replace(note, at_s=note.at_s - begin_s) for note in track.notes if begin_s <= note.at_s < end_s)
    return Piece(round(end_s - begin_s, 3), points, notes)


def _at(points: Sequence[Point], at_s: float) -> Point:
    before = points[0]
    for after in points[1:]:
        if at_s <= after.at_s:
            return between(before, after, at_s)
        before = after
    return before._replace(at_s=at_s)


def _from_zero(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return points that begin at 0 s and have frequencies of the motor; a track is silent before its first point."""
    held = tuple(point._replace(frequency_hz=min(max(point.frequency_hz, LOWEST_HZ), HIGHEST_HZ)) for point in points)
    first = held[0]
    if first.at_s <= FALL_S:
        return (first._replace(at_s=0.0), *held[1:])
    silent = first._replace(amplitude=0.0)
    return stepped_apart((silent._replace(at_s=0.0), silent._replace(at_s=first.at_s - FALL_S), *held))


def _played(track: Track, wish: Wish) -> Track:
    """Return the track repeated, then slowed down or sped up to the length that is wished, or cut where it must end."""
    once_s = track.duration_s
    whole_s = once_s * wish.repeat
    heard = wish.repeat if wish.length_s is not None else min(wish.repeat, math.ceil(MASSAGE_S / once_s))
    if heard * len(track.points) > _MOST_READ:
        raise InputError(f"it has over {_MOST_READ} points", advice="repeat it less often, or take a calmer file")
    factor = 1.0 if wish.length_s is None else wish.length_s / whole_s
    turns = [turn * once_s for turn in range(heard)]
    points = [point._replace(at_s=(point.at_s + turn) * factor) for turn in turns for point in track.points]
    notes = [replace(note, at_s=(note.at_s + turn) * factor) for turn in turns for note in track.notes]
    played = replace(track, points=stepped_apart(points), notes=tuple(notes))
    if wish.length_s is not None and not math.isclose(factor, 1.0, rel_tol=1e-3):
        played = played.without(f"{whole_s:.4g} s became {wish.length_s:g} s")
    return _cut(played, whole_s * factor)


def _cut(track: Track, whole_s: float) -> Track:
    said = (
        f"it lasts {whole_s / 60:.3g} min; a massage lasts at most {MASSAGE_S / 60:g} min, so the rest is left out "
        "(--length plays all of it faster)"
    )
    said = said if round(whole_s, 3) > MASSAGE_S else ""
    if track.duration_s <= MASSAGE_S:
        return track.without(said)
    kept = [point for point in track.points if point.at_s < MASSAGE_S]
    notes = tuple(note for note in track.notes if note.at_s < MASSAGE_S)
    return replace(track, points=(*kept, _at(track.points, MASSAGE_S)), notes=notes).without(said)


def _said_of_rises(points: Sequence[Point]) -> tuple[str, str]:
    most, soft_s = largest_loss(points), limit(CeilingId.SOFT_START)
    below = spoken(round(most.amplitude, 2), SHARE)
    return (
        f"rises take {soft_s:g} s to full, so that the amplitude is for moments up to {below} below the file's"
        if most.amplitude >= _WORTH_SAYING
        else "",
        f"the frequency rises by {RISE_HZ_PER_S:g} Hz a second at most, and is for moments up to "
        f"{most.frequency_hz:.0f} Hz below the file's"
        if most.frequency_hz >= _WORTH_SAYING_HZ
        else "",
    )
