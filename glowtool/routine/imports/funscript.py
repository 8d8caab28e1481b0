"""Funscript: the positions of a stroke over time, in JSON; a vibration axis is taken where a file has one."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from glowtool.routine.imports.follow import followed, mean_amplitude
from glowtool.routine.imports.track import LATEST_S, Point, Track, counted, stepped_apart
from glowtool.routine.imports.values import read_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.routine.imports.values import Value

_MS: Final = 1000.0
_FULL: Final = 100.0

#: The names of vibration axes in files that hold several axes.
_VIBRATION_AXES: Final = frozenset({"V0", "V1", "V2", "vib"})

#: A stroke this fast, in positions a second, is full amplitude: four full ways a second.
_FULL_SPEED: Final = 400.0

#: The speed of strokes is taken over this long, and this often.
_WINDOW_S: Final = 4.0
_EVERY_S: Final = 1.0

#: Positions are amplitudes if a soft start leaves at least this much of them; else they are strokes.
_FOLLOWED: Final = 0.7


def read_funscript(text: str) -> Track:
    """Return the vibration of a funscript; raises `InputError`."""
    root = read_json(text)
    axes = root.field("axes")
    others = axes.items() if axes else ()
    vibration = next((axis for axis in others if _name_of_axis(axis) in _VIBRATION_AXES), None)
    holder = vibration or root
    inverted = root.field("inverted")
    positions = _positions(holder.need("actions"), inverted=inverted is not None and inverted.found is True)
    points, said = (positions, "") if vibration else _amplitudes(positions)
    lost = [said]
    left_out = len(others) + (1 if vibration and root.field("actions") else 0) - (1 if vibration else 0)
    if left_out:
        lost.append(f"{counted(left_out, 'other axis is', 'other axes are')} left out")
    metadata = root.field("metadata")
    for key, one, many in (("chapters", "chapter is", "chapters are"), ("bookmarks", "bookmark is", "bookmarks are")):
        listed = metadata.field(key) if metadata and isinstance(metadata.found, dict) else None
        if listed is not None and isinstance(listed.found, list) and listed.found:
            lost.append(f"{counted(len(listed.found), one, many)} left out")
    return Track(points, title=_title(metadata)).without(*lost)


def _name_of_axis(axis: Value) -> str:
    name = axis.field("id")
    return name.text() if name else ""


def _title(metadata: Value | None) -> str:
    title = metadata.field("title") if metadata and isinstance(metadata.found, dict) else None
    return title.found if title and isinstance(title.found, str) else ""


def _positions(actions: Value, *, inverted: bool) -> tuple[Point, ...]:
    found = []
    for action in actions.items():
        at_s = action.need("at").number(0, LATEST_S * _MS) / _MS
        share = action.need("pos").number(0, _FULL) / _FULL
        found.append(Point(at_s, 1 - share if inverted else share))
    found.sort(key=lambda point: point.at_s)
    return stepped_apart(found)


def _amplitudes(positions: tuple[Point, ...]) -> tuple[tuple[Point, ...], str]:
    """Return positions as amplitudes where a motor could follow them, else the speed of the strokes, and words."""
    wanted = mean_amplitude(positions)
    if mean_amplitude(followed(positions)) >= _FOLLOWED * wanted:
        return positions, ""
    said = (
        f"positions are strokes, faster than a motor may rise: the amplitude follows their speed over {_WINDOW_S:g} s "
        f"({_FULL_SPEED:g} positions a second are full)"
    )
    return _speeds(positions), said


def _speeds(positions: Sequence[Point]) -> tuple[Point, ...]:
    """Return the speed of strokes over a window, as a share of full, at even moments."""
    times = [point.at_s for point in positions]
    way = [0.0]
    for before, after in itertools.pairwise(positions):
        way.append(way[-1] + abs(after.amplitude - before.amplitude) * _FULL)

    def gone(at_s: float) -> float:
        index = bisect_right(times, at_s)
        if index == 0:
            return 0.0
        if index == len(times):
            return way[-1]
        begin_s, end_s = times[index - 1], times[index]
        return way[index - 1] + (way[index] - way[index - 1]) * (at_s - begin_s) / (end_s - begin_s)

    half_s = _WINDOW_S / 2
    count = int(times[-1] / _EVERY_S) + 1
    moments = [number * _EVERY_S for number in range(count)]
    return tuple(
        Point(at_s, min((gone(at_s + half_s) - gone(at_s - half_s)) / _WINDOW_S / _FULL_SPEED, 1.0)) for at_s in moments
    )
