"""A recording as the live stream sees it: blocks of raw counts, through the watch over the cells."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.block import Block
from glowtool.stream.calibrate import Calibrate, CalibrateSettings
from glowtool.stream.quality.watch import QualitySettings, QualityWatch
from support.logs.streams import DTYPE, FAST, RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.analysis.recordings.recording import Recording
    from glowtool.stream.quality.watch import FailedCell
    from support.logs.streams import Raw


def raw_of(recording: Recording) -> Raw:
    """Return the cells and the impedance of a recording as the roller sent them."""
    raw = np.zeros(len(recording.samples), DTYPE)
    for name, values in recording.samples.cells_kpa.items():
        raw[name] = np.rint(values * 100)
    ohm = recording.samples.impedance_ohm
    assert ohm is not None
    raw["impedance"] = np.where(np.isinf(ohm), np.iinfo(np.uint16).max, np.rint(np.minimum(ohm, 655_340) / 10))
    return raw


def failed_in(raw: Raw, edges: Iterable[int] = (), *, lost: frozenset[int] = frozenset()) -> list[FailedCell]:
    """Return what the watch says of these samples, cut at `edges`; the pieces with these numbers never came."""
    watch, calibrate = QualityWatch(QualitySettings(FAST, RATE_HZ)), Calibrate(CalibrateSettings(FAST))
    found: list[FailedCell] = []
    for number, (start, stop) in enumerate(pairwise(sorted({0, len(raw), *edges}))):
        if number not in lost:
            block = Block(start, RATE_HZ, start * (1_000_000 // RATE_HZ), raw[start:stop])
            found += watch.process(calibrate.process(block))
    return [*found, *watch.flush()]


def watched(recording: Recording) -> list[FailedCell]:
    """Return what the watch says of a recording, which it takes in pieces of a tenth of a second."""
    raw = raw_of(recording)
    return failed_in(raw, range(0, len(raw), 20))
