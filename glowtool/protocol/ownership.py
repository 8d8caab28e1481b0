"""Whose a massage is, and whose a program: which commands only one host may give, and how a massage is taken over.

A host is known by its bond. Outputs that a person has chosen at one host are not for another one to bring back: it
knows neither what was checked for that person, nor who holds the roller.
"""

from __future__ import annotations

import enum
from typing import Final

from glowtool.protocol.control import Opcode


class Giver(enum.StrEnum):
    """Who may give a command."""

    ANY = "any bonded host"
    MASSAGE = "the massage's host"
    PROGRAM = "the program's host"


#: Carried out for every bonded host, and owed no subscription: nothing stands between a person and zero outputs.
STOPS: Final = frozenset({Opcode.STOP, Opcode.EMERGENCY_STOP, Opcode.PAUSE})

#: Opcode and sequence, which is all that a stop carries.
_BARE: Final = 2

#: Given by the host to which the massage belongs. A massage that belongs to nobody is the first one's that gives one.
STEERS: Final = frozenset({Opcode.RESUME, Opcode.SKIP, Opcode.EXTEND, Opcode.TRIM})

#: What takes over a massage that belongs to nobody, when it is answered `SUCCESS`.
TAKES_OVER: Final = STEERS | {Opcode.PAUSE}

#: Given by the host that has loaded the program; one that was kept for the button belongs to nobody.
NEEDS_ITS_PROGRAM: Final = frozenset({Opcode.START, Opcode.PROGRAM_STORE})


def is_stop(request: bytes) -> bool:
    """Return whether the bytes of a request are a well-formed stop of some kind."""
    return len(request) == _BARE and request[0] in STOPS


def giver(opcode: Opcode) -> Giver:
    """Return who may give a command."""
    if opcode in STEERS:
        return Giver.MASSAGE
    return Giver.PROGRAM if opcode in NEEDS_ITS_PROGRAM else Giver.ANY
