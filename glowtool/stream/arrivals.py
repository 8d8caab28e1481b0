"""The input of the stream, from any source: a driver, a log that is replayed, a file of another device.

Blocks of samples come in order; a gap names the samples missing between them. The driver knows how its device numbers
and packs samples, and keeps account of the frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.stream.block import Block

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that are not in the log: `count` of them from `first_sample`, at `device_time_us`."""

    first_sample: int
    count: int
    device_time_us: int


@dataclass(frozen=True, slots=True)
class Slow:
    """Consecutive raw samples of the slow channels; `raw` has shape (n,) and one named field for each channel."""

    rate_hz: int
    device_time_us: int
    raw: npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Restart:
    """The device restarted: its clock and its encoders have no relation to earlier values."""


Arrival = Block | Gap | Slow | Restart


@dataclass(frozen=True, slots=True)
class Books:
    """The frames of all streams: `received + lost + duplicate + late = sent`, always.

    `sent` counts copies on the air: the frames that the device numbered, and the further copies that arrived. `lost`
    frames never came, or were unusable: `decode_errors` (did not decode) and `dropped` (by the host's own queue) are
    part of it. `late` frames came after a newer one; their samples stay in the list of gaps. For `unsettled` streams,
    nobody knows how many frames the device sent after the last one that came; those are in no number.
    """

    sent: int = 0
    received: int = 0
    lost: int = 0
    duplicate: int = 0
    late: int = 0
    decode_errors: int = 0
    dropped: int = 0
    unsettled: int = 0
