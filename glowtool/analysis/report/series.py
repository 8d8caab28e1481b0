"""The data behind the charts: curves thinned without losing their peaks, and the spans that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.analysis.recordings.recording import gap_spans_us
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.analysis.recordings.recording import Bools, Floats, Ints, Recording, StepInfo
    from glowtool.stream.heads import Head

#: No curve has more points than this: two for each pixel of a wide screen.
MAX_POINTS: Final = 2000

#: The chart shows at most this many strokes of a head, and this many gaps; an undamaged session has fewer.
MAX_MARKS: Final = 600


@dataclass(frozen=True, slots=True)
class Line:
    """A curve, each column of shape (n,). `breaks` is true at a point before which samples were lost."""

    time_s: Floats
    value: Floats
    breaks: Bools


@dataclass(frozen=True, slots=True)
class StepSpan:
    """A stretch of time in which a step ran."""

    start_s: float
    end_s: float
    step: StepInfo


@dataclass(frozen=True, slots=True)
class StrokeMark:
    """One stroke of a head; `forward` says whether its travel was positive."""

    start_s: float
    end_s: float
    forward: bool


@dataclass(frozen=True, slots=True)
class HeadSeries:
    """One head over time: its pressure and its strokes."""

    head: Head
    line: Line
    strokes: tuple[StrokeMark, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A session over time, from its first sample, as the report draws it."""

    duration_s: float
    heads: tuple[HeadSeries, ...]
    amplitude: Line | None
    peak_ua: Line | None
    steps: tuple[StepSpan, ...]
    gaps: tuple[tuple[float, float], ...]
    strokes_left_out: int
    caution_kpa: float


def series_of(recording: Recording) -> Series:
    """Return the data of a recording's charts."""
    samples = recording.samples
    origin_us = int(samples.device_time_us[0]) if len(samples) else 0
    end_us = int(samples.device_time_us[-1]) if len(samples) else 0
    time_s = (samples.device_time_us - origin_us) / MICROSECONDS_PER_SECOND
    marks = {head: _marks(recording, origin_us, head) for head in samples.pressure_kpa}

    def line(values: Floats | None) -> Line | None:
        return None if values is None else thin(time_s, values, samples.sample)

    return Series(
        (end_us - origin_us) / MICROSECONDS_PER_SECOND + recording.period_s,
        tuple(
            HeadSeries(head, thin(time_s, pressure_kpa, samples.sample), marks[head][0])
            for head, pressure_kpa in samples.pressure_kpa.items()
        ),
        line(samples.amplitude),
        line(samples.peak_ua),
        tuple(
            StepSpan(_seconds(start, origin_us), _seconds(end, origin_us), step)
            for step in recording.steps
            for start, end in step.spans_us
        ),
        _gaps(recording, origin_us),
        sum(left_out for _, left_out in marks.values()),
        recording.caution_kpa,
    )


def thin(time_s: Floats, value: Floats, index: Ints, max_points: int = MAX_POINTS) -> Line:
    """Return a curve of at most `max_points` points that keeps every bucket's smallest and largest value.

    `index` is the sample index, from which lost samples show as jumps. Values that are not finite are left out.
    """
    finite = np.isfinite(value)
    time_s, value, index = time_s[finite], value[finite], index[finite]
    if len(value) <= max_points:
        return Line(time_s, value, _jumps(index))
    span_s = float(time_s[-1] - time_s[0]) or 1.0
    count = max_points // 2
    bucket = np.minimum((time_s - time_s[0]) / span_s * count, count - 1).astype(np.int64)
    starts = np.flatnonzero(np.diff(bucket, prepend=-1))
    ends = np.append(starts[1:], len(value))
    keep = [at for start, end in zip(starts, ends, strict=True) for at in _extremes(value, int(start), int(end))]
    chosen = np.array(keep, np.int64)
    lost_before = np.cumsum(_jumps(index))
    return Line(time_s[chosen], value[chosen], np.diff(lost_before[chosen], prepend=0) > 0)


def _extremes(value: Floats, start: int, end: int) -> list[int]:
    low, high = start + int(np.argmin(value[start:end])), start + int(np.argmax(value[start:end]))
    return sorted({low, high})


def _jumps(index: Ints) -> Bools:
    return np.diff(index, prepend=index[:1] - 1) > 1


def _marks(recording: Recording, origin_us: int, head: Head) -> tuple[tuple[StrokeMark, ...], int]:
    strokes = recording.strokes.of(head)
    every = -(-len(strokes) // MAX_MARKS) or 1
    drawn = strokes.pick(np.arange(0, len(strokes), every))
    marks = tuple(
        StrokeMark(_seconds(int(start), origin_us), _seconds(int(end), origin_us), bool(length > 0))
        for start, end, length in zip(drawn.start_us, drawn.end_us, drawn.length_mm, strict=True)
    )
    return marks, len(strokes) - len(drawn)


def _gaps(recording: Recording, origin_us: int) -> tuple[tuple[float, float], ...]:
    """Return the gaps; those too near to each other to be drawn apart are merged."""
    spans = sorted((_seconds(start, origin_us), _seconds(end, origin_us)) for start, end in gap_spans_us(recording))
    if not spans:
        return ()
    apart_s = (spans[-1][1] - spans[0][0]) / MAX_MARKS
    merged = [spans[0]]
    for start, end in spans[1:]:
        if start - merged[-1][1] <= apart_s:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _seconds(time_us: int, origin_us: int) -> float:
    return (time_us - origin_us) / MICROSECONDS_PER_SECOND
