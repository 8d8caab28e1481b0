"""Which frames came, and which did not: the books of a telemetry stream, kept from frame headers alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counters:
    """The frames of a stream: `received + lost + duplicate + late = sent`, always.

    `sent` counts copies on the air: the frames that the device numbered, and the further copies that arrived.
    `lost` never came, or could not be used: `decode_errors` (did not decode) and `dropped` (by the host's own queue)
    are part of it. `late` came after a younger frame; its samples stay in the list of gaps.
    """

    sent: int = 0
    received: int = 0
    lost: int = 0
    duplicate: int = 0
    late: int = 0
    decode_errors: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that are not in the log: `count` of them from `first_sample`, at `device_time_us`."""

    first_sample: int
    count: int
    device_time_us: int
