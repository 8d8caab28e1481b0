"""The ownership of a massage and a program: the commands that only one host may give, and the takeover of a massage.

A host is known by its bond. Another host must not bring back the outputs that a person chose at one host: it knows
neither what was checked for that person, nor who holds the roller. An unowned massage becomes that of the first host
that steers it; a program stored for the button has no owner.
"""

from __future__ import annotations

from typing import Final

from glowtool.protocol.commands.command import Giver
from glowtool.protocol.commands.opcode import Opcode

#: Carried out for every bonded host, even without a subscription: nothing stands between a person and zero outputs.
STOPS: Final = frozenset(opcode for opcode in Opcode if opcode.command.stops)

#: Opcode and sequence: a stop carries nothing else.
_BARE: Final = 2

#: Only the host that owns the massage may give these.
STEERS: Final = frozenset(opcode for opcode in Opcode if opcode.command.giver is Giver.MASSAGE)

#: The commands that take over an unowned massage when the answer is `SUCCESS`.
TAKES_OVER: Final = frozenset(opcode for opcode in Opcode if opcode.command.takes_over)

#: Only the host that loaded the program may give these.
NEEDS_ITS_PROGRAM: Final = frozenset(opcode for opcode in Opcode if opcode.command.giver is Giver.PROGRAM)


def is_stop(request: bytes) -> bool:
    """Return whether the bytes of a request are a well-formed stop of some kind."""
    return len(request) == _BARE and request[0] in STOPS
