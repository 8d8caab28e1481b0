"""The dose that a recording shows: never less than what the roller delivered, also where samples are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.model.output import SILENT, Levels
from glowtool.safety.delivery import TAIL_S
from glowtool.safety.dose import NO_DOSE, Dose, dose_of, larger, most_of, most_of_all, shaking_ms2
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.analysis.recordings.recording import Floats, Gap, Ints
    from glowtool.model.program import Step

#: A confirmation and the last sample may be told in either order.
_TOGETHER_US: Final = 500_000

#: Over a shorter gap, outputs were at most what they are before or after it.
_SHORT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Outputs:
    """The samples of the outputs, each column of shape (n,): index, device time, step (−1: none), and both levels."""

    sample: Ints
    time_us: Ints
    step: Ints
    amplitude: Floats
    peak_ua: Floats


def delivered(
    outputs: Outputs,
    gaps: Sequence[Gap],
    rate_hz: int,
    program: Sequence[Step],
    *,
    lost_us: Sequence[int] = (),
    zero_us: int | None = None,
) -> Dose:
    """Return the dose of a recording; `lost_us` are the device times at which a connection was lost.

    `zero_us` is the device time at which the device told at the end that all outputs are zero; None: it did not.
    In a gap, outputs count as the larger of before and after; in a longer one, as the most that the program asks for.
    From a lost connection on, and after the last sample, outputs that were on go on until the device stops by itself.
    """
    whole = _of_samples(outputs, rate_hz, program)
    for gap in gaps:
        whole += _of_gap(outputs, gap, rate_hz, program, lost_us)
    if not len(outputs.sample):
        return whole + dose_of(most_of_all(program), TAIL_S)
    last_us = int(outputs.time_us[-1])
    tail_s = (
        TAIL_S if zero_us is None or zero_us < last_us else min(TAIL_S, (zero_us - last_us) / MICROSECONDS_PER_SECOND)
    )
    return whole + dose_of(_levels_at(outputs, -1, program), tail_s)


def _of_samples(outputs: Outputs, rate_hz: int, program: Sequence[Step]) -> Dose:
    if not len(outputs.sample):
        return NO_DOSE
    period_s = 1.0 / rate_hz
    full = np.array([*(shaking_ms2(1.0, most_of(step).vibration_hz) for step in program), _full(program)])
    known = np.where((outputs.step >= 0) & (outputs.step < len(program)), outputs.step, len(program))
    shaking = full[known] * outputs.amplitude
    return Dose(
        float(np.count_nonzero(outputs.peak_ua > 0)) * period_s,
        float(np.count_nonzero(outputs.amplitude > 0)) * period_s,
        float(np.sum(outputs.peak_ua)) * period_s / 1000.0,
        float(shaking @ shaking) * period_s,
    )


def _full(program: Sequence[Step]) -> float:
    """Return the shaking of full amplitude outside any step that is known: as in the one that shakes most."""
    return shaking_ms2(1.0, most_of_all(program).vibration_hz)


def _of_gap(outputs: Outputs, gap: Gap, rate_hz: int, program: Sequence[Step], lost_us: Sequence[int]) -> Dose:
    at = int(np.searchsorted(outputs.sample, gap.first_sample))
    gap_s, count = gap.count / rate_hz, len(outputs.sample)
    before = _levels_at(outputs, at - 1, program) if at > 0 else most_of_all(program)
    after = _levels_at(outputs, at, program) if at < count else SILENT
    start_us = int(outputs.time_us[at - 1]) if at > 0 else 0
    end_us = int(outputs.time_us[at]) if at < count else start_us + round(gap_s * MICROSECONDS_PER_SECOND)
    second_us = MICROSECONDS_PER_SECOND
    if any(start_us - second_us <= lost <= end_us + second_us for lost in lost_us):
        gap_s = min(gap_s, TAIL_S)
    levels = larger(before, after)
    return dose_of(larger(levels, most_of_all(program)) if gap_s > _SHORT_S else levels, gap_s)


def _levels_at(outputs: Outputs, at: int, program: Sequence[Step]) -> Levels:
    step, amplitude = int(outputs.step[at]), float(outputs.amplitude[at])
    most = most_of(program[step]) if 0 <= step < len(program) else most_of_all(program)
    return Levels(amplitude, most.vibration_hz if amplitude > 0 else 0.0, float(outputs.peak_ua[at]))
