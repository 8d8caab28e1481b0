"""The roller's advertising: enough to find it, recognise it, and see whether it can be paired now."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Final

from glowtool.protocol.wire import U8, U16, Message

#: The company identifier that the SIG reserves for tests and internal use; a maker puts its own here.
COMPANY_ID: Final = 0xFFFF

#: Model number of the reference hardware, GR-1.
MODEL_GR1: Final = 1

NAME_PREFIX: Final = "GR-1"


class AdvertisingFlag(enum.IntFlag):
    """The conditions that the roller announces."""

    PAIRING_WINDOW_OPEN = 0x01
    BONDED = 0x02
    CHARGING = 0x04
    NO_DISPLAY = 0x08
    BONDS_FULL = 0x10


@dataclass(frozen=True, slots=True)
class Advertisement(Message):
    """The manufacturer data of an advertisement, after the company identifier."""

    major: Annotated[int, U8("major version of the protocol")]
    model: Annotated[int, U8("model; 1 is GR-1")]
    flags: Annotated[AdvertisingFlag, U8("pairing window, bonds, charging")]
    battery_percent: Annotated[int, U8("charge of the battery", unit="%", high=100)]
    serial_tail: Annotated[int, U16("last four hexadecimal digits of the serial number")]
