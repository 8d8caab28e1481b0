"""Rows on an even grid of time: a small unevenness is taken for jitter, a missing row is a gap, more is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.errors import InputError
from glowtool.store.bounds import RATE_MAX_HZ, SAMPLES_MAX
from glowtool.store.imports.mapping import TIMES
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.store.imports.mapping import Mapping
    from glowtool.store.imports.rows import Rows
    from glowtool.stream.block import FloatArray, IntArray

#: The share of a period by which a row may come early or late.
JITTER: Final = 0.3
#: How far the mean rate may be from a whole number of Hz, and the grid from the times at the end, as a share.
_OFF: Final = 0.01
#: Over a longer hole, nothing is interpolated: so many periods of the file, or of the new rate.
_HOLE: Final = 3


@dataclass(frozen=True, slots=True)
class Regular:
    """Channels on a grid: the values of each in its SI unit, at these places of the grid; what was done for it."""

    rate_hz: int
    places: IntArray
    columns: dict[str, FloatArray]
    missing_rows: int = 0
    resampled: bool = False


def regular_of(path: str, rows: Rows, mapping: Mapping, resample_hz: int | None = None) -> Regular:
    """Return the channels on an even grid; raises `InputError` for times that are uneven, unless it is resampled.

    A row in which any channel has no value is missing, as one that is not there.
    """
    if resample_hz is not None:
        _require_whole_period(resample_hz, "--resample")
    columns = {
        channel.name: (rows.columns[channel.column] * channel.scale + channel.offset) * channel.factor
        for channel in mapping.channels
    }
    whole = ~np.any([np.isnan(values) for values in columns.values()], axis=0)
    if mapping.time.rate_hz is not None:
        _require_whole_period(mapping.time.rate_hz, f"{path}: rate_hz in the mapping")
        times_s = np.arange(len(whole)) / mapping.time.rate_hz
    else:
        times_s = _times_s(path, rows, mapping)
    if resample_hz is not None:
        found = _resampled(times_s, columns, whole, resample_hz)
    else:
        rate_hz = mapping.time.rate_hz or _rate_hz(path, times_s)
        places = np.arange(len(whole)) if mapping.time.rate_hz else _places(path, rows, times_s, rate_hz)
        found = Regular(rate_hz, places[whole], {name: values[whole] for name, values in columns.items()})
    if not len(found.places):
        raise InputError(f"{path} has no row in which every channel has a value")
    if found.places[-1] - found.places[0] >= SAMPLES_MAX:
        raise InputError(
            f"{path} spans more than {SAMPLES_MAX} samples with its gaps", advice="use several shorter files"
        )
    return Regular(
        found.rate_hz,
        (found.places - found.places[0]).astype(np.int64),
        found.columns,
        int(np.count_nonzero(~whole)),
        found.resampled,
    )


def _times_s(path: str, rows: Rows, mapping: Mapping) -> FloatArray:
    name = mapping.time.column or ""
    times_s = rows.columns[name] * TIMES[mapping.time.unit]
    unknown = np.flatnonzero(np.isnan(times_s))
    if len(unknown):
        raise InputError(
            f"{path}: line {rows.line(int(unknown[0]))}, column {name!r}: there is no time; allowed: a number"
        )
    back = np.flatnonzero(np.diff(times_s) <= 0)
    if len(back):
        at = int(back[0]) + 1
        raise InputError(
            f"{path}: line {rows.line(at)}, column {name!r}: {rows.columns[name][at]:g} is not after the line before, "
            f"{rows.columns[name][at - 1]:g}; allowed: times that increase"
        )
    if len(times_s) < 2:
        raise InputError(f"{path} has one row only: its rate is not known", advice="give rate_hz in the mapping")
    return times_s


def _rate_hz(path: str, times_s: FloatArray) -> int:
    """Return the rate of most rows, in whole Hz with a whole period in µs; raises `InputError` for any other."""
    found_hz = 1 / float(np.median(np.diff(times_s)))
    rate_hz = round(found_hz)
    fits = 1 <= rate_hz <= RATE_MAX_HZ and MICROSECONDS_PER_SECOND % rate_hz == 0
    if not fits or abs(found_hz - rate_hz) > _OFF * rate_hz:
        raise InputError(
            f"{path}: its rows come at {found_hz:.6g} Hz; allowed: a rate whose period is a whole number of µs, "
            "such as 50, 100, 200 or 1000 Hz",
            advice="check the unit of time in the mapping, or give --resample RATE",
        )
    return rate_hz


def _places(path: str, rows: Rows, times_s: FloatArray, rate_hz: int) -> IntArray:
    """Return the place of each row on the grid, from one row to the next, so that a small drift does not add up."""
    steps = np.diff(times_s) * rate_hz
    whole = np.rint(steps)
    uneven = np.flatnonzero((np.abs(steps - whole) > JITTER) | (whole < 1))
    if len(uneven):
        at = int(uneven[0]) + 1
        raise InputError(
            f"{path}: line {rows.line(at)}: it comes {times_s[at] - times_s[at - 1]:.6g} s after the last, which "
            f"is no multiple of {1 / rate_hz:g} s; {len(uneven)} rows are like this",
            advice="give --resample RATE to interpolate between rows, such as --resample 100",
        )
    places = np.concatenate(([0], np.cumsum(whole))).astype(np.int64)
    span_s, grid_s = float(times_s[-1] - times_s[0]), float(places[-1]) / rate_hz
    if abs(span_s - grid_s) > max(_OFF * span_s, 1 / rate_hz):
        raise InputError(
            f"{path}: its times span {span_s:.6g} s, but its rows are {grid_s:.6g} s at {rate_hz} Hz",
            advice="give --resample RATE",
        )
    return places


def _resampled(times_s: FloatArray, columns: dict[str, FloatArray], whole: np.ndarray, rate_hz: int) -> Regular:
    """Return values between rows, on straight lines; none in a hole."""
    known_s = times_s[whole]
    if len(known_s) < 2:
        return Regular(rate_hz, np.empty(0, np.int64), columns, resampled=True)
    count = int((known_s[-1] - known_s[0]) * rate_hz) + 1
    if count > SAMPLES_MAX:
        raise InputError(
            f"at {rate_hz} Hz it would have {count} samples; allowed: {SAMPLES_MAX}", advice="take a lower rate"
        )
    grid_s = known_s[0] + np.arange(count) / rate_hz
    after = np.clip(np.searchsorted(known_s, grid_s), 1, len(known_s) - 1)
    hole_s = _HOLE * max(float(np.median(np.diff(times_s))), 1 / rate_hz)
    inside = (
        (known_s[after] - known_s[after - 1] <= hole_s) | (known_s[after] == grid_s) | (known_s[after - 1] == grid_s)
    )
    values = {name: np.interp(grid_s[inside], known_s, each[whole]) for name, each in columns.items()}
    return Regular(rate_hz, np.flatnonzero(inside), values, resampled=True)


def _require_whole_period(rate_hz: int, what: str) -> None:
    if not 1 <= rate_hz <= RATE_MAX_HZ or MICROSECONDS_PER_SECOND % rate_hz:
        raise InputError(
            f"{what} is {rate_hz} Hz; allowed: a rate whose period is a whole number of µs, such as 50, 100, 200"
        )
