"""The owner of a massage and of a program: only its host may command it, and only its voice keeps outputs on."""

from __future__ import annotations

from typing import Final

from chaos.judge.violation import ViolationError
from glowtool.protocol.commands.opcode import Opcode

_STEERS: Final = frozenset({Opcode.RESUME, Opcode.SKIP, Opcode.EXTEND, Opcode.TRIM})
_OF_A_PROGRAM: Final = frozenset({Opcode.START, Opcode.PROGRAM_STORE})

#: What a bonded host must never be refused while something runs, and all that one may do whose bond is gone.
STOPS: Final = frozenset({Opcode.PAUSE, Opcode.STOP, Opcode.EMERGENCY_STOP})

#: What a host is named that the bench does not tell apart from others.
SOME_HOST: Final = ""


class Owner:
    """The authenticated host, the owner of the massage and the owner of the program; None where there is none."""

    def __init__(self) -> None:
        self.host: str | None = SOME_HOST
        self.massage_of: str | None = None
        self.program_of: str | None = None
        #: Whether the bond of the host that is there is gone already.
        self.bond_gone = False

    @property
    def there(self) -> bool:
        """Whether the host is there for whose massage outputs may be on."""
        return self.massage_of is None or self.host == self.massage_of

    def obeyed(self, opcode: Opcode, *, runs: bool) -> None:
        """Take note of a command that was obeyed; `runs`: there is a massage, running or paused."""
        host = self.host
        if host is None:
            raise ViolationError(f"{opcode.name} was obeyed for a host without keys")
        if self.bond_gone and opcode not in STOPS:
            raise ViolationError(f"{opcode.name} was obeyed for {host!r}, whose bond is gone")
        if opcode in _STEERS and self.massage_of not in {None, host}:
            raise ViolationError(f"{opcode.name} was obeyed for {host!r}, though the massage is {self.massage_of!r}'s")
        if opcode in _OF_A_PROGRAM and self.program_of not in {None, host}:
            raise ViolationError(f"{opcode.name} was obeyed for {host!r}, though the program is {self.program_of!r}'s")
        if opcode is Opcode.PROGRAM_COMMIT:
            self.program_of = host
        if opcode is Opcode.START or (runs and self.massage_of is None and opcode in {*_STEERS, Opcode.PAUSE}):
            self.massage_of = host
