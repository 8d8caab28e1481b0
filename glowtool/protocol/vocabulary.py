"""The enumerations that messages, tables and people share. Numbers are for ever; a new meaning gets a new number."""

import enum

from glowtool.protocol.wire import Growing


class Zone(enum.IntEnum):
    """Where on the face a step works. Left and right are the wearer's own."""

    FOREHEAD_LEFT = 1
    FOREHEAD_RIGHT = 2
    TEMPLE_LEFT = 3
    TEMPLE_RIGHT = 4
    CHEEK_LEFT = 5
    CHEEK_RIGHT = 6
    JAW_LEFT = 7
    JAW_RIGHT = 8
    CHIN = 9
    NECK_SIDE_LEFT = 10
    NECK_SIDE_RIGHT = 11
    NECK_FRONT = 12
    ORBIT_LEFT = 13
    ORBIT_RIGHT = 14
    MOUTH = 15


class Pattern(enum.IntEnum):
    """How the vibration's amplitude goes over one pattern period."""

    STEADY = 0
    PULSE = 1
    WAVE = 2
    RAMP = 3


class Waveform(enum.IntEnum):
    """The shape of the microcurrent. Every shape is charge-balanced: both phases carry the same charge."""

    NONE = 0
    BIPHASIC_SQUARE = 1
    BIPHASIC_PULSE = 2
    MODULATED = 3


class Direction(enum.IntEnum):
    """The direction of stroke that a step asks for, as the wearer sees it."""

    ANY = 0
    UPWARD = 1
    DOWNWARD = 2
    OUTWARD = 3
    INWARD = 4


class State(enum.IntEnum):
    """What the roller is doing. Exactly one at a time."""

    IDLE = 0
    READY = 1
    RUNNING = 2
    PAUSED = 3
    LATCHED = 4
    LOCKED = 5
    FAULT = 6


class Result(Growing):
    """The answer to a command on the control point. May grow: a host takes a number that it does not know for a no."""

    SUCCESS = 0x00
    UNKNOWN_OPCODE = 0x01
    BAD_LENGTH = 0x02
    OUT_OF_RANGE = 0x03
    WRONG_STATE = 0x04
    NO_PROGRAM = 0x05
    BAD_CRC = 0x06
    OVER_CEILING = 0x07
    BATTERY_LOW = 0x08
    LOCKED = 0x09
    GRACE = 0x0A
    MTU_TOO_SMALL = 0x0B
    UNKNOWN_SETTING = 0x0C
    NOT_FROM_THIS_HOST = 0x0D
    FLASH_FULL = 0x0E
    NO_RECORD = 0x0F


class Interlock(enum.IntFlag):
    """What holds outputs back right now. Zero: nothing does."""

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
    """What is broken. A fault stays until the roller is switched off and on again."""

    SENSOR = 0x0001
    MOTOR = 0x0002
    ELECTRODE = 0x0004
    FLASH = 0x0008
    TEMPERATURE_SENSOR = 0x0010
    FIRMWARE = 0x0020


class Capability(enum.IntFlag):
    """What a roller can do; read once after connecting."""

    VIBRATION = 0x0000_0001
    MICROCURRENT = 0x0000_0002
    PRESSURE = 0x0000_0004
    TRAVEL = 0x0000_0008
    IMPEDANCE = 0x0000_0010
    HEAD_TEMPERATURE = 0x0000_0020
    DISPLAY = 0x0000_0040
    RECORDS = 0x0000_0080


class Setting(enum.IntEnum):
    """The settings that a host may read and write."""

    WATCHDOG_MS = 1
    PEAK_UA_MAX = 2
    AMPLITUDE_PERMILLE_MAX = 3
