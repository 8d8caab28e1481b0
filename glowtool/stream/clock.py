"""The relation between the device's clock and the host's.

A frame arrives late and never early: host time − device time is the clocks' offset plus a delay ≥ 0. The line that
lies below all these differences and nearest to them is therefore the offset with the smallest observed delay (Moon,
Skelly and Towsley, Estimation and Removal of Clock Skew from Network Delay Measurements, INFOCOM 1999): the edge of
their lower convex hull under the middle of the time span.

The line gets better with every frame, so the last one is the best for every sample. Still, samples are dated as they
come, by the line so far: a journal whose checkpoints are damaged has no other time. At the end of a log all of them are
dated again, and the last line wins. Only where the device began anew each sample keeps its first date, since one line
does not hold for two runs of a clock.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.columns import DEVICE_TIME, HOST_TIME
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from glowtool.stream.block import Columns, IntArray

#: Device time in µs and host time minus device time in µs.
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ClockModel:
    """A line from unwrapped device time to host unix time, both in µs."""

    device_origin_us: int
    host_origin_us: int
    drift_ppm: float

    def host_times_us(self, device_times_us: IntArray) -> IntArray:
        """Return the host's unix times of device times, shape (n,)."""
        since_us = device_times_us - self.device_origin_us
        drift_us: IntArray = np.rint(since_us * (self.drift_ppm * 1e-6)).astype(np.int64)
        times_us: IntArray = self.host_origin_us + since_us + drift_us
        return times_us


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """The settings: in each time of `bin_us`, only the fastest frame counts; spans below `trust_us` have drift 0.

    Crystals are good to some ten ppm; an apparent drift of more than `limit_ppm` is jitter.
    """

    bin_us: int = MICROSECONDS_PER_SECOND
    trust_us: int = 10 * MICROSECONDS_PER_SECOND
    limit_ppm: float = 300.0


@dataclass(slots=True)
class ClockState:
    """The lower hull of all bins before the present one, and the fastest frame of the present one."""

    hull: list[Point] = field(default_factory=list)
    latest: Point | None = None
    bin: int = 0


class ClockEstimator:
    """Takes pairs of device and host time with any delays; device time must be unwrapped and not go back."""

    def __init__(self, settings: ClockSettings | None = None) -> None:
        self.settings = settings or ClockSettings()
        self.state = ClockState()

    def process(self, device_time_us: int, host_time_us: int) -> None:
        """Add the device time at which a frame was complete, and the unix time at which it arrived."""
        state = self.state
        point = (device_time_us, host_time_us - device_time_us)
        number = device_time_us // self.settings.bin_us
        if state.latest is None or number > state.bin:
            if state.latest is not None:
                state.hull = _extended(state.hull, state.latest)
            state.latest, state.bin = point, number
        elif point[1] < state.latest[1]:
            state.latest = point

    def reset(self) -> None:
        """Forget everything: the device's clock restarted."""
        self.state = ClockState()

    @property
    def model(self) -> ClockModel | None:
        """The best line so far, None before the first pair."""
        if self.state.latest is None:
            return None
        hull = _extended(self.state.hull, self.state.latest)
        ppm = self._drift_ppm(hull)
        origin_us = hull[0][0]
        offset_us = min(offset - (time_us - origin_us) * ppm * 1e-6 for time_us, offset in hull)
        return ClockModel(origin_us, origin_us + round(offset_us), ppm)

    def _drift_ppm(self, hull: list[Point]) -> float:
        span_us = hull[-1][0] - hull[0][0]
        if span_us < self.settings.trust_us:
            return 0.0
        middle_us = hull[0][0] + span_us / 2
        for (start_us, low), (end_us, high) in itertools.pairwise(hull):
            if end_us >= middle_us:
                ppm = (high - low) / (end_us - start_us) * 1e6
                return max(-self.settings.limit_ppm, min(self.settings.limit_ppm, ppm))
        raise AssertionError("the middle of a hull lies under one of its edges")


def dated(samples: Mapping[str, npt.NDArray[np.generic]], model: ClockModel | None) -> Columns:
    """Return samples with the host's time by this model, behind the device's and in place of an earlier date.

    Without a model they are returned as they are. In a replay nothing was heard, and there is no such column.
    """
    if model is None:
        return dict(samples)
    columns: Columns = {}
    for name, values in samples.items():
        if name == HOST_TIME.name:
            continue
        columns[name] = values
        if name == DEVICE_TIME.name:
            columns[HOST_TIME.name] = model.host_times_us(values.astype(np.int64))
    return columns


def dated_at_the_end(samples: Columns, last: ClockModel | None, *, began_anew: bool) -> Columns:
    """Return all samples of a log with the date that stays; `began_anew` says that the device's clock had two runs."""
    return samples if began_anew else dated(samples, last)


def _extended(hull: list[Point], point: Point) -> list[Point]:
    """Return the lower convex hull with one more point to its right (Andrew's monotone chain)."""
    end = len(hull)
    while end and (hull[end - 1][0] >= point[0] or (end > 1 and not _turns_up(hull[end - 2], hull[end - 1], point))):
        end -= 1
    return [*hull[:end], point]


def _turns_up(first: Point, second: Point, third: Point) -> bool:
    rise = (second[1] - first[1]) * (third[0] - first[0])
    return rise < (third[1] - first[1]) * (second[0] - first[0])
