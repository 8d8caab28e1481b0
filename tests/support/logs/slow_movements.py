"""A slow reference for the movements of two heads and the band of every sample."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from glowtool.analysis.recordings.recording import overlap_us

if TYPE_CHECKING:
    from glowtool.analysis.recordings.recording import Recording, Strokes

Row = tuple[bool, int, int, float, float, int]


def merged_slowly(strokes: Strokes) -> list[Row]:
    """Return merged strokes as rows of (is_left, start_us, end_us, length_mm, peak_kpa, step)."""
    columns = strokes.head == "l", strokes.start_us, strokes.end_us, strokes.length_mm, strokes.peak_kpa, strokes.step
    rows: list[Row] = sorted(zip(*(column.tolist() for column in columns), strict=True), key=lambda row: row[1:3])
    merged: list[Row] = []
    waiting: list[int] = []
    for row in rows:
        waiting = [at for at in waiting if merged[at][2] > row[1]]
        mate = next((at for at in waiting if _belong_together(merged[at], row)), None)
        if mate is None:
            waiting.append(len(merged))
            merged.append(row)
        else:
            waiting.remove(mate)
            merged[mate] = _as_one(merged[mate], row)
    return merged


def _belong_together(one: Row, other: Row) -> bool:
    if one[0] == other[0] or one[5] != other[5] or (one[3] > 0) != (other[3] > 0):
        return False
    spans = (one[1], one[2]), (other[1], other[2])
    return 2 * overlap_us(*spans) >= min(end - start for start, end in spans)


def _as_one(one: Row, other: Row) -> Row:
    length_mm, peak_kpa = (one[3] + other[3]) / 2, max(one[4], other[4])
    return (one[0] or other[0], one[1], max(one[2], other[2]), length_mm, peak_kpa, one[5])


def bands_slowly(recording: Recording) -> list[tuple[float, float]]:
    """Return the band of every sample."""
    band = {step.index: (step.band_low_kpa, step.band_high_kpa) for step in recording.steps}
    return [band.get(step, (math.nan, math.nan)) for step in recording.samples.step.tolist()]
