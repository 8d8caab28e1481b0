"""The timeline of a routine for one person: its steps, what is said at which moment, and the outputs in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.names import name_of, words_of
from glowtool.model.output import Pattern
from glowtool.routine.preview.course import course_of
from glowtool.routine.written.places import words_of_zone
from glowtool.units import SHARE, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.model.program import Keyframe, Program
    from glowtool.model.program import Step as ProgramStep
    from glowtool.routine.models import Routine, Step
    from glowtool.routine.preview.course import Moment

#: More keyframes than this are told as a range.
_MOST_TOLD: Final = 5

#: Fewer characters of a place's name say nothing.
_LEAST_OF_PLACE: Final = 2

#: A place that is cut to fewer characters has no full stop: it would take the room of a letter.
_LEAST_OF_SHORT: Final = 5


@dataclass(frozen=True, slots=True)
class Said:
    """What the coach says at a moment of the massage."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """One step on the timeline; `place` is a zone in words, or "rest", `side` "left", "right" or ""."""

    number: int
    begin_s: float
    end_s: float
    title: str
    place: str
    side: str
    band_kpa: tuple[float, float] | None
    cue: str
    outputs: str
    said: tuple[Said, ...]

    @property
    def duration_s(self) -> float:
        """How long the step lasts."""
        return self.end_s - self.begin_s

    @property
    def lasts(self) -> str:
        """How long the step lasts, in words."""
        return f"{round(self.duration_s, 1):g} s"

    def label(self, room: int) -> str:
        """Return the number and the place in at most so many characters: "3 left jaw", "3 jaw L", "3 ja L", or "3"."""
        named = f"{self.number} {self.place}"
        if len(named) <= room:
            return named
        side = f" {self.side[:1].upper()}" if self.side else ""
        place = self.place.removeprefix(self.side).strip()
        left = room - len(f"{self.number} {side}")
        return f"{self.number} {_shortened(place, left)}{side}" if left >= _LEAST_OF_PLACE else str(self.number)[:room]

    @property
    def pressure(self) -> str:
        """The band that is asked for, without its unit; empty for a rest."""
        return "" if self.band_kpa is None else f"{self.band_kpa[0]:g}–{self.band_kpa[1]:g}"


@dataclass(frozen=True, slots=True)
class Timeline:
    """A routine over time."""

    name: str
    title: str
    facts: str
    spans: tuple[Span, ...]
    course: tuple[Moment, ...]

    @property
    def duration_s(self) -> float:
        """How long the massage lasts, without pauses."""
        return self.spans[-1].end_s

    @property
    def amplitude_most(self) -> float:
        """The largest amplitude that is asked for and comes out, as a share of full."""
        return max(moment.amplitude for moment in self.course)

    @property
    def peak_most_ua(self) -> float:
        """The largest peak."""
        return max(moment.peak_ua for moment in self.course)


def _shortened(place: str, columns: int) -> str:
    """Cut a place to so many characters; a full stop says so where it leaves enough to read."""
    if len(place) <= columns or columns < _LEAST_OF_SHORT:
        return place[:columns].strip()
    return f"{place[: columns - 1].strip()}."


def timeline_of(routine: Routine, program: Program) -> Timeline:
    """Return the timeline of a routine and of the program that it compiles to for a person."""
    spans, begin_s = [], 0.0
    for number, (step, compiled) in enumerate(zip(routine.steps, program, strict=True), 1):
        end_s = begin_s + compiled.duration_ms / 1000
        spans.append(_span(number, begin_s, end_s, step, compiled))
        begin_s = end_s
    return Timeline(routine.name, routine.title, _facts(routine, program), tuple(spans), course_of(program))


def clock(time_s: float) -> str:
    """Return a moment as minutes and seconds, such as `1:05`."""
    whole = int(time_s + 0.5)
    return f"{whole // 60}:{whole % 60:02d}"


def _span(number: int, begin_s: float, end_s: float, step: Step, compiled: ProgramStep) -> Span:
    side = "" if step.zone is None else step.zone.name.rpartition("_")[2].casefold()
    return Span(
        number=number,
        begin_s=begin_s,
        end_s=end_s,
        title=step.title,
        place="rest" if step.zone is None else words_of_zone(step.zone),
        side=side if side in {"left", "right"} else "",
        band_kpa=step.band_kpa,
        cue=step.cue,
        outputs=", ".join(_outputs(compiled)) or "no outputs",
        said=tuple(Said(begin_s + cue.at_s, cue.text) for cue in step.cues),
    )


def _facts(routine: Routine, program: Program) -> str:
    vibration = any(step.amplitude_most > 0 for step in program)
    current = any(step.peak_most_ua > 0 for step in program)
    used = " and ".join(name for name, there in (("vibration", vibration), ("microcurrent", current)) if there)
    steps = "1 step" if len(program) == 1 else f"{len(program)} steps"
    gel = "; needs conductive gel" if current else ""
    return f"{clock(program.duration_s)} min, {steps}, {words_of(routine.goal)}; {used or 'no outputs'}{gel}"


def _outputs(step: ProgramStep) -> Iterator[str]:
    points = step.points
    if step.amplitude_most > 0:
        levels = [(point, spoken(round(point.amplitude, 3), SHARE)) for point in points]
        pattern = "" if step.pattern is Pattern.STEADY else f", {name_of(step.pattern)} of {step.period_s:g} s"
        hertz = _reach([point.vibration_hz for point in points], "Hz")
        yield f"vibration {_told(levels)} at {hertz}{pattern}"
    if step.peak_most_ua > 0:
        peaks = [(point, f"{point.peak_ua:g} µA") for point in points]
        yield f"microcurrent {_told(peaks)} at {_reach([point.current_hz for point in points], 'Hz')}"


def _told(levels: list[tuple[Keyframe, str]]) -> str:
    """Return the levels of an output in their order, each later one with its moment; many as a range."""
    bends = _bends(levels)
    if len(bends) > _MOST_TOLD:
        words = [level for _, level in levels]
        low, high = (pick(words, key=lambda word: float(word.split()[0])) for pick in (min, max))
        return f"{low} to {high} over {len(levels) - 1} keyframes"
    first, *later = bends
    return " → ".join([first[1], *(f"{level} ({clock(point.at_s)})" for point, level in later)])


def _bends(levels: list[tuple[Keyframe, str]]) -> list[tuple[Keyframe, str]]:
    """Return the first level, and the later ones at which it begins or ends to change."""
    first, *later = levels
    found, before = [first], first[1]
    for index, (point, level) in enumerate(later):
        after = later[index + 1][1] if index + 1 < len(later) else level
        if level not in {before, after} or (level != before) != (level != after):
            found.append((point, level))
        before = level
    return found


def _reach(values: list[float], unit: str) -> str:
    low, high = min(values), max(values)
    return f"{low:g} {unit}" if low == high else f"{low:g}–{high:g} {unit}"
