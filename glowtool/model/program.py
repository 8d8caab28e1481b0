"""A program: the steps of a massage for a device, in people's units."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple, overload

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import Levels, Waveform
from glowtool.units import MILLISECONDS_PER_SECOND, SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowtool.model.face import Direction, Zone
    from glowtool.model.output import Pattern

#: No device has room for more steps.
MAX_STEPS: Final = 64

#: Nor for more steps and keyframes together.
MAX_STEPS_AND_KEYFRAMES: Final = 255

#: In place of a step's number: no step is in progress.
NO_STEP: Final = -1

#: A pressure band ends here: no cell can measure more.
BAND_MAX_KPA: Final = 40.0


class Range(NamedTuple):
    """The closed range of a number of a step, and its unit."""

    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The levels at one moment of a step, `at_s` after its beginning: between two keyframes all go in straight lines.

    At an amplitude or a peak of 0, too, the frequency is an end of its line.
    """

    at_s: float
    amplitude: float
    vibration_hz: float
    peak_ua: int
    current_hz: float

    @property
    def at_ms(self) -> int:
        """Its moment, in whole milliseconds after the beginning of the step."""
        return round(self.at_s * MILLISECONDS_PER_SECOND)

    @property
    def levels(self) -> Levels:
        """The levels at this moment."""
        return Levels(self.amplitude, self.vibration_hz, self.peak_ua, self.current_hz)


@dataclass(frozen=True, slots=True)
class Step:
    """One place on the face for some time, with the outputs of motor and current there.

    `amplitude` is a share of full, 0 to 1, and `peak_ua` a peak in µA; 0: that output rests, and its other numbers do
    not matter. `period_s` is that of the pattern, `ramp_s` the time from zero to full output.

    With `keyframes`, in the order of their moments, these levels are those of the beginning. From there they go in
    straight lines from keyframe to keyframe, and stay at the last one's. The waveform is that of the whole step, so
    it is NONE only if no current flows at any moment; the pattern rides on the line of the amplitude.
    """

    zone: Zone
    direction: Direction
    duration_s: float
    amplitude: float
    vibration_hz: float
    pattern: Pattern
    period_s: float
    peak_ua: int
    current_hz: float
    waveform: Waveform
    ramp_s: float
    band_low_kpa: float
    band_high_kpa: float
    keyframes: tuple[Keyframe, ...] = ()

    @property
    def duration_ms(self) -> int:
        """The duration of the step, in whole milliseconds."""
        return round(self.duration_s * MILLISECONDS_PER_SECOND)

    @property
    def points(self) -> tuple[Keyframe, ...]:
        """The ends of all lines: the step's own levels at its beginning, then its keyframes."""
        return (Keyframe(0.0, self.amplitude, self.vibration_hz, self.peak_ua, self.current_hz), *self.keyframes)

    @property
    def amplitude_most(self) -> float:
        """The largest amplitude at any moment."""
        return max(point.amplitude for point in self.points)

    @property
    def peak_most_ua(self) -> int:
        """The largest peak at any moment."""
        return max(point.peak_ua for point in self.points)

    @property
    def works(self) -> bool:
        """Whether the step asks for any output at any moment."""
        return self.amplitude_most > 0 or self.peak_most_ua > 0

    @property
    def is_rest(self) -> bool:
        """Whether nobody is to massage: no output, and no pressure is asked for."""
        return not self.works and self.band_high_kpa == 0

    def levels_at(self, at_s: float) -> Levels:
        """Return the levels that the step asks for `at_s` after its beginning, without pattern, ramp and trim."""
        before, *later = self.points
        for after in later:
            if at_s < after.at_s:
                share = max(0.0, (at_s - before.at_s) / (after.at_s - before.at_s))
                return Levels(*(a + (b - a) * share for a, b in zip(*map(_numbers, (before, after)), strict=True)))
            before = after
        return before.levels

    def without_current(self) -> Step:
        """Return the same step without microcurrent at any moment."""
        keyframes = tuple(replace(point, peak_ua=0) for point in self.keyframes)
        return replace(self, peak_ua=0, waveform=Waveform.NONE, keyframes=keyframes)

    def last(self, left_ms: int) -> Step:
        """Return the end of the step, of which `left_ms` is left, with the lines cut where they are then."""
        gone_ms = self.duration_ms - left_ms
        rest = replace(self, duration_s=left_ms / MILLISECONDS_PER_SECOND)
        if not self.keyframes or gone_ms <= 0:
            return rest
        now = self.levels_at(gone_ms / MILLISECONDS_PER_SECOND)
        to_come = tuple(
            replace(point, at_s=(point.at_ms - gone_ms) / MILLISECONDS_PER_SECOND)
            for point in self.keyframes
            if point.at_ms > gone_ms
        )
        cut = replace(
            rest,
            amplitude=_up(now.amplitude, 1000),
            vibration_hz=_up(now.vibration_hz, 10),
            peak_ua=round(_up(now.peak_ua, 1)),
            current_hz=-_up(-now.current_hz, 10),
            keyframes=to_come,
        )
        return cut if cut.peak_most_ua else replace(cut, waveform=Waveform.NONE)


def _numbers(point: Keyframe) -> tuple[float, float, float, float]:
    return point.amplitude, point.vibration_hz, point.peak_ua, point.current_hz


def _up(value: float, per_unit: int) -> float:
    """Return a number as a device takes it, rounded up.

    So what is felt rises less on what is left of its way; a charge of a phase does if its frequency is rounded down.
    """
    return math.ceil(round(value * per_unit, 6)) / per_unit


#: The range of each number of a step.
RANGES: Final[Mapping[str, Range]] = {
    "duration_s": Range(1.0, limit(CeilingId.STEP_DURATION), "s"),
    "amplitude": Range(0.0, limit(CeilingId.VIBRATION_AMPLITUDE), SHARE),
    "vibration_hz": Range(limit(CeilingId.VIBRATION_FREQUENCY_MIN), limit(CeilingId.VIBRATION_FREQUENCY_MAX), "Hz"),
    "period_s": Range(0.25, 10.0, "s"),
    "peak_ua": Range(0, limit(CeilingId.PEAK_CURRENT), "µA"),
    "current_hz": Range(limit(CeilingId.CURRENT_FREQUENCY_MIN), limit(CeilingId.CURRENT_FREQUENCY_MAX), "Hz"),
    "ramp_s": Range(limit(CeilingId.SOFT_START), 60.0, "s"),
    "band_low_kpa": Range(0.0, BAND_MAX_KPA, "kPa"),
    "band_high_kpa": Range(0.0, BAND_MAX_KPA, "kPa"),
}

#: The range of each number of a keyframe.
KEYFRAME_RANGES: Final[Mapping[str, Range]] = {
    "at_s": Range(1 / MILLISECONDS_PER_SECOND, limit(CeilingId.STEP_DURATION), "s"),
    **{name: RANGES[name] for name in ("amplitude", "vibration_hz", "peak_ua", "current_hz")},
}


@dataclass(frozen=True, slots=True)
class Program:
    """The steps of a massage, in order; no steps mean an unknown program."""

    steps: tuple[Step, ...] = ()

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    @overload
    def __getitem__(self, index: int) -> Step: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Step, ...]: ...

    def __getitem__(self, index: int | slice) -> Step | tuple[Step, ...]:
        return self.steps[index]

    @property
    def durations_ms(self) -> tuple[int, ...]:
        """The duration of each step, in whole milliseconds."""
        return tuple(step.duration_ms for step in self.steps)

    @property
    def duration_s(self) -> float:
        """The duration of all steps together."""
        return sum(self.durations_ms) / MILLISECONDS_PER_SECOND

    def rest(self, step: int, left_ms: int) -> Program:
        """Return the rest of the program from a step on, of which `left_ms` is left."""
        first, *later = self.steps[step:]
        return Program((first.last(left_ms), *later))

    def lengthened(self, step: int, extra_ms: int) -> Program:
        """Return the program with a step lengthened; its levels stay at the last ones meanwhile."""
        longer = self.steps[step]
        longer = replace(longer, duration_s=(longer.duration_ms + extra_ms) / MILLISECONDS_PER_SECOND)
        return Program((*self.steps[:step], longer, *self.steps[step + 1 :]))

    def without_current(self) -> Program:
        """Return the same program without microcurrent at any moment."""
        return Program(tuple(step.without_current() for step in self.steps))
