"""AHAP, Apple's haptic pattern: events with an intensity and a sharpness, and curves over them, in JSON."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowtool.routine.imports.track import LATEST_S, Point, Track, counted, motor_hz, stepped_apart
from glowtool.routine.imports.values import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.routine.imports.values import Value

#: What an event has where the file says nothing.
_INTENSITY, _SHARPNESS = "HapticIntensity", "HapticSharpness"
_DEFAULTS: Final = {_INTENSITY: 1.0, _SHARPNESS: 0.5}

_INTENSITY_CONTROL, _SHARPNESS_CONTROL = "HapticIntensityControl", "HapticSharpnessControl"
_NEUTRAL: Final = {_INTENSITY_CONTROL: 1.0, _SHARPNESS_CONTROL: 0.0}

#: Where an intensity and its curve both change, their product is no line: it is taken at so many moments between.
_BETWEEN: Final = 4


@dataclass(slots=True)
class _Control:
    """The course of a control: points in order of time; it holds where no curve goes on."""

    neutral: float
    points: list[tuple[float, float]] = field(default_factory=list)

    def curve(self, points: Sequence[tuple[float, float]]) -> None:
        """Add a curve, or one point for a change at once."""
        begin_s = points[0][0]
        self.points.append((begin_s, self.at(begin_s)))
        self.points += points

    def at(self, at_s: float) -> float:
        """Return the control at a moment."""
        index = bisect_right(self.points, at_s, key=lambda pair: pair[0])
        if index == 0:
            return self.neutral
        if index == len(self.points):
            return self.points[-1][1]
        (begin_s, begin), (end_s, end) = self.points[index - 1], self.points[index]
        return begin + (end - begin) * (at_s - begin_s) / (end_s - begin_s)


@dataclass(slots=True)
class _Sum:
    """The sum of the events that last at a moment: intensities, and sharpnesses weighed by them."""

    changes: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, begin_s: float, duration_s: float, intensity: float, sharpness: float) -> None:
        """Add an event."""
        self.changes.append((begin_s, intensity, intensity * sharpness))
        self.changes.append((begin_s + duration_s, -intensity, -intensity * sharpness))

    def stretches(self) -> Iterator[tuple[float, float, float, float]]:
        """Return where each stretch begins and ends, its intensity and its sharpness."""
        intensity = weighed = 0.0
        before_s = 0.0
        for at_s, by_intensity, by_weighed in sorted(self.changes):
            if at_s > before_s:
                silent = intensity <= 1e-9
                yield before_s, at_s, 0.0 if silent else intensity, 0.0 if silent else weighed / intensity
                before_s = at_s
            intensity += by_intensity
            weighed += by_weighed


def read_ahap(text: str) -> Track:
    """Return the vibration of an AHAP file; raises `InputError`."""
    root = read_json(text)
    events, left_out = _Sum(), Counter[str]()
    curves: dict[str, list[list[tuple[float, float]]]] = {key: [] for key in _NEUTRAL}
    for entry in root.need("Pattern").items():
        if (event := entry.field("Event")) is not None:
            left_out.update(_event(event, events))
        elif (bend := entry.field("ParameterCurve")) is not None:
            left_out.update(_curve(bend, curves))
        elif (change := entry.field("Parameter")) is not None:
            left_out.update(_change(change, curves))
    controls = {key: _Control(neutral) for key, neutral in _NEUTRAL.items()}
    for key, listed in curves.items():
        for curve in sorted(listed, key=lambda points: points[0][0]):
            controls[key].curve(curve)
    for control in controls.values():
        control.points.sort(key=lambda pair: pair[0])
    points = tuple(_points(events, controls[_INTENSITY_CONTROL], controls[_SHARPNESS_CONTROL]))
    return Track(stepped_apart(points), title=_title(root)).without(*_words(left_out))


def _title(root: Value) -> str:
    metadata = root.field("Metadata")
    project = metadata.field("Project") if metadata and isinstance(metadata.found, dict) else None
    return project.found if project and isinstance(project.found, str) else ""


def _time_s(holder: Value) -> float:
    time = holder.field("Time")
    return 0.0 if time is None else time.number(0, LATEST_S)


def _event(event: Value, events: _Sum) -> Iterator[str]:
    kind = event.need("EventType").text()
    if kind != "HapticContinuous":
        yield "tap" if kind == "HapticTransient" else "sound" if kind.startswith("Audio") else "event"
        return
    values = dict(_DEFAULTS)
    listed = event.field("EventParameters")
    for parameter in listed.items() if listed else ():
        name = parameter.need("ParameterID").text()
        value = parameter.need("ParameterValue").held(-1, 1)
        if name in values:
            values[name] = max(value, 0.0)
        else:
            yield "shape"
    duration = event.field("EventDuration")
    duration_s = 0.0 if duration is None else duration.number(0, LATEST_S)
    events.add(_time_s(event), duration_s, values[_INTENSITY], values[_SHARPNESS])


def _curve(curve: Value, curves: dict[str, list[list[tuple[float, float]]]]) -> Iterator[str]:
    name = curve.need("ParameterID").text()
    if name not in curves:
        yield "curve"
        return
    begin_s = _time_s(curve)
    points = [
        (begin_s + _time_s(point), point.need("ParameterValue").held(-1, 1))
        for point in curve.need("ParameterCurveControlPoints").items()
    ]
    if points:
        curves[name].append(sorted(points))


def _change(change: Value, curves: dict[str, list[list[tuple[float, float]]]]) -> Iterator[str]:
    name = change.need("ParameterID").text()
    if name in curves:
        curves[name].append([(_time_s(change), change.need("ParameterValue").held(-1, 1))])
    else:
        yield "curve"


def _points(events: _Sum, louder: _Control, sharper: _Control) -> Iterator[Point]:
    moments = sorted({at_s for control in (louder, sharper) for at_s, _ in control.points})
    for begin_s, end_s, intensity, sharpness in events.stretches():
        inside = moments[bisect_right(moments, begin_s) : bisect_right(moments, end_s)]
        for at_s in _finer([begin_s, *inside, end_s]):
            level = min(max(intensity * louder.at(at_s), 0.0), 1.0)
            sharp = min(max(sharpness + sharper.at(at_s), 0.0), 1.0)
            yield Point(at_s, level, motor_hz(sharp))


def _finer(moments: Sequence[float]) -> Iterator[float]:
    for begin_s, end_s in itertools.pairwise(moments):
        yield from (begin_s + (end_s - begin_s) * part / _BETWEEN for part in range(_BETWEEN))
    yield moments[-1]


def _words(left_out: Counter[str]) -> Iterator[str]:
    said = {
        "tap": ("tap is", "taps are", ": a motor that starts softly cannot tap"),
        "sound": ("sound is", "sounds are", ""),
        "event": ("event of an unknown kind is", "events of unknown kinds are", ""),
        "shape": ("attack, decay or release of an event is", "attacks, decays and releases of events are", ""),
        "curve": ("curve of an unknown kind is", "curves of unknown kinds are", ""),
    }
    for key, (one, many, why) in said.items():
        if left_out[key]:
            yield f"{counted(left_out[key], one, many)} left out{why}"
