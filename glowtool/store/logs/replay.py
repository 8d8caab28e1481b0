"""The replay of a log: what the stream took while it was recorded, so that the stream can take it again.

A log keeps the readings of the fast channels as they were sent, so any chain of processors can run on it later. The
samples of the slow channels are kept as temperatures only, and do not come again.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.errors import LogDamagedError
from glowtool.model.event import EventKind
from glowtool.stream.arithmetic.compiled import COMPILED
from glowtool.stream.arrivals import Gap, Restart
from glowtool.stream.block import Block, period_us
from glowtool.stream.columns import DEVICE_TIME, SAMPLE, distinct_channels
from glowtool.stream.pipeline import PipelineSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from glowtool.store.logs.log import SessionLog
    from glowtool.stream.arrivals import Arrival
    from glowtool.stream.block import Columns, IntArray

#: From this many samples on, a replay waits for scipy at once: the loop would cost as much again.
_LARGE_SAMPLES: Final = 1_000_000

#: So much at a time that a block costs little, and so little that a reader never holds a whole massage twice.
_BLOCK_SAMPLES: Final = 4096


def settings_of(log: SessionLog) -> PipelineSettings:
    """Return the settings of the stream that a log was recorded from, by the log's own channel table."""
    present = set(log.sample_columns())
    channels = distinct_channels(log.manifest.known_channels())
    return PipelineSettings(tuple(item for item in channels if item.name in present), log.manifest.rate_hz)


def arrivals_of(log: SessionLog, block_samples: int = _BLOCK_SAMPLES) -> Iterator[Arrival]:
    """Yield a log's blocks of at most `block_samples`, gaps and restarts, in the order of their device times.

    Raises `LogDamagedError` when the log has no index of samples.
    """
    fast = [item.name for item in settings_of(log).channels]
    if missing := {SAMPLE.name, DEVICE_TIME.name} - set(log.sample_columns()):
        raise LogDamagedError(f"{log.path} has no samples column {min(missing)!r}", advice="restore it from a backup")
    columns = log.samples(SAMPLE.name, DEVICE_TIME.name, *fast)
    raw = _raw(columns, fast)
    numbers, times_us = columns[SAMPLE.name].astype(np.int64), columns[DEVICE_TIME.name].astype(np.int64)
    marks = _marks(log)
    passed = 0
    if len(numbers) >= _LARGE_SAMPLES:
        COMPILED.load()
    for start, stop in _runs(numbers, times_us, period_us(log.manifest.rate_hz), [at for at, _ in marks]):
        while passed < len(marks) and marks[passed][0] <= times_us[start]:
            yield marks[passed][1]
            passed += 1
        for at in range(start, stop, block_samples):
            end = min(at + block_samples, stop)
            yield Block(int(numbers[at]), log.manifest.rate_hz, int(times_us[at]), raw[at:end])
    yield from (arrival for _, arrival in marks[passed:])


def _raw(columns: Columns, names: list[str]) -> npt.NDArray[np.void]:
    """Return the raw columns as samples: shape (n,), one named field for each."""
    count = len(columns[SAMPLE.name])
    raw = np.empty(count, dtype=[(name, columns[name].dtype) for name in names])
    for name in names:
        raw[name] = columns[name]
    return raw


def _marks(log: SessionLog) -> list[tuple[int, Arrival]]:
    """Return the gaps, and the restarts at the time of the first sample after them, in order of time."""
    gaps: list[tuple[int, Arrival]] = [(gap.device_time_us, gap) for gap in log.gaps()]
    # The journal writes a restart with the time of the last sample before it.
    restarts: list[tuple[int, Arrival]] = [
        (event.device_time_us + 1, Restart()) for event in log.events() if event.kind is EventKind.RESET
    ]
    return sorted((*gaps, *restarts), key=lambda mark: (mark[0], isinstance(mark[1], Gap)))


def _runs(numbers: IntArray, times_us: IntArray, period: int, marks_us: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the bounds [start, stop) of each run of samples without a jump in number or time, or a mark within."""
    if not len(numbers):
        return
    jumps = np.flatnonzero((np.diff(numbers) != 1) | (np.diff(times_us) != period)) + 1
    cuts = sorted({0, len(numbers), *jumps.tolist(), *np.searchsorted(times_us, marks_us).tolist()})
    yield from pairwise(cuts)
