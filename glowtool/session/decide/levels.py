"""The outputs that a roller reports, compared with the step that it reports. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.answer import Answer
from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.names import key_of
from glowtool.model.output import SILENT, Levels
from glowtool.model.program import NO_STEP
from glowtool.model.state import State
from glowtool.session.decide.untruth import Untruth
from glowtool.units import MILLISECONDS_PER_SECOND, SHARE, spoken

if TYPE_CHECKING:
    from glowtool.model.program import Program, Step
    from glowtool.model.status import Status

#: A device's reports are rounded: to a tenth of a percent, of a hertz, and 1 µA; and so are the calculations here.
_NO_MORE: Final = 1e-9
_AMPLITUDE: Final = 0.001 + _NO_MORE
_FREQUENCY_HZ: Final = 0.1 + _NO_MORE
_PEAK_UA: Final = 1 + _NO_MORE

#: A report of levels is of this moment in the step, give or take ticks of the firmware.
_ABOUT_MS: Final = 50

#: A soft start rises in ticks, and the current in steps of its source.
_RISE: Final = 0.01 + _NO_MORE
_RISE_UA: Final = 10 + _NO_MORE


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of the program's outputs that remain under a trim."""

    vibration_percent: int = 100
    current_percent: int = 100

    def __str__(self) -> str:
        return f"{self.vibration_percent} % of the vibration and {self.current_percent} % of the current"

    def least(self, other: Shares) -> Shares:
        """Return the lower share of each output."""
        return Shares(
            min(self.vibration_percent, other.vibration_percent), min(self.current_percent, other.current_percent)
        )

    def most(self, other: Shares) -> Shares:
        """Return the higher share of each output."""
        return Shares(
            max(self.vibration_percent, other.vibration_percent), max(self.current_percent, other.current_percent)
        )


WHOLE: Final = Shares()


def step_words(step: int) -> str:
    """Return a step, counted from 0, as a person counts it: `step 1`."""
    return "no step" if step == NO_STEP else f"step {step + 1}"


def level_untruth(program: Program, said: Status | Answer, trim: Shares = WHOLE) -> Untruth | None:
    """Return the untruth of outputs that are too strong, have another frequency, or are on while nothing runs."""
    levels = said.levels
    if said.state is not State.RUNNING:
        if levels.zero:
            return None
        return Untruth(f"it is {key_of(said.state)} with {levels}", "outputs only while it runs")
    if not 0 <= said.step < len(program):
        return Untruth(f"it runs {step_words(said.step)}", f"{len(program)} steps")
    asked = _asked(program[said.step], said)
    most = Levels(
        max(each.amplitude for each in asked) * trim.vibration_percent / 100,
        max(each.vibration_hz for each in asked),
        max(each.peak_ua for each in asked) * trim.current_percent / 100,
        max(each.current_hz for each in asked),
    )
    slowest_hz = min(each.vibration_hz for each in asked), min(each.current_hz for each in asked)
    wrong = (
        levels.amplitude > most.amplitude + _AMPLITUDE
        or levels.peak_ua > most.peak_ua + _PEAK_UA
        or (levels.amplitude > 0 and _off(levels.vibration_hz, slowest_hz[0], most.vibration_hz))
        or (levels.peak_ua > 0 and _off(levels.current_hz, slowest_hz[1], most.current_hz))
    )
    return Untruth(f"it gives {levels} in {step_words(said.step)}", f"at most {most}") if wrong else None


def _asked(step: Step, said: Status | Answer) -> tuple[Levels, ...]:
    """Return the levels that a step asks for about the moment of a report; an answer says no moment."""
    ends = tuple(point.levels for point in step.points)
    if not step.keyframes or isinstance(said, Answer):
        return ends
    from_s, to_s = ((said.step_elapsed_ms + off_ms) / MILLISECONDS_PER_SECOND for off_ms in (-_ABOUT_MS, _ABOUT_MS))
    between = (point.levels for point in step.points if from_s < point.at_s < to_s)
    return (step.levels_at(from_s), *between, step.levels_at(to_s))


def _off(said_hz: float, slowest_hz: float, fastest_hz: float) -> bool:
    return not slowest_hz - _FREQUENCY_HZ <= said_hz <= fastest_hz + _FREQUENCY_HZ


def rise_untruth(program: Program, before: Status | None, said: Status, passed_ms: float) -> Untruth | None:
    """Return the untruth of an output that rose faster than the soft start, `passed_ms` after the status before."""
    if said.state is not State.RUNNING:
        return None
    first = said.step
    if before is not None and 0 <= before.step < len(program):
        first = min(before.step, first)
    share = passed_ms / MILLISECONDS_PER_SECOND / min(step.ramp_s for step in program[first : said.step + 1])
    was = SILENT if before is None else before.levels
    if _softly(said.levels, share, was):
        return None
    now = said.levels
    return Untruth(
        f"its outputs rose to {now} within {passed_ms / 1000:.2f} s, from {spoken(was.amplitude, SHARE)} and "
        f"{was.peak_ua:g} µA",
        "a soft start, which takes 4 s or longer to full",
    )


def soft_start_untruth(program: Program, status: Status, number: int) -> Untruth | None:
    """Return the untruth of a step that began early without the soft start that a skip has."""
    elapsed_s = status.step_elapsed_ms / MILLISECONDS_PER_SECOND
    if _softly(status.levels, elapsed_s / program[status.step].ramp_s):
        return None
    return Untruth(
        f"it began step {number} before its time, with {status.levels} after {elapsed_s:.1f} s",
        "no skip; one would start softly",
    )


def _softly(levels: Levels, share: float, was: Levels = SILENT) -> bool:
    """Return whether outputs are at most those after that share of the way from their earlier levels to full."""
    return (
        levels.amplitude <= was.amplitude + share * limit(CeilingId.VIBRATION_AMPLITUDE) + _RISE
        and levels.peak_ua <= was.peak_ua + share * limit(CeilingId.PEAK_CURRENT) + _RISE_UA
    )
