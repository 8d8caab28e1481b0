"""The input of the analysis: one session as plain numpy columns, whatever file it comes from."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.program import NO_STEP
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glowtool.model.face import Direction, Zone
    from glowtool.stream.heads import Head
    from glowtool.stream.layout import Layout

#: Pressure from which a massage is no longer gentle, from the table of ceilings.
CAUTION_KPA: Final = limit(CeilingId.PRESSURE_CAUTION)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of a session, each column of shape (n,), in the order of `sample`; lost samples are absent.

    `step` is the index of the step, −1 outside any. `pressure_kpa` is the filtered pressure of each head that has
    cells, `contact` whether it touches skin. `amplitude` (0 to 1) and `peak_ua` are the outputs of the roller, None
    without a channel for them. `cells_kpa` holds the calibrated cells by the name of their channel.
    """

    sample: Ints
    device_time_us: Ints
    step: Ints
    pressure_kpa: Mapping[Head, Floats]
    contact: Mapping[Head, Bools]
    amplitude: Floats | None = None
    peak_ua: Floats | None = None
    cells_kpa: Mapping[str, Floats] = field(default_factory=dict)
    #: Between the heads, infinite when the loop is open; None if it was not recorded.
    impedance_ohm: Floats | None = None
    #: Distance rolled in mm, unwrapped, by column.
    travel_mm: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.sample)


@dataclass(frozen=True, slots=True)
class Strokes:
    """The strokes of a session, each column of shape (n,). The sign of `length_mm` is that of the travel."""

    head: Texts
    start_us: Ints
    end_us: Ints
    length_mm: Floats
    peak_kpa: Floats
    step: Ints

    def __len__(self) -> int:
        """Return the number of strokes."""
        return len(self.start_us)

    def of(self, head: Head) -> Strokes:
        """Return the strokes of one head."""
        return self.where(self.head == head.value)

    def where(self, mask: Bools) -> Strokes:
        """Return the strokes that a mask of shape (n,) selects."""
        return self.pick(np.flatnonzero(mask))

    def pick(self, rows: Ints) -> Strokes:
        """Return the strokes at these rows, in their order."""
        return Strokes(
            self.head[rows],
            self.start_us[rows],
            self.end_us[rows],
            self.length_mm[rows],
            self.peak_kpa[rows],
            self.step[rows],
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of samples that never arrived."""

    first_sample: int
    count: int


@dataclass(frozen=True, slots=True)
class StepInfo:
    """One step as the roller was asked to run it; `spans_us` are the stretches of device time in which it ran."""

    index: int
    title: str
    zone: Zone
    direction: Direction
    planned_s: float
    band_low_kpa: float
    band_high_kpa: float
    spans_us: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """A session's names and its course; the texts come from files and devices, so they are not trusted."""

    session_id: str
    started_utc: str
    ending: str
    routine_name: str
    routine_title: str
    device_name: str
    counters: Mapping[str, int] = field(default_factory=dict)
    #: The damage of the log itself, in sentences.
    damage: tuple[str, ...] = ()
    #: The cells that went bad while it was recorded, as the stream saw it: a sentence by channel.
    failed_cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recording:
    """A session, ready to be analysed; `layout` is what its own channel table makes of the roller.

    `caution_kpa` is the pressure from which its massage was no longer gentle: the table's, or the roller's lower one.
    """

    facts: Facts
    rate_hz: int
    samples: Samples
    strokes: Strokes
    gaps: tuple[Gap, ...]
    #: Their spans do not overlap, and hold no time in which the massage was paused.
    steps: tuple[StepInfo, ...]
    layout: Layout
    caution_kpa: float = CAUTION_KPA

    @property
    def period_s(self) -> float:
        """The time that one sample covers."""
        return 1.0 / self.rate_hz


def gap_spans_us(recording: Recording) -> tuple[tuple[int, int], ...]:
    """Return each gap as (start, end) in device time.

    A gap's place follows from its sample index at the nominal rate, counted from the last sample before it, or back
    from the first sample after it. Without any sample, device time is counted from 0.
    """
    samples, period_us = recording.samples, MICROSECONDS_PER_SECOND / recording.rate_hz
    spans = []
    for gap in recording.gaps:
        at = int(np.searchsorted(samples.sample, gap.first_sample))
        anchor = max(0, at - 1)
        origin, origin_us = (samples.sample[anchor], samples.device_time_us[anchor]) if len(samples) else (0, 0)
        start = int(origin_us) + round((gap.first_sample - int(origin)) * period_us)
        spans.append((start, start + round(gap.count * period_us)))
    return tuple(spans)


def disjoint(
    spans_us: Iterable[tuple[int, int, int]], paused_us: Iterable[tuple[int, int]]
) -> dict[int, tuple[tuple[int, int], ...]]:
    """Return the stretches of each step, given as (start, end, step): none overlap, and none contain a pause.

    When several overlap, a moment belongs to the last one given, like the `step` of a log's samples.
    """
    claims = [(*span, rank) for rank, span in enumerate(spans_us)]
    claims += [(start, end, NO_STEP, len(claims)) for start, end in paused_us]
    begins = sorted(claims)
    moments = sorted({moment for start, end, *_ in claims for moment in (start, end)})
    kept: dict[int, list[tuple[int, int]]] = {}
    running: list[tuple[int, int, int]] = []
    at = 0
    for moment, until in pairwise(moments):
        while at < len(begins) and begins[at][0] <= moment:
            _, end, step, rank = begins[at]
            heapq.heappush(running, (-rank, end, step))
            at += 1
        while running and running[0][1] <= moment:
            heapq.heappop(running)
        if running and running[0][2] != NO_STEP:
            _extend(kept.setdefault(running[0][2], []), (moment, until))
    return {step: tuple(pieces) for step, pieces in kept.items()}


def _extend(pieces: list[tuple[int, int]], piece: tuple[int, int]) -> None:
    """Add a piece to those before it, merged with the last if they touch."""
    if pieces and pieces[-1][1] == piece[0]:
        piece = (pieces.pop()[0], piece[1])
    pieces.append(piece)


def gaps_in_steps(recording: Recording) -> int:
    """Return how many gaps fall into a step, wholly or in part; in a session without steps, all of them."""
    spans = [span for step in recording.steps for span in step.spans_us]
    if not recording.steps:
        return len(recording.gaps)
    return sum(any(overlap_us(gap, span) for span in spans) for gap in gap_spans_us(recording))


def interrupted_s(recording: Recording) -> float:
    """Return the time between the first and the last moment of the steps in which none of them ran."""
    spans = [span for step in recording.steps for span in step.spans_us]
    if not spans:
        return 0.0
    whole = max(end for _, end in spans) - min(start for start, _ in spans)
    return (whole - sum(end - start for start, end in spans)) / MICROSECONDS_PER_SECOND


def overlap_us(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Return the overlap of two (start, end) spans in microseconds."""
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))
