"""The estimate of the relation between the device's clock and the host's.

A frame arrives late and never early: host time − device time is the clocks' offset plus a delay ≥ 0. The line that
lies below all these differences and nearest to them is therefore the offset with the smallest observed delay (Moon,
Skelly and Towsley, Estimation and Removal of Clock Skew from Network Delay Measurements, INFOCOM 1999): the edge of
their lower convex hull under the middle of the time span.

A crystal's drift changes as it warms up, so one line holds for about a minute (a window) and is laid under the window
before and the one after as well. A line that is settled never changes; the last one gets better with every frame, and
at the end of a log all samples are dated again by the lines. Where the device's clock began anew, or the host's lost
time that it did not count, another run of lines begins. The host's time must come from a clock that nobody sets.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.stream.clock.model import ClockLine, ClockModel
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.stream.block import FloatArray

#: Device time in µs and host time minus device time in µs.
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """The settings: in each time of `bin_us`, only the fastest frame counts; spans below `trust_us` have drift 0.

    Crystals are good to some ten ppm: an apparent drift of more than `limit_ppm` is jitter. For the error, an unknown
    drift counts as `unknown_ppm`, and a known one may change by `change_ppm_per_s`. After every `lines_alike` lines
    windows get longer by `window_us`, so that a day does not have thousands. A frame that comes `lost_us` before it can
    shows that the host's clock lost time.
    """

    bin_us: int = MICROSECONDS_PER_SECOND // 4
    window_us: int = 60 * MICROSECONDS_PER_SECOND
    lines_alike: int = 120
    trust_us: int = 30 * MICROSECONDS_PER_SECOND
    limit_ppm: float = 300.0
    unknown_ppm: float = 100.0
    change_ppm_per_s: float = 1 / 30
    lost_us: int = MICROSECONDS_PER_SECOND


#: The place in the order of the bins, by how far they lie above the line, that tells the line's own error.
_NEAREST: Final = 20

#: Fewer bins have no order that tells anything.
_FEW: Final = 40

#: What the delay of a single bin's fastest frame may be; several are better by their number.
_UNHEARD_US: Final = 120_000


@dataclass(slots=True)
class Window:
    """The fastest frame of each bin from one time to another, and their lower hull."""

    end_us: int
    points: list[Point] = field(default_factory=list)
    hull: list[Point] = field(default_factory=list)


@dataclass(slots=True)
class ClockState:
    """The settled lines; the last three windows; the fastest frame of the present bin; and the last line so far.

    `lowest_us` is the smallest difference in the windows.
    """

    lines: list[ClockLine] = field(default_factory=list)
    from_us: int | None = None
    windows: list[Window] = field(default_factory=list)
    latest: Point | None = None
    bin: int = 0
    newest_us: int = 0
    lowest_us: int = 0
    line: ClockLine | None = None
    stale: bool = False


class ClockEstimator:
    """Takes pairs of device and host time with any delays; device time must be unwrapped and not go back."""

    def __init__(self, settings: ClockSettings | None = None) -> None:
        self.settings = settings or ClockSettings()
        self.state = ClockState()

    def process(self, device_time_us: int, host_time_us: int) -> None:
        """Add the device time at which a frame was complete, and the unix time at which it arrived."""
        state = self.state
        number = device_time_us // self.settings.bin_us
        point = (device_time_us, host_time_us - device_time_us)
        if state.latest is not None and point[1] < state.lowest_us - self.settings.lost_us:
            self.reset()
        elif state.line is not None and state.line.host_time_us(device_time_us) > host_time_us:
            state.stale = True
        if state.latest is None:
            state.lowest_us = point[1]
        state.newest_us = device_time_us
        if state.latest is None or number > state.bin:
            self._close_bin()
            state.latest, state.bin = point, number
        elif point[1] < state.latest[1]:
            state.latest = point

    def take(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Add pairs in their order."""
        for device_time_us, host_time_us in pairs:
            self.process(device_time_us, host_time_us)

    def reset(self) -> None:
        """Begin another run of lines: the device's clock restarted."""
        state = self.state
        if state.latest is None:
            return
        self._close_bin()
        state.lines.append(self._laid(state.windows))
        state.from_us = state.newest_us
        state.windows, state.latest, state.line = [], None, None

    @property
    def line(self) -> ClockLine | None:
        """The line by which samples are dated as they come: made anew about once a second; None before a pair.

        It does not tell its error, which costs more than all the rest.
        """
        state = self.state
        if state.latest is None:
            return None
        if state.line is None or state.stale:
            state.line, state.stale = self._lowered(self._windows_so_far()), False
        return state.line

    @property
    def model(self) -> ClockModel | None:
        """The settled lines and the best last one, None before the first pair."""
        state = self.state
        if state.latest is not None:
            return ClockModel((*state.lines, self._laid(self._windows_so_far())))
        return ClockModel(tuple(state.lines)) if state.lines else None

    def _close_bin(self) -> None:
        state, settings = self.state, self.settings
        if state.latest is None:
            return
        time_us = state.latest[0]
        if not state.windows or time_us >= state.windows[-1].end_us:
            if len(state.windows) >= 2:
                self._settle()
            length_us = settings.window_us * (1 + len(state.lines) // settings.lines_alike)
            state.windows.append(Window(time_us + length_us))
            state.lowest_us = min(
                low for each in (*state.windows[:-1], Window(0, [], [state.latest])) for _, low in each.hull
            )
        state.lowest_us = min(state.lowest_us, state.latest[1])
        window = state.windows[-1]
        window.points.append(state.latest)
        window.hull = _extended(window.hull, state.latest)
        if len(window.points) % 4 == 0:
            state.stale = True

    def _settle(self) -> None:
        """Settle the line of the window before the last whole one, which ends where that one begins."""
        state = self.state
        state.lines.append(self._laid(state.windows))
        state.from_us = state.windows[-1].points[0][0]
        state.windows = state.windows[-2:]
        state.stale = True

    def _windows_so_far(self) -> list[Window]:
        assert self.state.latest is not None  # noqa: S101 - asked only then
        return [*self.state.windows, Window(0, [self.state.latest], [self.state.latest])]

    def _laid(self, windows: list[Window]) -> ClockLine:
        """Return the line under all points of windows with its error."""
        line = self._lowered(windows)
        return replace(line, error_us=self._error_us(windows, line))

    def _lowered(self, windows: list[Window]) -> ClockLine:
        """Return the line under all points of windows, for times from the end of the settled ones on."""
        hull: list[Point] = []
        for point in itertools.chain.from_iterable(window.hull for window in windows):
            hull = _extended(hull, point)
        ppm = self._drift_ppm(hull)
        origin_us = hull[0][0]
        offset_us = round(min(offset - (time_us - origin_us) * ppm * 1e-6 for time_us, offset in hull))
        from_us = origin_us if self.state.from_us is None else self.state.from_us
        return ClockLine(from_us, origin_us, origin_us + offset_us, ppm, 0)

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

    def _error_us(self, windows: list[Window], line: ClockLine) -> int:
        """Return how far off a line may be: by the delays near the smallest, and by a drift unknown or changing."""
        points = np.array([point for window in windows for point in window.points], np.int64)
        over_us = points.sum(axis=1) - line.host_times_us(points[:, 0])
        span_us = int(points[-1, 0] - points[0, 0])
        radio_us = _delays_error_us(np.sort(over_us.astype(np.float64)))
        if span_us < self.settings.trust_us:
            return round(radio_us + span_us * self.settings.unknown_ppm * 1e-6)
        return round(radio_us + self.settings.change_ppm_per_s * (span_us * 1e-6) ** 2 / 8)


def _delays_error_us(over_us: FloatArray) -> float:
    """Return how far a line may lie above the smallest delay, by how far the fastest frames of all bins lie above it.

    `over_us` is sorted. Delays that are as frequent near the smallest as above it put the line about two places of
    this order too high, and four times as many places reach four times as far. Where they reach less far, delays near
    the smallest are rare, and the line is higher.
    """
    count = len(over_us)
    if count < _FEW:
        return max(float(over_us[-1]), _UNHEARD_US / count)
    low, high = float(over_us[_NEAREST]), float(over_us[min(4 * _NEAREST, count - 1)])
    return low * max(1.0, 4 * low / high) if high > 0 else 0.0


def _extended(hull: list[Point], point: Point) -> list[Point]:
    """Return the lower convex hull with one more point to its right (Andrew's monotone chain)."""
    end = len(hull)
    while end and (hull[end - 1][0] >= point[0] or (end > 1 and not _turns_up(hull[end - 2], hull[end - 1], point))):
        end -= 1
    return [*hull[:end], point]


def _turns_up(first: Point, second: Point, third: Point) -> bool:
    rise = (second[1] - first[1]) * (third[0] - first[0])
    return rise < (third[1] - first[1]) * (second[0] - first[0])
