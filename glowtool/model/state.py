"""The state of a device: its activity, interlocks, faults and capabilities, with their meanings and limits."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.model.ceilings import CeilingId


class State(enum.IntEnum):
    """The roller's activity: exactly one at a time."""

    IDLE = 0
    READY = 1
    RUNNING = 2
    PAUSED = 3
    LATCHED = 4
    LOCKED = 5
    FAULT = 6


#: In these states no program runs or is paused, and the device can get one.
AT_REST: Final = frozenset({State.IDLE, State.READY})


class Interlock(enum.IntFlag):
    """The interlocks that hold outputs back now. Zero: none."""

    NO_CONTACT = 0x0001
    PRESSURE_CAUTION = 0x0002
    PRESSURE_HALF = 0x0004
    PRESSURE_ZERO = 0x0008
    HEAD_TEMPERATURE = 0x0010
    WATCHDOG = 0x0020
    LINK_LOSS = 0x0040
    CHARGING = 0x0080
    BATTERY_CURRENT = 0x0100
    BATTERY_EMPTY = 0x0200
    CURRENT_DENSITY = 0x0400
    DOSE = 0x0800
    EMERGENCY = 0x1000
    SOFT_START = 0x2000


class Fault(enum.IntFlag):
    """The broken parts. A fault stays until the roller is switched off and on again."""

    SENSOR = 0x0001
    MOTOR = 0x0002
    ELECTRODE = 0x0004
    FLASH = 0x0008
    TEMPERATURE_SENSOR = 0x0010
    FIRMWARE = 0x0020


class Capability(enum.IntFlag):
    """The features of a roller; read once after connecting."""

    VIBRATION = 0x0000_0001
    MICROCURRENT = 0x0000_0002
    PRESSURE = 0x0000_0004
    TRAVEL = 0x0000_0008
    IMPEDANCE = 0x0000_0010
    HEAD_TEMPERATURE = 0x0000_0020
    DISPLAY = 0x0000_0040
    RECORDS = 0x0000_0080
    KEYFRAMES = 0x0000_0100


@dataclass(frozen=True, slots=True)
class DeviceLimits:
    """What a device can do, and the ceilings that it states, each in the unit of the table of ceilings.

    A ceiling of a device can only make that of the table stricter; one that it does not state is the table's.
    """

    capabilities: Capability
    ceilings: Mapping[CeilingId, float] = field(default_factory=dict)


#: Nothing is known to be missing from a device that has not been asked yet.
UNASKED: Final = DeviceLimits(~Capability(0))


STATES: Final[dict[State, str]] = {
    State.IDLE: "no program is loaded",
    State.READY: "a program is loaded and can be started",
    State.RUNNING: "a program runs; the only state with outputs",
    State.PAUSED: "a program is paused and keeps its place; outputs are zero",
    State.LATCHED: "emergency stop; outputs are zero until re-armed",
    State.LOCKED: "outputs are locked: on the charger, or during an update",
    State.FAULT: "a part is broken; outputs are zero until the roller is switched off and on",
}

INTERLOCKS: Final[dict[Interlock, str]] = {
    Interlock.NO_CONTACT: "no skin contact, or pressure and impedance disagree about it: current is zero",
    Interlock.PRESSURE_CAUTION: "pressure above the caution ceiling; only a hint",
    Interlock.PRESSURE_HALF: "pressure too high for too long: outputs are halved",
    Interlock.PRESSURE_ZERO: "pressure above the upper ceiling: outputs are zero",
    Interlock.HEAD_TEMPERATURE: "a head is too warm: outputs are zero",
    Interlock.WATCHDOG: "the host fell silent: paused until it is resumed, stopped or started again",
    Interlock.LINK_LOSS: "the link was lost: paused until it is resumed, stopped or started again",
    Interlock.CHARGING: "on the charger: outputs are locked",
    Interlock.BATTERY_CURRENT: "battery too low for microcurrent",
    Interlock.BATTERY_EMPTY: "battery too low: the massage was ended",
    Interlock.CURRENT_DENSITY: "current is reduced to stay below the density ceiling at the contact area",
    Interlock.DOSE: "the ceiling of a step, a massage, a place or a day is reached",
    Interlock.EMERGENCY: "the emergency stop is latched",
    Interlock.SOFT_START: "an output is still rising to its level",
}

FAULTS: Final[dict[Fault, str]] = {
    Fault.SENSOR: "a pressure cell or an encoder",
    Fault.MOTOR: "the vibration motor or its driver",
    Fault.ELECTRODE: "the current source or the impedance measurement",
    Fault.FLASH: "the memory",
    Fault.TEMPERATURE_SENSOR: "a head's temperature sensor",
    Fault.FIRMWARE: "the firmware itself: a defect that showed while it carried out a request",
}

CAPABILITIES: Final[dict[Capability, str]] = {
    Capability.VIBRATION: "vibration",
    Capability.MICROCURRENT: "microcurrent",
    Capability.PRESSURE: "pressure cells",
    Capability.TRAVEL: "travel encoders",
    Capability.IMPEDANCE: "impedance between the heads",
    Capability.HEAD_TEMPERATURE: "temperature of the heads",
    Capability.DISPLAY: "a display that can show a passkey or a number",
    Capability.RECORDS: "a stored program, massage records and diagnostics",
    Capability.KEYFRAMES: "levels that go from keyframe to keyframe within a step",
}
