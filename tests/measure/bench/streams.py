"""The stream against what one would otherwise write: live, replayed, and the filter alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from brainflow.data_filter import DataFilter, FilterTypes
from scipy import signal

from glowtool.drivers.gr1.incoming.telemetry import TimedFrame
from glowtool.stream.arithmetic.biquad import Biquad
from glowtool.stream.arithmetic.compiled import COMPILED
from measure.bench.rows import Row, ratio
from measure.speed.hand import RATE_HZ, channels, stroking
from measure.speed.live import SAMPLES, plain, whole
from measure.speed.replay import SIX, replayed
from support.logs.streams import HOST_US, fast_frames

if TYPE_CHECKING:
    from measure.speed.hand import Raw

    Values = np.ndarray[tuple[int, int], np.dtype[np.float64]]

_LIVE_AIMS: Final = {1: 5.0, 10: 1.5, 100: 0.4}
_BLOCK: Final = 65_536
_CUTOFF_HZ: Final = 10.0
_TOUCH: Final = 50


def live(notifications: int, times: int) -> list[Row]:
    """Compare a notification of twenty samples of nine channels, by how many are taken at a time."""
    frames = fast_frames(stroking(SAMPLES * notifications, channels()), per_frame=SAMPLES)
    timed = [TimedFrame(data, HOST_US + 100_000 * number) for number, data in enumerate(frames)]
    return [
        Row(
            "live",
            f"a notification, {batch} at a time",
            "account for it, relate the clocks, calibrate, filter, find contact and strokes, read the meter",
            "a callback of bleak that unpacks each sample with `struct` and appends its values to lists",
            ratio(partial(whole, timed, batch), partial(plain, frames), times),
            aim,
        )
        for batch, aim in _LIVE_AIMS.items()
    ]


def in_pandas(raw: Raw) -> float:
    """Do the least that a notebook does: scale, smooth, tell contact, and count where the encoders turn."""
    frame = pd.DataFrame({name: raw[name] for name in SIX}).astype("float64")
    pressure = frame[list(SIX[:4])].mul(0.01).ewm(alpha=0.27).mean()
    touching = pressure.sum(axis=1) > _TOUCH * 0.01
    way = frame[list(SIX[4:])].diff().where(touching, axis=0)
    turns = way.gt(0).astype("int8").diff().abs().sum()
    return float(turns.sum() + pressure.quantile(0.95).sum())


def replay(rows: int, times: int) -> list[Row]:
    """Compare a log of six channels in memory with a filter alone, with a notebook, and with a copy."""
    raw = stroking(rows, channels(*SIX))
    values = np.stack([raw[name].astype(np.float64) for name in SIX], axis=1)
    pipeline, work = partial(replayed, raw, rows, _BLOCK), "the whole pipeline over six channels, strokes included"
    sections = signal.butter(2, _CUTOFF_HZ, fs=RATE_HZ, output="sos")
    return [
        Row(
            "replay", "a log from memory", work, "`scipy.signal.sosfilt` alone over the same channels",
            ratio(pipeline, partial(signal.sosfilt, sections, values, axis=0), times), 4.0,
        ),
        Row(
            "replay", "the same, against a notebook", work,
            "pandas: scale, smooth, tell contact, count turning points, 95th percentile",
            ratio(pipeline, partial(in_pandas, raw), times),
        ),
        Row("replay", "the same, against the floor", work, "a copy in memory", ratio(pipeline, values.copy, times)),
    ]  # fmt: skip


def _brainflow(values: list[np.ndarray[tuple[int], np.dtype[np.float64]]]) -> None:
    for column in values:
        DataFilter.perform_lowpass(column.copy(), RATE_HZ, _CUTOFF_HZ, 2, FilterTypes.BUTTERWORTH, 0.0)


def filters(rows: int, times: int) -> list[Row]:
    """Compare the low-pass of the two heads with the same filter of others."""
    raw = stroking(rows, channels(*SIX))
    values = np.stack([raw[name].astype(np.float64) for name in SIX[:2]], axis=1)
    rows_of = np.ascontiguousarray(values.T)
    COMPILED.load()  # a long log is filtered by scipy, which is loaded once
    biquad = Biquad.low_pass(_CUTOFF_HZ, RATE_HZ)
    memory = biquad.settled(values[0])

    def ours() -> None:
        left = memory
        for first in range(0, rows, _BLOCK):
            _, left = biquad.filter(rows_of[:, first : first + _BLOCK], left)

    sections = signal.butter(2, _CUTOFF_HZ, fs=RATE_HZ, output="sos")
    columns = [np.ascontiguousarray(values[:, at]) for at in range(2)]
    work = "the low-pass of both heads, in blocks, with its state carried on"
    return [
        Row(
            "filter", "against BrainFlow", work, "`DataFilter.perform_lowpass` of BrainFlow over all of it at once",
            ratio(ours, partial(_brainflow, columns), times), 1.0,
        ),
        Row(
            "filter", "against scipy", work, "`scipy.signal.sosfilt` over all of it at once",
            ratio(ours, partial(signal.sosfilt, sections, values, axis=0), times), 1.5,
        ),
    ]  # fmt: skip
