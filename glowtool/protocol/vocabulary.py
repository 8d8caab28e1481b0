"""The answers and the settings of the GR-1. Numbers never change; a new meaning gets a new number."""

import enum

from glowtool.model.open_enum import Growing


class Result(Growing):
    """The answer to a command on the control point. May grow: a host takes an unknown number for a no."""

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


class Setting(enum.IntEnum):
    """The settings that a host may read and write."""

    WATCHDOG_MS = 1
    PEAK_UA_MAX = 2
    AMPLITUDE_PERMILLE_MAX = 3
