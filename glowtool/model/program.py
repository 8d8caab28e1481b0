"""A program: the steps of a massage for a device, in people's units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple, overload

from glowtool.model.ceilings import CeilingId, limit
from glowtool.units import MILLISECONDS_PER_SECOND, SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowtool.model.face import Direction, Zone
    from glowtool.model.output import Pattern, Waveform

#: No device has room for more steps.
MAX_STEPS: Final = 64

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
class Step:
    """One place on the face for some time, with the outputs of motor and current there.

    `amplitude` is a share of full, 0 to 1, and `peak_ua` a peak in µA; 0: that output rests, and its other numbers do
    not matter. `period_s` is that of the pattern, `ramp_s` the time from zero to full output.
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

    @property
    def duration_ms(self) -> int:
        """The duration of the step, in whole milliseconds."""
        return round(self.duration_s * MILLISECONDS_PER_SECOND)

    @property
    def works(self) -> bool:
        """Whether the step asks for any output."""
        return self.amplitude > 0 or self.peak_ua > 0


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
        return Program((replace(first, duration_s=left_ms / MILLISECONDS_PER_SECOND), *later))
