"""A hand that strokes all the time, as raw samples: the input of every measure of speed."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from glowtool.model.channel import Channel, Stream
from glowtool.protocol.channels import ALL_FAST, CHANNELS, select
from glowtool.protocol.samples import sample_dtype

RATE_HZ: Final = 200

#: A stroke there and back takes this long; a head is lifted for a moment every so many seconds.
_PERIOD_S: Final = 1.6
_LENGTH_MM: Final = 70.0
_LIFT_EVERY_S: Final = 12.0
_LIFT_S: Final = 0.6

#: One count of the encoder is a tenth of a millimetre; of a resting head it goes to and fro by one.
_COUNTS_PER_MM: Final = 10

Raw = npt.NDArray[np.void]


def channels(*names: str) -> tuple[Channel, ...]:
    """Return the fast channels of these names in the order of the table; all nine when none is named."""
    return tuple(item for item in select(CHANNELS, Stream.FAST, ALL_FAST) if not names or item.name in names)


def stroking(count: int, fast: tuple[Channel, ...], seed: int = 1) -> Raw:
    """Return `count` samples at 200 Hz: strokes to and fro, noise of the cells, jitter of the encoders, lifts."""
    random = np.random.default_rng(seed)
    time_s = np.arange(count) / RATE_HZ
    raw = np.zeros(count, sample_dtype(fast))
    for name in raw.dtype.names or ():
        if name.startswith("pressure"):
            lifted = time_s % _LIFT_EVERY_S > _LIFT_EVERY_S - _LIFT_S
            level = np.where(lifted, 0.0, 300 + 60 * np.sin(2 * np.pi * time_s / 5))
            raw[name] = np.maximum(0, level + random.normal(0, 4, count))
        elif name.startswith("travel"):
            way = -_COUNTS_PER_MM * _LENGTH_MM / 2 * np.cos(2 * np.pi * time_s / _PERIOD_S)
            raw[name] = np.rint(way + random.uniform(-0.6, 0.6, count)).astype(np.int64).astype(np.int16)
        elif name == "impedance":
            raw[name] = 120
        else:
            raw[name] = 80
    return raw
