"""The rule that decides when a status is notified."""

from __future__ import annotations

from typing import Final, NamedTuple

#: Changes of outputs are reported at most five times a second, everything at least once a second.
OUTPUTS_US: Final = 200_000
IDLE_US: Final = 1_000_000


class Essence(NamedTuple):
    """The essence of a status: `what` is state, step, steps, interlocks, faults; `outputs` are the actual levels."""

    what: tuple[int, int, int, int, int]
    outputs: tuple[int, int, int, int]


#: An essence that no roller ever reports.
NO_ESSENCE: Final = Essence((-1, 0, 0, 0, 0), (0, 0, 0, 0))


class Reporter:
    """Decides when to report; remembers what was reported last."""

    def __init__(self) -> None:
        self._last = NO_ESSENCE
        self._at_us = 0

    def due(self, now_us: int, essence: Essence) -> bool:
        """Return whether a report is due; if so, it counts as made."""
        if essence is self._last:
            wait_us = IDLE_US
        elif essence.what != self._last.what:
            wait_us = 0
        elif essence.outputs != self._last.outputs:
            wait_us = OUTPUTS_US
        else:
            wait_us = IDLE_US
        if now_us - self._at_us < wait_us:
            return False
        self._last, self._at_us = essence, now_us
        return True
