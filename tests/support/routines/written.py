"""Random written routines, as hypothesis strategies: whatever the language can say, and what is within the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hypothesis import strategies as st

from glowtool.errors import RoutineError
from glowtool.model.face import Direction
from glowtool.model.output import Pattern, Waveform
from glowtool.routine import (
    Cue,
    Evidence,
    Goal,
    Keyframe,
    Microcurrent,
    Return,
    Technique,
    Vibration,
    WrittenRoutine,
    expand,
)
from glowtool.routine.written.expand import no_includes
from glowtool.routine.written.models import Include, Mirror, Repeat, Rest, WrittenStep
from glowtool.routine.written.places import Region, Side, has_sides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.routine import Find, Routine
    from glowtool.routine.written.models import Item

#: Text that a title may have: nothing that steers a terminal.
LINE: Final = st.sampled_from(["Left cheek", 'right "and" left', "\\ ; # =", "µ\u2028\u202e", "1"]) | st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8
)
LINES: Final = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1, max_size=40
)
NAMES: Final = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
CURRENTS: Final = tuple(shape for shape in Waveform if shape is not Waveform.NONE)

#: Regions on which the zone table allows vibration at any amplitude, and current.
FREE: Final = (Region.FOREHEAD, Region.CHEEK, Region.JAW, Region.CHIN)


def number(low: float, high: float) -> st.SearchStrategy[float]:
    """Return numbers as people write them, and as computers do."""
    tens = st.integers(round(low * 10), round(high * 10)).map(lambda count: min(max(count / 10, low), high))
    return tens | st.floats(low, high, allow_nan=False)


PEAKS: Final = st.integers(0, 40).map(lambda tens: tens * 10)
PERCENTS: Final = number(0, 100)
LEVELS: Final = st.fixed_dictionaries({}, optional={"amplitude_percent": PERCENTS, "vibration_hz": number(40, 150)})
CURRENT_LEVELS: Final = st.fixed_dictionaries({}, optional={"current_hz": number(1, 100)})
PEAK_LEVELS: Final[st.SearchStrategy[dict[str, float]]] = st.one_of(
    st.just({}), PEAKS.map(lambda peak: {"peak_ua": peak}), PERCENTS.map(lambda percent: {"peak_percent": percent})
)


@st.composite
def vibrations(draw: st.DrawFn) -> Vibration:
    return Vibration(
        amplitude_percent=draw(number(1, 100)),
        frequency_hz=draw(number(40, 150)),
        pattern=draw(st.sampled_from(Pattern)),
        period_s=draw(number(0.25, 10)),
    )


@st.composite
def microcurrents(draw: st.DrawFn) -> Microcurrent:
    peak = draw(
        st.fixed_dictionaries({"peak_ua": PEAKS.filter(bool)}) | st.fixed_dictionaries({"peak_percent": number(1, 100)})
    )
    return Microcurrent(**peak, frequency_hz=draw(number(1, 100)), waveform=draw(st.sampled_from(CURRENTS)))


def _moments(draw: st.DrawFn, low_ms: int, high_ms: int, apart_ms: int, most: int) -> list[float]:
    """Draw moments in order, each some time after the one before."""
    found: list[float] = []
    at_ms = low_ms
    for _ in range(draw(st.integers(0, most))):
        if at_ms > high_ms:
            break
        at_ms = draw(st.integers(at_ms, high_ms))
        found.append(at_ms / 1000)
        at_ms += apart_ms
    return found


@st.composite
def steps(draw: st.DrawFn, regions: Sequence[Region] = tuple(Region), *, gentle: bool = False) -> WrittenStep:
    """Draw a step; a gentle one lets each level take at least the time of the ramp."""
    region = draw(st.sampled_from(regions))
    side = draw(st.sampled_from(Side)) if has_sides(region) else None
    duration_s = draw(number(1, 60))
    if draw(st.booleans()):  # most of what people write, and soon drawn
        return WrittenStep(zone=region, side=side, duration_s=duration_s, vibration=draw(st.none() | vibrations()))
    ramp_s = draw(number(4, 20))
    vibration, current = draw(st.none() | vibrations()), draw(st.none() | microcurrents())
    later = draw(st.booleans())
    apart_ms = 1 + round(ramp_s * 1000) if gentle else 1
    keyframes = []
    for at_s in _moments(draw, apart_ms, round(duration_s * 1000), apart_ms, 4):
        levels: dict[str, float] = {}
        if vibration is not None:
            levels |= draw(LEVELS)
        if current is not None:
            levels |= draw(CURRENT_LEVELS) | draw(PEAK_LEVELS)
        if levels:
            keyframes.append(Keyframe.model_validate({"at_s": at_s, **levels}))
    if later and vibration is not None and any(keyframe.amplitude_percent for keyframe in keyframes):
        vibration = vibration.model_copy(update={"amplitude_percent": 0.0})
    if later and current is not None and any(keyframe.peak_ua or keyframe.peak_percent for keyframe in keyframes):
        current = Microcurrent(peak_ua=0, frequency_hz=current.frequency_hz, waveform=current.waveform)
    low_kpa = draw(number(0, 4))
    return WrittenStep(
        zone=region,
        side=side,
        title=draw(st.none() | LINE),
        direction=draw(st.sampled_from(Direction)),
        duration_s=duration_s,
        technique=draw(st.sampled_from(Technique)),
        stroke_return=draw(st.sampled_from(Return)),
        vibration=vibration,
        microcurrent=current,
        ramp_s=ramp_s,
        keyframes=tuple(keyframes),
        band_kpa=(low_kpa, draw(number(low_kpa + 0.5, 5.5 if gentle else 9.3))),
        strokes_per_min=draw(st.none() | number(1, 120)),
        cue=draw(st.none() | LINE),
        cues=tuple(Cue(at_s=at_s, text=draw(LINE)) for at_s in _moments(draw, 0, round(duration_s * 1000) - 1, 1, 2)),
    )


RESTS: Final = st.builds(
    Rest, rest_s=number(1, 30), title=st.just("Rest") | LINE, cue=st.just("Lift the roller off and rest") | LINE
)


def items(step: st.SearchStrategy[WrittenStep], includes: Sequence[str] = ()) -> st.SearchStrategy[list[Item]]:
    """Return lists of items that make few enough steps, in which each mirror has something to mirror."""
    plain: st.SearchStrategy[Item] = step | RESTS
    if includes:
        plain = plain | st.builds(Include, include=st.sampled_from(includes))
    inner = _with_mirrors(st.lists(plain, min_size=1, max_size=2))
    repeats = st.builds(Repeat, repeat=st.integers(1, 3), steps=inner.map(tuple))
    return _with_mirrors(st.lists(plain | repeats, min_size=1, max_size=3))


def _with_mirrors(lists: st.SearchStrategy[list[Item]]) -> st.SearchStrategy[list[Item]]:
    return st.tuples(lists, st.booleans()).map(lambda drawn: _mirrored(*drawn))


def _mirrored(made: list[Item], mirror: bool) -> list[Item]:
    one_side = [item for item in made if isinstance(item, WrittenStep) and item.side in {Side.LEFT, Side.RIGHT}]
    return [*made, Mirror(mirror=True)] if mirror and one_side else made


EVIDENCE: Final = st.builds(
    Evidence,
    claim=LINE,
    source=LINE,
    participants=st.none() | st.integers(1, 1000),
    funded_by=st.none() | LINE,
)


def written(
    made: st.SearchStrategy[list[Item]], name: st.SearchStrategy[str] = NAMES
) -> st.SearchStrategy[WrittenRoutine]:
    """Return written routines of these items that expand; for includes see `LIBRARIES`."""
    return st.builds(
        WrittenRoutine,
        name=name,
        title=LINE,
        goal=st.sampled_from(Goal),
        description=LINES,
        sources=st.lists(LINE, max_size=2).map(tuple),
        evidence=st.lists(EVIDENCE, max_size=2).map(tuple),
        steps=made.map(tuple),
    )


def expands(routine: WrittenRoutine, find: Find = no_includes) -> bool:
    """Return whether a routine makes few enough steps and is not a rest as a whole."""
    try:
        expand(routine, find)
    except RoutineError:
        return False
    return True


#: Whatever the language can say without includes, and does not refuse.
WRITTEN: Final = written(items(steps())).filter(expands)

#: Of these most pass the lint: free zones, and levels that go slowly. What is left is dwell and the limits of a day.
GENTLE: Final = written(items(steps(FREE, gentle=True))).filter(expands)

#: The flat routines of both.
FLAT: Final[st.SearchStrategy[Routine]] = WRITTEN.map(lambda routine: expand(routine).routine)
GENTLE_FLAT: Final[st.SearchStrategy[Routine]] = GENTLE.map(lambda routine: expand(routine).routine)


class Included(NamedTuple):
    """A routine that includes others, and those by name."""

    written: WrittenRoutine
    library: dict[str, WrittenRoutine]

    def find(self, name: str) -> WrittenRoutine:
        return self.library[name]


#: Steps that are soon drawn, for what is not about steps.
_FEW: Final = st.builds(WrittenStep, zone=st.sampled_from(Region), duration_s=st.just(5), title=st.none() | LINE)

#: Routines that include two others.
INCLUDING: Final = st.builds(
    lambda one, two, outer: Included(outer, {"one": one, "two": two}),
    written(items(_FEW), st.just("one")).filter(expands),
    written(items(_FEW), st.just("two")).filter(expands),
    written(items(_FEW, ("one", "two")), st.just("outer")),
).filter(lambda made: expands(made.written, made.find))
