"""The .haptic file of Lofelt and Meta Haptics Studio: envelopes of amplitude and frequency, in JSON."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from glowtool.routine.imports.track import LATEST_S, USUAL_HZ, Point, Track, counted, motor_hz, stepped_apart
from glowtool.routine.imports.values import read_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.routine.imports.values import Value

_MAJOR: Final = 1


def read_haptic(text: str) -> Track:
    """Return the vibration of a .haptic file; raises `InputError`."""
    root = read_json(text)
    version = root.field("version")
    major = version.field("major") if version else None
    if major is not None and major.number(0, 1_000) != _MAJOR:
        major.refuse("is another version", f"{_MAJOR}")
    envelopes = root.need("signals").need("continuous").need("envelopes")
    amplitudes = envelopes.need("amplitude").items()
    taps = sum(1 for item in amplitudes if item.field("emphasis") is not None)
    course = _course(envelopes.field("frequency"), "frequency")
    levels = _course(envelopes.need("amplitude"), "amplitude")
    moments = sorted({at_s for at_s, _ in (*levels, *course)})
    last_s = levels[-1][0] if levels else 0.0
    if course:
        levels = [(at_s, _at(levels, at_s)) for at_s in moments if at_s <= last_s]
    points = [Point(at_s, level, motor_hz(_at(course, at_s)) if course else USUAL_HZ) for at_s, level in levels]
    lost = ""
    if taps:
        lost = f"{counted(taps, 'emphasis is', 'emphases are')} left out: a motor that starts softly cannot tap"
    return Track(stepped_apart(points), title=_title(root)).without(lost)


def _title(root: Value) -> str:
    metadata = root.field("metadata")
    project = metadata.field("project") if metadata and isinstance(metadata.found, dict) else None
    return project.found if project and isinstance(project.found, str) else ""


def _course(envelope: Value | None, name: str) -> list[tuple[float, float]]:
    """Return the times and values of an envelope, in order of time."""
    if envelope is None:
        return []
    found = [(item.need("time").number(0, LATEST_S), item.need(name).number(0, 1)) for item in envelope.items()]
    return sorted(found, key=lambda pair: pair[0])


def _at(course: Sequence[tuple[float, float]], at_s: float) -> float:
    """Return the value of an envelope at a moment; before its first and after its last point it holds."""
    index = bisect_right(course, at_s, key=lambda pair: pair[0])
    if index == 0:
        return course[0][1]
    if index == len(course):
        return course[-1][1]
    (begin_s, begin), (end_s, end) = course[index - 1], course[index]
    return begin + (end - begin) * (at_s - begin_s) / (end_s - begin_s)
