"""A hand that follows the ring of LEDs: it strokes while a step runs, lifts between steps, and otherwise rests."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowsim.physics.hand.diary import Diary, Stroke, Touch
from glowsim.physics.source import source
from glowsim.physics.types import Cue
from glowtool.model.face import Direction
from glowtool.model.program import NO_STEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowsim.physics.noise import Noise

#: How fast a hand's pressure varies, and how fast it presses and lifts (assumptions).
WANDER_S: Final = 0.8
TOUCH_S: Final = 0.08

#: Rolling back is lighter than the requested stroke; the leading edge is pressed more (assumptions).
RETURN_SHARE: Final = 0.8
LEAN: Final = 0.12

#: The share of its force that even a tired hand keeps (assumption).
TIRED_SHARE: Final = 0.5

_REVERSED: Final = frozenset({Direction.DOWNWARD, Direction.INWARD})
_TURN: Final = 2.0 * math.pi


@dataclass(frozen=True, slots=True)
class HandParameters:
    """How a person holds and moves the roller; a scenario or a persona sets the values that differ from the default.

    `symmetry` is the left head's share of the force of both, 0.5 being even. `lift_every` is after how many strokes,
    back and forth, the roller is lifted for `lift_s` and set down where it began (its encoders stand still in the
    air); 0: it is lifted at a change of step only. `reaction_s` is from the cue to the first touch.
    `wrong_way_share` is the share of strokes that begin against the requested direction; `lapse_per_min` is how often
    the person forgets the roller for `lapse_s`.
    """

    target_kpa: float = field(default=3.5, metadata=source("kPa"))
    stroke_mm: float = field(default=60.0, metadata=source("mm", "assumption: about the length of a cheek"))
    stroke_s: float = field(default=2.0, metadata=source("s"))
    symmetry: float = field(default=0.5, metadata=source("share"))
    tremor_kpa: float = field(default=0.15, metadata=source("kPa"))
    wander_kpa: float = field(default=0.25, metadata=source("kPa"))
    lift_s: float = field(default=0.3, metadata=source("s"))
    lift_every: int = field(default=0, metadata=source("strokes"))
    reaction_s: float = field(default=0.25, metadata=source("s", "usual simple reaction to a light"))
    reaction_jitter: float = field(default=0.0, metadata=source("share"))
    tremor_hz: float = field(default=9.0, metadata=source("Hz", "physiological tremor, 8 to 12 Hz"))
    rhythm_jitter: float = field(default=0.05, metadata=source("share"))
    length_jitter: float = field(default=0.05, metadata=source("share"))
    force_jitter: float = field(default=0.05, metadata=source("share"))
    symmetry_jitter: float = field(default=0.0, metadata=source("share"))
    fatigue_per_min: float = field(default=0.0, metadata=source("share/min"))
    wrong_way_share: float = field(default=0.0, metadata=source("share"))
    lapse_per_min: float = field(default=0.0, metadata=source("1/min"))
    lapse_s: float = field(default=4.0, metadata=source("s"))


class _Phase(enum.Enum):
    REST = enum.auto()
    WAIT = enum.auto()
    STROKE = enum.auto()


class Hand:
    """The person's hand: pressure of each head in kPa, lean to the front from -1 to 1, distance rolled since power-on.

    `lifted` and `pressed_kpa` replace the cues: the person holds the roller off the skin, or presses both heads evenly
    without moving. `diary` keeps what was really done.
    """

    __slots__ = (
        "_amount",
        "_begin_mm",
        "_cue",
        "_done",
        "_dt_s",
        "_duration_s",
        "_elapsed_s",
        "_gain",
        "_keep",
        "_length_mm",
        "_noise",
        "_now_us",
        "_outranked",
        "_parameters",
        "_phase",
        "_share",
        "_stopped",
        "_touch",
        "_tremor_phases",
        "_wait_s",
        "_wander",
        "_way",
        "_worked_s",
        "diary",
        "lean",
        "left_kpa",
        "lifted",
        "position_mm",
        "pressed_kpa",
        "right_kpa",
    )

    def __init__(self, parameters: HandParameters, noise: Noise) -> None:
        self._parameters = parameters
        self._noise = noise
        self._tremor_phases = noise.phase(), noise.phase()
        self.lifted = False
        self.pressed_kpa: float | None = None
        self.diary = Diary()
        self.left_kpa = self.right_kpa = self.lean = self.position_mm = 0.0
        self._phase, self._wait_s, self._elapsed_s, self._worked_s = _Phase.REST, 0.0, 0.0, 0.0
        self._cue = Cue()
        self._touch = self._wander = 0.0
        self._done, self._way = 0, 1
        self._begin_mm, self._duration_s, self._length_mm = 0.0, parameters.stroke_s, parameters.stroke_mm
        self._amount, self._share = 1.0, parameters.symmetry
        self._outranked, self._stopped = False, True
        self._now_us = 0
        self._dt_s, self._keep, self._gain = 0.0, 1.0, 0.0

    @property
    def strokes(self) -> Sequence[Stroke]:
        """The completed strokes, as they truly were."""
        return self.diary.strokes

    def start_over(self) -> None:
        """End the stroke and contacts in progress, and rest: the device's clock restarts."""
        self.diary.power_cycle_at(self._now_us, self.position_mm)
        self._leave(_Phase.REST)
        self._cue, self.diary.step = Cue(), NO_STEP

    def truth(self) -> tuple[tuple[Stroke, ...], tuple[Touch, ...]]:
        """Return strokes and contacts until now, those in progress as if they ended now."""
        return self.diary.until(self._now_us, self.position_mm)

    def update(self, time_us: int, dt_s: float, cue: Cue) -> None:
        """Advance by `dt_s` to `time_us`."""
        self._now_us = time_us
        held = self._cue
        if cue is not held and (cue.step != held.step or cue.direction is not held.direction):
            self._follow(cue)
        self._elapsed_s += dt_s
        if (self.lifted or self.pressed_kpa is not None) is not self._outranked:
            self._give_way(outranked=not self._outranked)
        if self.pressed_kpa is not None and not self.lifted:
            self._hold(self.pressed_kpa, dt_s)
            return
        phase = self._phase
        if phase is _Phase.STROKE:
            if self._elapsed_s >= self._duration_s:
                self._finish_stroke()
        elif phase is _Phase.WAIT:
            if self._elapsed_s >= self._wait_s:
                self._begin()
        elif self._stopped:
            return
        self._move(dt_s)

    def _follow(self, cue: Cue) -> None:
        was_working, self._cue = self._cue.working, cue
        if self._outranked or not cue.working:
            self._leave(_Phase.REST)
        elif was_working:
            self._away(self._parameters.lift_s, 0.0)
        else:
            rested_s = self._elapsed_s if self._phase is _Phase.REST else 0.0
            self._worked_s = max(0.0, self._worked_s - rested_s)
            self._away(self._parameters.reaction_s, self._parameters.reaction_jitter)
        self.diary.step = cue.step if cue.working else NO_STEP

    def _give_way(self, *, outranked: bool) -> None:
        self._outranked = outranked
        if not outranked and self._cue.working:
            self._away(self._parameters.reaction_s, self._parameters.reaction_jitter)
        else:
            self._leave(_Phase.REST)

    def _hold(self, pressure_kpa: float, dt_s: float) -> None:
        self._touch = min(1.0, self._touch + dt_s / TOUCH_S)
        self.left_kpa = self.right_kpa = self._touch * pressure_kpa
        self.lean = 0.0
        self._stopped = False
        self.diary.press(self._now_us, self.left_kpa, self.right_kpa)

    def _away(self, wait_s: float, jitter: float) -> None:
        self._leave(_Phase.WAIT)
        self._wait_s = wait_s * (self._noise.varied(jitter) if jitter else 1.0)

    def _leave(self, phase: _Phase) -> None:
        if self._phase is _Phase.STROKE:
            self.diary.end_stroke(self._now_us, self.position_mm)
        self._phase, self._elapsed_s, self._done = phase, 0.0, 0
        self._stopped = False

    def _begin(self) -> None:
        """Set the roller down and begin a stroke, usually in the requested direction."""
        asked = -1 if self._cue.direction in _REVERSED else 1
        self._way = -asked if self._noise.happens(self._parameters.wrong_way_share) else asked
        self._start_stroke(forward=True)

    def _start_stroke(self, *, forward: bool) -> None:
        parameters, noise = self._parameters, self._noise
        fresh = max(TIRED_SHARE, 1.0 - parameters.fatigue_per_min * self._worked_s / 60.0)
        # A tired hand is also slower, but its speed falls less than its force (assumption).
        self._duration_s = parameters.stroke_s * noise.varied(parameters.rhythm_jitter) / math.sqrt(fresh)
        length_mm = parameters.stroke_mm * noise.varied(parameters.length_jitter)
        self._length_mm = self._way * (length_mm if forward else -length_mm)
        self._amount = noise.varied(parameters.force_jitter) * (1.0 if forward else RETURN_SHARE) * fresh
        if parameters.symmetry_jitter:
            shift = parameters.symmetry_jitter * noise.normal()
            self._share = min(1.0, max(0.0, parameters.symmetry + shift))
        self._begin_mm = self.position_mm
        self._phase, self._elapsed_s, self._stopped = _Phase.STROKE, 0.0, False
        self.diary.begin_stroke(self._now_us, self.position_mm, self._cue.direction)

    def _finish_stroke(self) -> None:
        parameters = self._parameters
        self._roll(self._duration_s)
        self.diary.end_stroke(self._now_us, self.position_mm)
        self._worked_s += self._duration_s
        self._done += 1
        every = parameters.lift_every
        if self._noise.happens(parameters.lapse_per_min * self._duration_s / 60.0):
            self._phase = _Phase.REST
            self._away(parameters.lapse_s, 0.3)
        elif every and self._done % every == 0:
            self._phase = _Phase.REST
            self._away(parameters.lift_s, 0.0)
        else:
            self._start_stroke(forward=self._done % 2 == 0)

    def _move(self, dt_s: float) -> None:
        if self._phase is _Phase.STROKE:
            if self._touch < 1.0:
                self._touch = min(1.0, self._touch + dt_s / TOUCH_S)
            if self._touch > 0.0:
                self._roll(self._elapsed_s)
                self._press(dt_s)
                return
        else:
            self._touch = max(0.0, self._touch - dt_s / TOUCH_S)
            if self._touch > 0.0:
                self.lean = 0.0
                self._press(dt_s)
                return
        if not self._stopped:
            self.left_kpa = self.right_kpa = self.lean = 0.0
            self.diary.press(self._now_us, 0.0, 0.0)
            self._stopped = True

    def _roll(self, elapsed_s: float) -> None:
        done = elapsed_s / self._duration_s
        angle = math.pi * done if done < 1.0 else math.pi
        self.position_mm = self._begin_mm + self._length_mm * 0.5 * (1.0 - math.cos(angle))
        self.lean = math.copysign(math.sin(angle), self._length_mm)

    def _press(self, dt_s: float) -> None:
        parameters, touch = self._parameters, self._touch
        if dt_s != self._dt_s:
            # A first-order process with the given standard deviation, for any step in time.
            self._dt_s, self._keep = dt_s, WANDER_S / (WANDER_S + dt_s)
            self._gain = math.sqrt(1.0 - self._keep * self._keep)
        self._wander = self._keep * self._wander + self._gain * self._noise.normal()
        base_kpa = 2.0 * touch * (parameters.target_kpa * self._amount + parameters.wander_kpa * self._wander)
        left_kpa, right_kpa = self._share * base_kpa, (1.0 - self._share) * base_kpa
        tremor_kpa = touch * parameters.tremor_kpa
        if tremor_kpa:
            angle = _TURN * parameters.tremor_hz * self._now_us * 1e-6
            left_phase, right_phase = self._tremor_phases
            left_kpa += tremor_kpa * math.sin(angle + left_phase)
            right_kpa += tremor_kpa * math.sin(angle + right_phase)
        self.left_kpa = left_kpa = left_kpa if left_kpa > 0.0 else 0.0
        self.right_kpa = right_kpa = right_kpa if right_kpa > 0.0 else 0.0
        self.diary.press(self._now_us, left_kpa, right_kpa)
