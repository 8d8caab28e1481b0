"""The input of the stream, from any source: a driver, a log that is replayed, a file of another device.

Blocks of samples come in order, with what is missing between them named by a gap. How a device numbers and packs them
is its driver's business, and so is the accounting of what it sent.
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
    """The device has begun anew: its clock and its encoders say nothing of what was before."""


Arrival = Block | Gap | Slow | Restart


@dataclass(frozen=True, slots=True)
class Books:
    """The frames of all streams: `received + lost + duplicate + late = sent`, always.

    `sent` counts copies on the air: the frames that the device numbered, and the further copies that arrived.
    `lost` never came, or could not be used: `decode_errors` (did not decode) and `dropped` (by the host's own queue)
    are part of it. `late` came after a younger frame; its samples stay in the list of gaps. Of `unsettled` streams
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
