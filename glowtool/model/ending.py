"""The ways in which a massage ends: one of a session, and one that a device ran and recorded by itself."""

from __future__ import annotations

import enum
from typing import Final

from glowtool.model.open_enum import Growing


class Ending(enum.StrEnum):
    """The reason why a session ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    LINK_LOST = "link_lost"
    INTERLOCK = "interlock"
    REFUSED = "refused"
    CRASHED = "crashed"


class MassageEnd(Growing):
    """How a recorded massage ended; since 1.1. May grow."""

    POWER_LOST = 0
    PROGRAM_END = 1
    BUTTON = 2
    HOST = 3
    INTERLOCK = 4


ENDS: Final[dict[MassageEnd, str]] = {
    MassageEnd.POWER_LOST: "cut short: the power failed, and the record ends at the last step",
    MassageEnd.PROGRAM_END: "the program was completed",
    MassageEnd.BUTTON: "the person stopped it with the button",
    MassageEnd.HOST: "a host stopped it",
    MassageEnd.INTERLOCK: "an interlock or a fault ended it",
}
