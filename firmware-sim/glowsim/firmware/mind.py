"""The whole firmware behind one interface: ticks, control writes, link and button in; drive, answers and reports out."""

from __future__ import annotations

import enum

from glowsim.firmware.memory import Memory
from glowsim.physics.types import Drive, Sensed
from glowtool.protocol.status import Feature, Status

FIRMWARE_REVISION = "1.0.0"
HARDWARE_REVISION = "A"


class ResetCause(enum.StrEnum):
    """Why the firmware starts."""

    POWER_ON = "power on"
    BROWN_OUT = "brown-out"
    SOFTWARE = "software"


class Firmware:
    """The device's mind. Times are the device clock in microseconds since power-on and never go back."""

    def __init__(self, memory: Memory, serial: str) -> None:
        raise NotImplementedError

    @property
    def feature(self) -> Feature:
        """What the feature characteristic carries."""
        raise NotImplementedError

    @property
    def tick_us(self) -> int:
        """The period at which `tick` wants to be called now: 5000, or 2500 while telemetry runs at 400 Hz."""
        raise NotImplementedError

    @property
    def battery_percent(self) -> int:
        """Charge of the battery as last sensed."""
        raise NotImplementedError

    def unix_ms(self, now_us: int) -> int:
        """UTC as the device believes; 0: never set since power-on."""
        raise NotImplementedError

    def wake_at(self) -> int:
        """Device time at which `tick` is due next."""
        raise NotImplementedError

    def power_on(self, now_us: int, reset_cause: ResetCause = ResetCause.POWER_ON) -> None:
        """Start from nothing but the memory: outputs zero, state idle, no program, clock unset."""
        raise NotImplementedError

    def tick(self, now_us: int, sensed: Sensed) -> Drive:
        """Advance to `now_us` with what is sensed, and return what the outputs shall do until the next tick."""
        raise NotImplementedError

    def on_control(self, now_us: int, data: bytes, mtu: int) -> bytes:
        """Answer a write to the control point; never raises, whatever the bytes.

        `mtu` is the ATT MTU of the link. Frames that are due go out before the answer: call `take_frames` first.
        """
        raise NotImplementedError

    def on_link(self, now_us: int, *, up: bool, authenticated: bool) -> None:
        """Learn that the link came up, became authenticated, or went down. Without a link outputs stay zero."""
        raise NotImplementedError

    def press_button(self, now_us: int, held_s: float) -> None:
        """The button was pressed for `held_s`: a running or paused program stops, outputs go to zero."""
        raise NotImplementedError

    def status(self, now_us: int) -> Status:
        """Return the status as the characteristic is read now."""
        raise NotImplementedError

    def take_status(self, now_us: int) -> Status | None:
        """Return a status that should be notified now, or None.

        On every change of state, step, interlocks or faults; on a change of outputs at most five times a second;
        else once a second.
        """
        raise NotImplementedError

    def take_frames(self) -> list[bytes]:
        """Return the telemetry frames that are due, in order, and forget them."""
        raise NotImplementedError
