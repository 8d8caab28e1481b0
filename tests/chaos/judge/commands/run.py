"""The step that a massage must be in by now, from the time and from every command that was acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.judge.ceilings import MASSAGE_US, SLACK, SOFT_START_S, STEP_US, TICKS_US
from chaos.judge.violation import ViolationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos.judge.commands.program import Levels, Step
    from glowsim.physics.types import Drive

#: So long after an edge of steps the motor may still be on its way to another frequency (design).
GLIDE_US: Final = 400_000

#: How far an amplitude may stand over a pattern that falls, since it is asked for at whole ticks.
PATTERN: Final = 5e-3

#: Frequencies are sent in tenths of a hertz.
_HZ: Final = 0.05


class Run:
    """One run of a program. Time passes for it only while it must be running."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps
        self.trim = 1.0, 1.0
        self.index = 0
        self.step_us = self.massage_us = 0
        self._length_us = steps[0].length_us
        #: How long ago this step began, and at which frequencies the one before it ended.
        self._before: Step | None = None
        self.over = False

    @property
    def step(self) -> Step:
        """The step that must be in progress."""
        return self._steps[self.index]

    @property
    def ramp_s(self) -> float:
        """The time from zero to full that counts now; about an edge the shorter one of both steps."""
        about = [step.ramp_s for step in self.about()]
        return max(SOFT_START_S, min(about))

    @property
    def late_us(self) -> int:
        """How far beyond its end the step is."""
        return self.step_us - self._length_us

    def advance(self, dt_us: int) -> None:
        """Let time pass."""
        self.massage_us += dt_us
        self.step_us += dt_us
        while not self.over and self.step_us >= self._length_us:
            self._next(self.step_us - self._length_us)

    def skip(self) -> None:
        """Go to the next step, or to the end."""
        self._next(0)

    def extend(self, extra_ms: int) -> None:
        """Lengthen the step, which must have been allowed."""
        self._length_us += extra_ms * 1000
        to_come_us = sum(step.length_us for step in self._steps[self.index + 1 :])
        massage_us = self.massage_us - self.step_us + self._length_us + to_come_us
        if self._length_us > STEP_US or massage_us > MASSAGE_US + TICKS_US:
            raise ViolationError(f"a step of {self._length_us} µs in a massage of {massage_us} µs was accepted")

    def about(self) -> tuple[Step, ...]:
        """Return the step that must be in progress, and about an edge the one on the other side of it."""
        if self._before is not None and self.step_us <= TICKS_US:
            return self.step, self._before
        if self.late_us >= -TICKS_US and self.index + 1 < len(self._steps):
            return self.step, self._steps[self.index + 1]
        return (self.step,)

    def indices(self) -> tuple[int, ...]:
        """Return the numbers of those steps."""
        if self._before is not None and self.step_us <= TICKS_US:
            return self.index, self.index - 1
        return self.index, self.index + 1 if self.late_us >= -TICKS_US else self.index

    def most(self, *, tight: bool = True) -> tuple[float, float]:
        """Return the most amplitude and peak that program and trim ask for now; not `tight`: whatever the pattern."""
        amplitude = peak_ua = 0.0
        vibration, current = self.trim
        for step in self.about():
            here = step is self.step
            asked = step.most(self.step_us, vibration, TICKS_US) if tight else step.highest.amplitude * vibration
            if not here:
                asked = step.highest.amplitude * vibration
            peak = max(at.peak_ua for at in step.about(self.step_us, TICKS_US)) if here else step.highest.peak_ua
            amplitude, peak_ua = max(amplitude, asked), max(peak_ua, peak * current)
        return amplitude, peak_ua

    def differs(self, drive: Drive) -> str:
        """Return what is driven in another way than the program says: too much, too fast, in another shape."""
        amplitude, peak_ua = self.most()
        if drive.amplitude > amplitude + PATTERN or drive.peak_ua > peak_ua + SLACK:
            return "more than the program asks for"
        about = self.about()
        if drive.peak_ua > 0.0:
            if all(drive.waveform is not step.waveform for step in about):
                return "another waveform than the program's"
            if not any(_within(drive.current_hz, [at.current_hz for at in self._levels(step)]) for step in about):
                return "another frequency of the current than the program's"
        if drive.amplitude > 0.0 and not self._tuned(drive.vibration_hz):
            return "another frequency of the motor than the program's"
        if drive.cue.step not in self.indices():
            return "another step on the ring of LEDs than the program's"
        return ""

    def _tuned(self, frequency_hz: float) -> bool:
        """Return whether the motor's frequency is the step's, or between it and that of the step before."""
        wanted = [[at.vibration_hz for at in self._levels(step)] for step in self.about()]
        if self._before is not None and self.step_us <= GLIDE_US:
            return _within(
                frequency_hz,
                [*(hz for each in wanted for hz in each), *(at.vibration_hz for _, at in self._before.ends)],
            )
        return any(_within(frequency_hz, each) for each in wanted)

    def _levels(self, step: Step) -> tuple[Levels, ...]:
        """Return the levels of the step that must be in progress about now; of another one, all that it has."""
        return step.about(self.step_us, TICKS_US) if step is self.step else tuple(at for _, at in step.ends)

    def _next(self, elapsed_us: int) -> None:
        if self.index + 1 == len(self._steps):
            self.over = True
            return
        self._before = self.step
        self.index += 1
        self.step_us = elapsed_us
        self._length_us = self.step.length_us


def _within(frequency_hz: float, wanted: Sequence[float]) -> bool:
    return min(wanted) - _HZ <= frequency_hz <= max(wanted) + _HZ
