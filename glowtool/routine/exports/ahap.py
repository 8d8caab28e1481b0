"""The vibration of a routine as AHAP, Apple's haptic pattern: long events under curves of intensity and sharpness."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Final

from glowtool.kit.text.visible import visible
from glowtool.routine.imports.fit import cut_between
from glowtool.routine.imports.simplify import within
from glowtool.routine.imports.track import HIGHEST_HZ, LOWEST_HZ, Point, stepped_apart
from glowtool.routine.preview.course import course_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from glowtool.model.program import Program
    from glowtool.routine.models import Routine

#: Core Haptics plays no event longer, and takes no curve of more points.
_LONGEST_S: Final = 30.0
_MOST_POINTS: Final = 16

#: How far a curve may be off what comes out of a roller.
_ERROR: Final = 0.02

_ZERO: Final = 1e-6


def write_ahap(routine: Routine, program: Program) -> tuple[str, tuple[str, ...]]:
    """Return the vibration of a program as AHAP, and what is not in it."""
    content = {
        "Version": 1.0,
        "Metadata": {"Project": visible(routine.title), "Description": f"{routine.name}, exported by glowtool"},
        "Pattern": [entry for piece in _pieces(program) for entry in _entries(piece)],
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n", tuple(_lost(program))


def _pieces(program: Program) -> Iterator[tuple[Point, ...]]:
    """Yield the vibration in pieces that one event can hold; rests are left out."""
    course = course_of(program)
    track = within(
        stepped_apart(
            [Point(each.at_s, each.amplitude, min(max(each.vibration_hz, LOWEST_HZ), HIGHEST_HZ)) for each in course]
        ),
        _ERROR,
    )
    duration_s = track[-1].at_s
    for number in range(math.ceil(duration_s / _LONGEST_S)):
        piece = cut_between(track, number * _LONGEST_S, min((number + 1) * _LONGEST_S, duration_s))
        if len(piece) > 1 and any(point.amplitude > _ZERO for point in piece):
            yield piece


def _entries(piece: Sequence[Point]) -> Iterator[dict[str, object]]:
    begin_s, end_s = piece[0].at_s, piece[-1].at_s
    yield {
        "Event": {
            "Time": _rounded(begin_s),
            "EventType": "HapticContinuous",
            "EventDuration": _rounded(end_s - begin_s),
            "EventParameters": [
                {"ParameterID": "HapticIntensity", "ParameterValue": 1.0},
                {"ParameterID": "HapticSharpness", "ParameterValue": 0.0},
            ],
        }
    }
    for name, values in (
        ("HapticIntensityControl", [point.amplitude for point in piece]),
        ("HapticSharpnessControl", [(point.frequency_hz - LOWEST_HZ) / (HIGHEST_HZ - LOWEST_HZ) for point in piece]),
    ):
        times = [point.at_s for point in piece]
        yield from _curves(name, list(zip(times, values, strict=True)))


def _curves(name: str, course: Sequence[tuple[float, float]]) -> Iterator[dict[str, object]]:
    """Yield a course as curves of few points; each begins where the one before ends."""
    for first in range(0, len(course) - 1, _MOST_POINTS - 1):
        part = course[first : first + _MOST_POINTS]
        begin_s = part[0][0]
        yield {
            "ParameterCurve": {
                "ParameterID": name,
                "Time": _rounded(begin_s),
                "ParameterCurveControlPoints": [
                    {"Time": _rounded(at_s - begin_s), "ParameterValue": _rounded(value)} for at_s, value in part
                ],
            }
        }


def _lost(program: Program) -> Iterable[str]:
    if any(step.peak_most_ua > 0 for step in program):
        yield "the microcurrent is left out"
    yield "zones, pressure and cues are left out"
    if any(step.amplitude > 0 and step.pattern for step in program):
        yield "patterns are left out: the intensity is that of their highest point"


def _rounded(value: float) -> float:
    return round(value, 4)
