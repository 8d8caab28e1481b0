"""A hand that follows the ring of LEDs: it strokes while a step runs, lifts at a change of step, else rests."""

from __future__ import annotations

import enum
import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowsim.physics.types import Cue
from glowtool.protocol.vocabulary import Direction

if TYPE_CHECKING:
    from glowsim.physics.noise import Noise

#: Physiological tremor lies at 8 to 12 Hz.
TREMOR_HZ: Final = 9.0

#: How fast a hand's pressure wanders, and how fast it presses and lifts (assumptions).
WANDER_S: Final = 0.8
TOUCH_S: Final = 0.08

#: Strokes differ from each other by this share in time, length and pressure (assumption).
VARIATION: Final = 0.05

#: Rolling back is lighter than the stroke that was asked for; the moving edge is pressed more (assumptions).
RETURN_SHARE: Final = 0.8
LEAN: Final = 0.12

_REVERSED: Final = frozenset({Direction.DOWNWARD, Direction.INWARD})


@dataclass(frozen=True, slots=True)
class HandParameters:
    """How a person holds and moves the roller. All values are assumptions, to be set by a scenario.

    `symmetry` is the left head's share of the force of both, 0.5 being even.
    `lift_every` is after how many strokes the roller is lifted for `lift_s` and set down where it began; 0: it rolls
    back and forth and is lifted at a change of step only. `reaction_s` is from the cue to the first touch.
    """

    target_kpa: float = 3.5
    stroke_mm: float = 60.0
    stroke_s: float = 2.0
    symmetry: float = 0.5
    tremor_kpa: float = 0.15
    wander_kpa: float = 0.25
    lift_s: float = 0.3
    lift_every: int = 0
    reaction_s: float = 0.25


@dataclass(frozen=True, slots=True)
class Grip:
    """What the hand does at one moment: pressure by head in kPa, lean to the front from -1 to 1, way since power-on."""

    left_kpa: float
    right_kpa: float
    lean: float
    position_mm: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke as it truly was; `length_mm` is positive in the encoders' positive direction."""

    start_us: int
    end_us: int
    length_mm: float


class _Phase(enum.Enum):
    REST = enum.auto()
    AWAY = enum.auto()
    STROKE = enum.auto()
    LIFT = enum.auto()


class Hand:
    """The person's hand; `strokes` keeps the last thousands of strokes as the truth for whoever scores analysis."""

    def __init__(self, parameters: HandParameters, noise: Noise) -> None:
        self._parameters = parameters
        self._noise = noise
        self._tremor_phases = noise.phase(), noise.phase()
        self._waits = {_Phase.AWAY: parameters.reaction_s, _Phase.LIFT: parameters.lift_s}
        self._phase = _Phase.REST
        self._elapsed_s = 0.0
        self._cue = Cue()
        self._touch = 0.0
        self._wander = 0.0
        self._position_mm = 0.0
        self._done = 0
        self._begin: tuple[int, float] = 0, 0.0
        self._plan = (parameters.stroke_s, parameters.stroke_mm, 1.0)
        self._sign = 1
        self.strokes: deque[Stroke] = deque(maxlen=10_000)

    def update(self, time_us: int, dt_s: float, cue: Cue) -> Grip:
        """Advance by `dt_s` to `time_us` and say what the hand does."""
        self._follow(time_us, cue)
        self._elapsed_s += dt_s
        if self._phase in self._waits and self._elapsed_s >= self._waits[self._phase]:
            self._start_stroke(time_us, forward=True)
        elif self._phase is _Phase.STROKE and self._elapsed_s >= self._plan[0]:
            self._finish_stroke(time_us)
        return self._grip(time_us, dt_s)

    def _follow(self, time_us: int, cue: Cue) -> None:
        if cue == self._cue:
            return
        if not cue.working:
            self._leave(time_us, _Phase.REST)
        elif not self._cue.working:
            self._leave(time_us, _Phase.AWAY)
        else:
            self._leave(time_us, _Phase.LIFT)
        self._cue = cue

    def _leave(self, time_us: int, phase: _Phase) -> None:
        self._note(time_us)
        self._phase, self._elapsed_s, self._done = phase, 0.0, 0

    def _note(self, time_us: int) -> None:
        length_mm = self._position_mm - self._begin[1]
        if self._phase is _Phase.STROKE and length_mm != 0.0:
            self.strokes.append(Stroke(self._begin[0], time_us, length_mm))

    def _start_stroke(self, time_us: int, *, forward: bool) -> None:
        asked = -1 if self._cue.direction in _REVERSED else 1
        self._sign = asked if forward else -asked
        self._plan = (
            self._parameters.stroke_s * self._varied(),
            self._parameters.stroke_mm * self._varied(),
            self._varied() * (1.0 if forward else RETURN_SHARE),
        )
        self._begin = time_us, self._position_mm
        self._phase, self._elapsed_s = _Phase.STROKE, 0.0

    def _finish_stroke(self, time_us: int) -> None:
        self._note(time_us)
        self._done += 1
        every = self._parameters.lift_every
        if every and self._done % every == 0:
            self._phase, self._elapsed_s = _Phase.LIFT, 0.0
        else:
            self._start_stroke(time_us, forward=bool(every) or self._done % 2 == 0)

    def _varied(self) -> float:
        return min(1.2, max(0.8, 1.0 + VARIATION * self._noise.normal()))

    def _grip(self, time_us: int, dt_s: float) -> Grip:
        stroking = self._phase is _Phase.STROKE
        change = dt_s / TOUCH_S if stroking else -dt_s / TOUCH_S
        self._touch = min(1.0, max(0.0, self._touch + change))
        if self._touch == 0.0:
            return Grip(0.0, 0.0, 0.0, self._position_mm)
        lean = self._roll() if stroking else 0.0
        left_kpa, right_kpa = self._pressures(time_us, dt_s)
        return Grip(left_kpa, right_kpa, lean, self._position_mm)

    def _roll(self) -> float:
        duration_s, length_mm, _ = self._plan
        angle = math.pi * min(1.0, self._elapsed_s / duration_s)
        self._position_mm = self._begin[1] + self._sign * length_mm * 0.5 * (1.0 - math.cos(angle))
        return self._sign * math.sin(angle)

    def _pressures(self, time_us: int, dt_s: float) -> tuple[float, float]:
        parameters = self._parameters
        # A first-order process with the stated standard deviation, whatever the step in time.
        keep = WANDER_S / (WANDER_S + dt_s)
        self._wander = keep * self._wander + math.sqrt(1.0 - keep * keep) * self._noise.normal()
        base_kpa = parameters.target_kpa * self._plan[2] + parameters.wander_kpa * self._wander
        angle = 2.0 * math.pi * TREMOR_HZ * time_us * 1e-6
        left_phase, right_phase = self._tremor_phases
        left_kpa = 2.0 * parameters.symmetry * base_kpa + parameters.tremor_kpa * math.sin(angle + left_phase)
        right_kpa = 2.0 * (1.0 - parameters.symmetry) * base_kpa + parameters.tremor_kpa * math.sin(angle + right_phase)
        return max(0.0, self._touch * left_kpa), max(0.0, self._touch * right_kpa)
