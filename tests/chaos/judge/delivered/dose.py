"""The day's dose counts all that flowed and moved in any 24 h of runtime, with no allowance for anything.

It is counted from the delivered record alone. Neither a clock that was set nor a loss of power has a part in it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chaos.judge import margins
from chaos.judge.ceilings import DAY_CURRENT_US, DAY_VIBRATION_US, TICKS_US

if TYPE_CHECKING:
    from chaos.judge.margins import Nearest
    from glowsim.physics.types import Delivered, Drive

#: The device's own 24 h may be shorter by what its crystal is off in a day.
DAY_US: Final = 24 * 3600 * 1_000_000 - 2_000_000

#: What is delivered together is counted together for so long.
_BIT_US: Final = 60_000_000


@dataclass(slots=True)
class Bit:
    """What was delivered in some time, of which the last moment counts."""

    last_us: int
    current_us: int = 0
    vibration_us: int = 0


class Dose:
    """The doses of a device on which `before_us` of current and vibration was delivered until `age_us` ago."""

    def __init__(self, nearest: Nearest, before_us: tuple[int, int] = (0, 0), age_us: int = 0) -> None:
        self._nearest = nearest
        self._bits = deque([Bit(-age_us, *before_us)])
        self.current_us, self.vibration_us = before_us
        self._ran_us = 0

    def judge(self, dt_us: int, delivered: Delivered, drive: Drive) -> str:
        """Return whether more than a day's dose was delivered within a day."""
        self._ran_us += dt_us
        # What runs down after its time is moved by nothing.
        flows, moves = delivered.peak_ua > 0.0, delivered.amplitude > 0.0 and not drive.quiet
        if not (flows or moves):
            return ""
        self._count(dt_us if flows else 0, dt_us if moves else 0)
        self._nearest.most(margins.DAY_CURRENT, self.current_us / 1e6)
        self._nearest.most(margins.DAY_VIBRATION, self.vibration_us / 1e6)
        over_us = max(self.current_us - DAY_CURRENT_US, self.vibration_us - DAY_VIBRATION_US)
        return "dose of the day" if over_us > TICKS_US else ""

    def _count(self, current_us: int, vibration_us: int) -> None:
        bits, now_us = self._bits, self._ran_us
        while bits and now_us - bits[0].last_us >= DAY_US:
            old = bits.popleft()
            self.current_us -= old.current_us
            self.vibration_us -= old.vibration_us
        if not bits or now_us - bits[-1].last_us > _BIT_US:
            bits.append(Bit(now_us))
        newest = bits[-1]
        newest.last_us = now_us
        newest.current_us += current_us
        newest.vibration_us += vibration_us
        self.current_us += current_us
        self.vibration_us += vibration_us
