"""The dose that statuses tell, for a device whose measurements do not hold its outputs: never less than it was."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import Levels, Pattern
from glowtool.safety.dose import NO_DOSE, Dose, dose_of, larger, most_of_all
from glowtool.units import MICROSECONDS_PER_SECOND, MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.model.program import Program
    from glowtool.model.status import Status

#: A status comes at least this often. Over a longer time without one, nobody knows what was in between.
STATUS_S: Final = 1.0

#: For so long outputs may have gone on after the last that was heard of them: the silence that a device waits for, the
#: second before it, of which nothing may have been written, and what the motor needs to run down.
TAIL_S: Final = limit(CeilingId.HOST_SILENCE) + 1.5


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a device delivered of a program, by its statuses so far."""

    program: Program
    dose: Dose = NO_DOSE
    last: Status | None = None
    #: The device time at which it confirmed that its outputs are zero, where nothing was heard of it since.
    confirmed_us: int | None = None
    #: The largest levels that the program asks for at any moment; and whether some come and go faster than statuses.
    most: Levels = field(init=False)
    is_beating: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "most", most_of_all(self.program))
        beating = any(step.pattern is not Pattern.STEADY and step.amplitude_most > 0 for step in self.program)
        object.__setattr__(self, "is_beating", beating)

    def after(self, status: Status) -> Delivery:
        """Return the same with one more status."""
        return replace(self, dose=self.dose + self._since_last(status), last=status, confirmed_us=None)

    def zeroed(self, since_last_s: float) -> Delivery:
        """Return the same after the device confirmed that its outputs are zero, so long after the last status."""
        if self.last is None:
            return self
        return replace(self, confirmed_us=self.last.device_time_us + round(since_last_s * MICROSECONDS_PER_SECOND))

    @property
    def zero_us(self) -> int | None:
        """The device time at which all outputs were surely zero at the end; None: that is not known."""
        if self.confirmed_us is None and self.last is not None and self.last.levels.zero:
            return self.last.device_time_us
        return self.confirmed_us

    def ended(self) -> Dose:
        """Return the dose when no status follows: outputs that were on went on for a while."""
        if self.last is None:
            return self.dose
        tail_s = TAIL_S
        if self.zero_us is not None:
            tail_s = min(tail_s, (self.zero_us - self.last.device_time_us) / MICROSECONDS_PER_SECOND)
        return self.dose + dose_of(self.last.levels, tail_s)

    def _since_last(self, status: Status) -> Dose:
        last = self.last
        if last is None:
            return NO_DOSE
        elapsed_s = (status.device_time_us - last.device_time_us) / MICROSECONDS_PER_SECOND
        if elapsed_s < 0:  # it was switched off and on again
            return dose_of(last.levels, TAIL_S)
        ran_s = (status.massage_elapsed_ms - last.massage_elapsed_ms) / MILLISECONDS_PER_SECOND
        if 0 <= ran_s < elapsed_s:
            elapsed_s = ran_s
        levels = larger(last.levels, status.levels)
        if elapsed_s > 2 * STATUS_S:
            levels = larger(levels, self.most)
        elif self.is_beating and levels.peak_ua + levels.amplitude > 0:
            levels = replace(
                levels, amplitude=max(levels.amplitude, self.most.amplitude), vibration_hz=self.most.vibration_hz
            )
        return dose_of(levels, elapsed_s)
