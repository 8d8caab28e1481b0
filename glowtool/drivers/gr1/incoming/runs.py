"""Runs of frames that follow one another without a break, found in a batch of notifications by numpy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.model.channel import Stream
from glowtool.protocol.telemetry import HEADER_SIZE, FrameHeader
from glowtool.stream.block import period_us

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from glowtool.drivers.gr1.incoming.telemetry import TimedFrame

#: The header as numpy reads it, by the declaration of `FrameHeader`.
_HEADER: Final = np.dtype(
    [("kind", "u1"), ("count", "u1"), ("sequence", "<u2"), ("device_time_us", "<u4"), ("first_sample", "<u4")]
)


@dataclass(frozen=True, slots=True)
class Run:
    """Frames right behind one another: the header of the first, the bytes of all their samples, and the frames."""

    header: FrameHeader
    payload: npt.NDArray[np.uint8]
    frames: Sequence[TimedFrame]


def runs_of(frames: Sequence[TimedFrame], sample_size: int, rate_hz: int) -> Iterator[Run | TimedFrame]:
    """Yield the frames in order: in runs where fast frames follow one another, each by itself elsewhere.

    A run has at least two frames, all as long as the first, each one number, so many samples and so much time behind
    the one before.
    """
    for _, alike in groupby(frames, key=_size):
        group = list(alike)
        count, rest = divmod(len(group[0].data) - HEADER_SIZE, sample_size)
        if len(group) > 1 and rest == 0 and 0 < count <= 0xFF:
            yield from _runs(group, count, rate_hz)
        else:
            yield from group


def _size(frame: TimedFrame) -> int:
    return len(frame.data)


def _runs(group: list[TimedFrame], count: int, rate_hz: int) -> Iterator[Run | TimedFrame]:
    """Yield frames of one size: those that say they hold `count` fast samples in runs."""
    table = np.frombuffer(b"".join([frame.data for frame in group]), np.uint8).reshape(len(group), -1)
    headers = np.ascontiguousarray(table[:, :HEADER_SIZE]).view(_HEADER)[:, 0]
    if not ((headers["kind"] == Stream.FAST) & (headers["count"] == count)).all():
        yield from group
        return
    follows = _grows_by(headers["sequence"], 1) & _grows_by(headers["first_sample"], count)
    follows &= _grows_by(headers["device_time_us"], count * period_us(rate_hz))
    breaks = (np.flatnonzero(~follows) + 1).tolist()
    for start, stop in pairwise((0, *breaks, len(group))):
        if stop - start == 1:
            yield group[start]
        else:
            numbers = (int(headers[name][start]) for name in ("sequence", "device_time_us", "first_sample"))
            payload = np.ascontiguousarray(table[start:stop, HEADER_SIZE:]).reshape(-1)
            yield Run(FrameHeader(Stream.FAST, count, *numbers), payload, group[start:stop])


def _grows_by(values: npt.NDArray[np.unsignedinteger], step: int) -> npt.NDArray[np.bool_]:
    """Return, for each value but the first, whether it is the one before and this step, modulo the size of its type."""
    grown: npt.NDArray[np.bool_] = (values[1:] - values[:-1]) == values.dtype.type(step & np.iinfo(values.dtype).max)
    return grown
