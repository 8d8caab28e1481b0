"""Ownership of a massage and a program: the commands that only one host may give, and taking over a massage.

A host is known by its bond. Outputs that a person has chosen at one host are not for another one to bring back: it
knows neither what was checked for that person, nor who holds the roller. A massage that belongs to nobody is the first
one's that steers it; a program that was kept for the button belongs to nobody.
"""

from __future__ import annotations

from typing import Final

from glowtool.protocol.commands.command import Giver
from glowtool.protocol.commands.opcode import Opcode

#: Carried out for every bonded host, and owed no subscription: nothing stands between a person and zero outputs.
STOPS: Final = frozenset(opcode for opcode in Opcode if opcode.command.stops)

#: Opcode and sequence, which is all that a stop carries.
_BARE: Final = 2

#: Given by the host to which the massage belongs.
STEERS: Final = frozenset(opcode for opcode in Opcode if opcode.command.giver is Giver.MASSAGE)

#: The commands that take over an unowned massage when they are answered `SUCCESS`.
TAKES_OVER: Final = frozenset(opcode for opcode in Opcode if opcode.command.takes_over)

#: Given by the host that has loaded the program.
NEEDS_ITS_PROGRAM: Final = frozenset(opcode for opcode in Opcode if opcode.command.giver is Giver.PROGRAM)


def is_stop(request: bytes) -> bool:
    """Return whether the bytes of a request are a well-formed stop of some kind."""
    return len(request) == _BARE and request[0] in STOPS
