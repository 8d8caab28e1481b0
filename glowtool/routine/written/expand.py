"""The expansion of a written routine to the flat one that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from glowtool.errors import RoutineError
from glowtool.kit.text.spelled import spell
from glowtool.kit.text.toml_lines import Place, line_of
from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.program import MAX_STEPS, MAX_STEPS_AND_KEYFRAMES
from glowtool.problem import Problem
from glowtool.routine.fields import CUE_RUN_LENGTH, TITLE_RUN_LENGTH
from glowtool.routine.head import Head
from glowtool.routine.models import Routine, Step
from glowtool.routine.steps import StepBase
from glowtool.routine.written.models import MAX_DEPTH, Include, Mirror, Repeat, Rest, WrittenStep
from glowtool.routine.written.places import Side, other_side, zone_of
from glowtool.routine.written.words import cue_of, on_the_side_of, other_side_words, title_of, with_its_side
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.model.face import Zone
    from glowtool.routine.written.models import Item, WrittenRoutine

#: The lines of places in a file; empty: there is no file.
Lines = Mapping[Place, int]

_NO_LINES: Final[Lines] = MappingProxyType({})

_MOST_MS: Final = round(limit(CeilingId.MASSAGE_DURATION) * MILLISECONDS_PER_SECOND)


class Find(Protocol):
    """Where included routines come from."""

    def __call__(self, name: str) -> WrittenRoutine:
        """Return the written routine of that name; raises `RoutineError`."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a flat step was written: the place in the routine that is run, and the included routines on the way."""

    place: Place
    through: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " in ".join((spell(self.place), *self.through))


@dataclass(frozen=True, slots=True)
class Expansion:
    """A flat routine, with the origin of each of its steps; `lines` are those of its file, or columns of its text."""

    routine: Routine
    origins: tuple[Origin, ...]
    lines: Lines = field(default_factory=lambda: _NO_LINES)
    in_columns: bool = False

    def line(self, step: int) -> int | None:
        """Return the line on which a step was written, or its column; None: nobody knows."""
        return line_of(self.lines, self.origins[step].place)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A flat step; `alone` while its other side has not been worked."""

    step: Step
    origin: Origin
    alone: bool = False


@dataclass(frozen=True, slots=True)
class _Chain:
    """The routines that are being included, from the outermost, and the place of the first include."""

    names: tuple[str, ...]
    place: Place | None = None

    def at(self, place: Place) -> Place:
        """Return the place in the outermost routine for one in the innermost."""
        return place if self.place is None else self.place


def no_includes(name: str) -> WrittenRoutine:
    """Find no routine, where there is no library to include from."""
    raise RoutineError(f"the routine {name!r} cannot be included here", advice="write its steps instead")


def expand(
    written: WrittenRoutine, find: Find = no_includes, lines: Lines = _NO_LINES, *, in_columns: bool = False
) -> Expansion:
    """Return the flat routine that a written one stands for; `find` finds the routines that it includes.

    `lines` are those of its file, or columns of its text. Raises `RoutineError` with one `Problem`, which names the
    place.
    """
    try:
        return replace(_expand(written, find, lines), in_columns=in_columns)
    except RoutineError as error:
        if in_columns:
            error.problems = tuple(replace(each, line=None, column=each.line) for each in error.problems)
        raise


def _expand(written: WrittenRoutine, find: Find, lines: Lines) -> Expansion:
    placed = _Unrolling(find, lines).items(written.steps, ("steps",), _Chain((written.name,)))
    if all(each.step.is_rest for each in placed):
        raise wrong(("steps",), "are rests only", "at least one step with a zone", lines)
    head = {name: getattr(written, name) for name in Head.model_fields}
    routine = Routine(**head, steps=tuple(each.step for each in placed))
    return Expansion(routine, tuple(each.origin for each in placed), lines)


def wrong(place: Place, what: str, allowed: str, lines: Lines = _NO_LINES, value: str = "") -> RoutineError:
    """Return the error about one place of a written routine, with the line that it has in its file."""
    problem = Problem(path=spell(place), line=line_of(lines, place), what=what, allowed=allowed, value=value)
    return RoutineError(str(problem), problems=(problem,))


class _Unrolling:
    """The making of flat steps in their order, which ends when they are too many or last too long."""

    def __init__(self, find: Find, lines: Lines) -> None:
        self._find = find
        self._lines = lines
        self._steps = 0
        self._records = 0
        self._total_ms = 0

    def items(self, items: Iterable[Item], at: Place, chain: _Chain) -> list[_Placed]:
        """Return the flat steps of a list of items."""
        made: list[_Placed] = []
        mirrored = 0
        for index, item in enumerate(items):
            place = (*at, index)
            if isinstance(item, Mirror):
                since, shown = made[mirrored:], chain.at(place)
                if not any(each.alone for each in since):
                    allowed = "a step on one side before it, after the last mirror"
                    raise wrong(shown, "has nothing to mirror", allowed, self._lines)
                other = [self._mirrored(each, shown) for each in since if each.alone or each.step.is_rest]
                made[mirrored:] = [*(replace(each, alone=False) for each in since), *other]
                mirrored = len(made)
            else:
                made += self._item(item, place, chain)
        return made

    def _item(self, item: Item, place: Place, chain: _Chain) -> list[_Placed]:
        origin = Origin(chain.at(place), chain.names[1:])
        if isinstance(item, WrittenStep):
            return self._sides(item, origin)
        if isinstance(item, Rest):
            return [self._place(Step(title=item.title, cue=item.cue, duration_s=item.rest_s), origin)]
        if isinstance(item, Repeat):
            rounds = (self.items(item.steps, (*place, "steps"), chain) for _ in range(item.repeat))
            return [each for one in rounds for each in one]
        return self._included(item.include, place, chain) if isinstance(item, Include) else []

    def _included(self, name: str, place: Place, chain: _Chain) -> list[_Placed]:
        where = (*place, "include") if chain.place is None else chain.place
        names, value = (*chain.names, name), f'"{name}"'
        shown = " → ".join(names)
        if name in chain.names:
            raise wrong(
                where, f"includes itself: {shown}", "routines that do not lead back to this one", self._lines, value
            )
        if len(chain.names) > MAX_DEPTH:
            allowed = f"at most {MAX_DEPTH} routines, one in the other"
            raise wrong(where, f"includes too deeply: {shown}", allowed, self._lines, value)
        try:
            included = self._find(name)
        except RoutineError as error:
            raise wrong(where, f"cannot be included: {error.lines[0]}", "", self._lines, value) from error
        return self.items(included.steps, ("steps",), _Chain(names, where))

    def _sides(self, item: WrittenStep, origin: Origin) -> list[_Placed]:
        both = item.side is Side.BOTH
        zones = [zone_of(item.zone, side) for side in ((Side.LEFT, Side.RIGHT) if both else (item.side,))]
        alone = item.side is not None and not both
        return [self._place(_flat(item, zone, both=both), origin, alone=alone) for zone in zones]

    def _mirrored(self, each: _Placed, place: Place) -> _Placed:
        return self._place(on_the_other_side(each.step), replace(each.origin, place=place))

    def _place(self, step: Step, origin: Origin, *, alone: bool = False) -> _Placed:
        self._steps += 1
        self._records += 1 + len(step.keyframes)
        self._total_ms += step.duration_ms
        if self._steps > MAX_STEPS:
            allowed = f"at most {MAX_STEPS} steps together"
            raise wrong(origin.place, f"makes more than {MAX_STEPS} steps", allowed, self._lines)
        if self._records > MAX_STEPS_AND_KEYFRAMES:
            allowed = f"at most {MAX_STEPS_AND_KEYFRAMES} steps and keyframes together"
            what = f"makes more than {MAX_STEPS_AND_KEYFRAMES} steps and keyframes"
            raise wrong(origin.place, what, allowed, self._lines)
        if self._total_ms > _MOST_MS:
            most_s = _MOST_MS / MILLISECONDS_PER_SECOND
            allowed = f"at most {most_s:g} s together"
            raise wrong(origin.place, f"makes the massage last longer than {most_s:g} s", allowed, self._lines)
        return _Placed(step, origin, alone)


def _flat(item: WrittenStep, zone: Zone, *, both: bool) -> Step:
    title, cue, cues = item.title, item.cue, item.cues
    if both:
        title = None if title is None else with_its_side(zone, title)
        cue = None if cue is None else on_the_side_of(zone, cue)
        cues = tuple(
            each.model_copy(update={"text": on_the_side_of(zone, each.text)[:CUE_RUN_LENGTH]}) for each in cues
        )
    common = {name: getattr(item, name) for name in StepBase.model_fields}
    return Step(
        **{**common, "cues": cues},
        title=title or title_of(zone),
        zone=zone,
        band_kpa=item.band_kpa,
        cue=cue or cue_of(item.technique, item.direction, zone),
    )


def on_the_other_side(step: Step) -> Step:
    """Return a step on the other side of the face, with left and right exchanged in its words; others as they are."""
    zone = None if step.zone is None else other_side(step.zone)
    if zone is None:
        return step
    cues = tuple(each.model_copy(update={"text": other_side_words(each.text, CUE_RUN_LENGTH)}) for each in step.cues)
    title, cue = other_side_words(step.title, TITLE_RUN_LENGTH), other_side_words(step.cue, CUE_RUN_LENGTH)
    return step.model_copy(update={"zone": zone, "title": title, "cue": cue, "cues": cues})
