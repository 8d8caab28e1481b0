"""The status of a device: what it says that it does at this moment, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowtool.model.output import Levels
    from glowtool.model.state import Fault, Interlock, State


@dataclass(frozen=True, slots=True)
class Status:
    """What a device does at one moment, by its own word.

    `step` is the step in progress, from 0, or `NO_STEP`; `steps` is how many the program has. `levels` are the outputs
    as they really are, after trim and interlocks. `vibration_percent` and `current_percent` are the trim: the share of
    the program's outputs that is asked for. `massage_elapsed_ms` leaves pauses out. `device_time_us` counts since the
    power came on; `unix_ms` is 0 where the device's clock was never set.
    """

    state: State
    step: int
    steps: int
    battery_percent: int
    interlocks: Interlock
    faults: Fault
    levels: Levels
    step_elapsed_ms: int
    massage_elapsed_ms: int
    vibration_percent: int
    current_percent: int
    device_time_us: int
    unix_ms: int
