"""The run of a program: the step in progress, its elapsed time, and the outputs it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowsim.firmware.outputs.limiter import FULL_AMPLITUDE
from glowsim.firmware.program.line import Line, LineLevels
from glowsim.firmware.program.patterns import amplitude_at
from glowsim.physics.types import Cue, Drive
from glowtool.model.ceilings import CeilingId
from glowtool.model.dwell import stretches, worked_place
from glowtool.model.output import Pattern
from glowtool.protocol.ceilings import ceiling

if TYPE_CHECKING:
    from glowtool.model.dwell import Stretch
    from glowtool.protocol.program import StepRecord

Program = tuple["StepRecord", ...]

_STEP_MS_MAX: Final = ceiling(CeilingId.STEP_DURATION) * 1000
_MASSAGE_MS_MAX: Final = ceiling(CeilingId.MASSAGE_DURATION) * 1000


@dataclass(frozen=True, slots=True)
class TrimLevel:
    """Shares of the program's outputs, 0 to 1."""

    vibration: float = 1.0
    current: float = 1.0


class Executor:
    """One run of one program. Time passes only while `advance` is called, so a pause costs nothing."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.index = 0
        #: The trim for which `_asked` was made; None: none has been made for this step yet.
        self._asked_at: TrimLevel | None = None
        self._levels: LineLevels
        self._set_step()
        self.step_elapsed_us = 0
        self.massage_elapsed_us = 0
        self.trim = TrimLevel()
        self._asked = Drive()
        self.uses_current = any(step.peak_ua_most for step in program)
        self.uses_vibration = any(step.amplitude_permille_most for step in program)

    @property
    def last(self) -> bool:
        """Whether no step follows."""
        return self.index + 1 == len(self._program)

    def advance(self, dt_us: int) -> bool:
        """Let `dt_us` pass; return whether the program is over."""
        self.step_elapsed_us += dt_us
        self.massage_elapsed_us += dt_us
        while self.step_elapsed_us >= self._step_us:
            if self.last:
                return True
            self._enter_next(self.step_elapsed_us - self._step_us)
        return False

    def to_come(self, extra_ms: int = 0) -> list[Stretch]:
        """Return the stretches from now on, in µs, with this step lengthened by `extra_ms`."""
        rest_us = self._step_us - self.step_elapsed_us + extra_ms * 1000
        return [(worked_place(self.step), rest_us), *stretches(self._program[self.index + 1 :], per_ms=1000)]

    def skip(self) -> None:
        """Go to the next step, which must exist."""
        self._enter_next(0)

    def extend(self, extra_ms: int) -> bool:
        """Lengthen the step in progress; return False, and change nothing, if that would exceed a ceiling."""
        step_ms = self.step.duration_ms + self._extra_ms + extra_ms
        rest_ms = step_ms - self.step_elapsed_us // 1000
        to_come_ms = sum(step.duration_ms for step in self._program[self.index + 1 :])
        if step_ms > _STEP_MS_MAX or self.massage_elapsed_us // 1000 + rest_ms + to_come_ms > _MASSAGE_MS_MAX:
            return False
        self._extra_ms += extra_ms
        self._step_us += extra_ms * 1000
        return True

    def target(self) -> Drive:
        """Return the outputs that the program asks for now, with trim and without ramps."""
        step = self.step
        new = self._asked_at is not self.trim
        if not new and self._levels.hold and step.pattern is Pattern.STEADY:
            return self._asked
        moved = not self._levels.hold
        if moved:
            self._levels = self._line.at(self.step_elapsed_us)
        levels = self._levels
        amplitude = amplitude_at(
            step.pattern,
            levels.amplitude * self.trim.vibration,
            step.pattern_period_ms / 1000,
            FULL_AMPLITUDE / self.ramp_s,
            self.step_elapsed_us * 1e-6,
        )
        if not new and not moved and amplitude == self._asked.amplitude:
            return self._asked
        cue = Cue(self.index, step.direction) if new else self._asked.cue
        self._asked_at = self.trim
        self._asked = Drive(
            amplitude,
            levels.vibration_hz,
            levels.peak_ua * self.trim.current,
            levels.current_hz,
            step.waveform,
            cue,
        )
        return self._asked

    def _enter_next(self, elapsed_us: int) -> None:
        self.index += 1
        self._set_step()
        self.step_elapsed_us = elapsed_us

    def _set_step(self) -> None:
        """Set everything that depends on the step: `step` itself, its time from zero to full, its length."""
        self.step = step = self._program[self.index]
        self.ramp_s = step.ramp_ms / 1000
        self._step_us = step.duration_ms * 1000
        self._extra_ms = 0
        self._asked_at = None
        self._line = Line(step)
        self._levels = self._line.at(0)
