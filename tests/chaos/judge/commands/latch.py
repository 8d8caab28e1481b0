"""The emergency stop holds until it is taken back after its time of grace, which begins anew with the power."""

from __future__ import annotations

from chaos.judge.violation import ViolationError
from glowtool.model.state import State
from glowtool.protocol.ceilings import REARM_GRACE_MS
from glowtool.protocol.commands.opcode import Opcode


class Latch:
    """Whether an emergency stop holds, and since when; `since_us` is None when none does."""

    def __init__(self) -> None:
        self.since_us: int | None = None
        self._in_doubt, self._now_us = False, 0
        #: The shortest time after which one was taken back.
        self.rearmed_us: int | None = None

    @property
    def on(self) -> bool:
        """Whether it holds."""
        return self.since_us is not None

    def power_cycled(self, now_us: int) -> None:
        """Take note of a loss of power, which ends nothing but the time that has passed."""
        self._now_us = now_us
        if self.since_us is not None:
            self.since_us = now_us

    def unanswered(self, opcode: Opcode) -> None:
        """Take note of a command over which the power failed."""
        self._in_doubt = opcode is Opcode.EMERGENCY_STOP and not self.on

    def found(self, state: State) -> bool:
        """Return whether a state shows that a stop over which the power failed holds all the same."""
        in_doubt, self._in_doubt = self._in_doubt, False
        if not in_doubt or state is not State.LATCHED:
            return False
        self.since_us = self._now_us
        return True

    def obeyed(self, now_us: int, opcode: Opcode) -> None:
        """Take note of a command that was obeyed."""
        if opcode is Opcode.EMERGENCY_STOP:
            self.since_us = now_us
        elif opcode is Opcode.REARM and self.since_us is not None:
            after_us = now_us - self.since_us
            if after_us < REARM_GRACE_MS * 1000:
                raise ViolationError(f"re-armed {after_us} µs after the emergency stop or the power")
            self.rearmed_us = after_us if self.rearmed_us is None else min(after_us, self.rearmed_us)
            self.since_us = None
