"""Random routines that are drawn soon: brief ones with all that the language can say, and ones near the ceilings.

Unlike the strategies of `written`, these draw from a `random.Random`: thousands of them cost little. Most keep to the
ramp between keyframes, so that the lint passes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import RoutineError
from glowtool.model.face import Direction
from glowtool.model.output import Pattern
from glowtool.routine import Goal, Keyframe, Microcurrent, Return, Technique, Vibration, WrittenRoutine, expand
from glowtool.routine.written.models import Mirror, Repeat, Rest, WrittenStep
from glowtool.routine.written.places import Region, Side, has_sides
from support.routines.written import CURRENTS, FREE

if TYPE_CHECKING:
    import random

    from glowtool.routine import Routine
    from glowtool.routine.written.models import Item

#: The longest routine, and how long most steps are.
LONGEST_S: Final = 20.0
_STEP_S: Final = (1.0, 1.2, 2.0, 4.0)

#: So often a level of a keyframe goes anywhere, and not only as far as the ramp lets it.
_ANYWHERE: Final = 0.03

_SIDES, _FREE, _REGIONS = tuple(Side), tuple(FREE), tuple(Region)
_FULL_UA: Final = 400


def draw_brief(chance: random.Random) -> Routine:
    """Draw a routine of at most twenty seconds: steps, rests, repeats and mirrors, as it is expanded."""
    while True:
        made = _items(chance, chance.choice((1, 1, 2)), depth=0)
        if chance.random() < 0.4:
            made = _mirrored(made)
        routine = _expanded(chance, made)
        if routine is not None and routine.duration_s <= LONGEST_S:
            return routine


def draw_crowded(chance: random.Random) -> Routine:
    """Draw a routine of long steps on few places, of which many work a place for longer than allowed."""
    places = [(chance.choice(_FREE[1:3]), chance.choice((Side.LEFT, Side.RIGHT))) for _ in range(chance.randint(1, 3))]
    while True:
        made: list[Item] = []
        for _ in range(chance.randint(2, 7)):
            duration_s = round(chance.uniform(30.0, chance.choice((100.0, 300.0))), chance.choice((0, 3)))
            if chance.random() < 0.25:
                made.append(Rest(rest_s=duration_s))
                continue
            region, side = chance.choice(places)
            amplitude_percent = round(chance.uniform(1.0, 100.0), 1)
            made.append(
                WrittenStep(
                    zone=region,
                    side=side,
                    duration_s=duration_s,
                    vibration=Vibration(amplitude_percent=amplitude_percent) if chance.random() < 0.9 else None,
                    microcurrent=Microcurrent(peak_ua=10 * chance.randint(1, 40)) if chance.random() < 0.5 else None,
                )
            )
        routine = _expanded(chance, made)
        if routine is not None:
            return routine


def _expanded(chance: random.Random, made: list[Item]) -> Routine | None:
    """Return the routine of these items; None: it is a rest as a whole, or is longer than any massage."""
    goal = chance.choice(tuple(Goal))
    try:
        return expand(
            WrittenRoutine(name="drawn", title="Drawn", goal=goal, description="Drawn.", steps=tuple(made))
        ).routine
    except RoutineError:
        return None


def _items(chance: random.Random, number: int, depth: int) -> list[Item]:
    return [_item(chance, depth) for _ in range(number)]


def _item(chance: random.Random, depth: int) -> Item:
    kind = chance.random()
    if kind < 0.12:
        return Rest(rest_s=round(chance.uniform(1.0, 2.0), chance.choice((1, 3))))
    if kind < 0.3 and depth < 2:
        return Repeat(repeat=chance.randint(2, 3), steps=tuple(_items(chance, chance.choice((1, 1, 2)), depth + 1)))
    return _step(chance)


def _mirrored(made: list[Item]) -> list[Item]:
    one_side = any(isinstance(item, WrittenStep) and item.side in {Side.LEFT, Side.RIGHT} for item in made)
    return [*made, Mirror(mirror=True)] if one_side else made


def _step(chance: random.Random) -> WrittenStep:
    region = chance.choice(_FREE if chance.random() < 0.9 else _REGIONS)
    duration_s = round(chance.uniform(1.0, chance.choice(_STEP_S)), 3)
    ramp_s = 4.0 if chance.random() < 0.7 else round(chance.uniform(4.0, 8.0), 1)
    vibration = _vibration(chance) if chance.random() < 0.8 else None
    current = _current(chance) if chance.random() < 0.7 else None
    keyframes = _keyframes(chance, duration_s, ramp_s, vibration, current) if chance.random() < 0.6 else ()
    if not any(each.amplitude_percent for each in keyframes) and vibration and not vibration.amplitude_percent:
        vibration = vibration.model_copy(update={"amplitude_percent": 50.0})
    if not any(each.peak_ua or each.peak_percent for each in keyframes) and current and current.begins_at_zero:
        current = current.model_copy(update={"peak_ua": 100, "peak_percent": None})
    low_kpa = round(chance.uniform(0.0, 4.0), 1)
    return WrittenStep(
        zone=region,
        side=chance.choice(_SIDES) if has_sides(region) else None,
        direction=chance.choice(tuple(Direction)),
        duration_s=duration_s,
        technique=chance.choice(tuple(Technique)),
        stroke_return=chance.choice(tuple(Return)),
        vibration=vibration,
        microcurrent=current,
        ramp_s=ramp_s,
        keyframes=keyframes,
        band_kpa=(low_kpa, round(chance.uniform(low_kpa + 0.5, 5.5), 1)),
    )


def _vibration(chance: random.Random) -> Vibration:
    return Vibration(
        amplitude_percent=0.0 if chance.random() < 0.15 else round(chance.uniform(1.0, 100.0), 1),
        frequency_hz=round(chance.uniform(40.0, 150.0), 1),
        pattern=chance.choice(tuple(Pattern)),
        period_s=round(chance.uniform(0.25, 4.0), 2),
    )


def _current(chance: random.Random) -> Microcurrent:
    frequency_hz, waveform = round(chance.uniform(1.0, 100.0), 1), chance.choice(CURRENTS)
    if chance.random() < 0.5:
        peak_percent = 0.0 if chance.random() < 0.15 else round(chance.uniform(1.0, 100.0), 1)
        return Microcurrent(peak_percent=peak_percent, frequency_hz=frequency_hz, waveform=waveform)
    peak_ua = 0 if chance.random() < 0.15 else 10 * chance.randint(1, 40)
    return Microcurrent(peak_ua=peak_ua, frequency_hz=frequency_hz, waveform=waveform)


def _keyframes(
    chance: random.Random,
    duration_s: float,
    ramp_s: float,
    vibration: Vibration | None,
    current: Microcurrent | None,
) -> tuple[Keyframe, ...]:
    """Draw one to four keyframes, each of which names the levels of some outputs."""
    lines: dict[str, _Course] = {}
    if vibration is not None:
        lines["amplitude_percent"] = _Course(vibration.amplitude_percent, 100.0, ramp_s)
    if current is not None and current.peak_ua is not None:
        lines["peak_ua"] = _Course(current.peak_ua, _FULL_UA, ramp_s, 10)
    elif current is not None:
        lines["peak_percent"] = _Course(current.peak_percent or 0.0, 100.0, ramp_s)
    # Shaking grows with the frequency of the vibration, and the charge of a phase with the period of the current.
    vibration_hz = vibration.frequency_hz if vibration else 0.0
    current_hz = current.frequency_hz if current else 0.0
    found = []
    for at_s in sorted({round(chance.uniform(0.05, duration_s), 3) for _ in range(chance.randint(1, 4))}):
        levels = {name: line.next(at_s, chance) for name, line in lines.items() if chance.random() < 0.8}
        if vibration is not None and chance.random() < 0.3:
            vibration_hz = round(chance.uniform(40.0, 150.0 if chance.random() < _ANYWHERE else vibration_hz), 1)
            levels["vibration_hz"] = vibration_hz
        if current is not None and chance.random() < 0.3:
            current_hz = round(chance.uniform(1.0 if chance.random() < _ANYWHERE else current_hz, 100.0), 1)
            levels["current_hz"] = current_hz
        if levels:
            found.append(Keyframe.model_validate({"at_s": at_s, **levels}))
    return tuple(found)


class _Course:
    """The course of a level: from keyframe to keyframe it rises no faster than in `ramp_s` from nothing to `full`."""

    def __init__(self, level: float, full: float, ramp_s: float, steps: int = 0) -> None:
        self._level, self._full, self._ramp_s, self._steps = level, full, ramp_s, steps
        self._at_s = 0.0

    def next(self, at_s: float, chance: random.Random) -> float:
        most = min(self._full, self._level + self._full * (at_s - self._at_s) / self._ramp_s)
        most = self._full if chance.random() < _ANYWHERE else most
        level = chance.choice((most, chance.uniform(0.0, most), chance.uniform(min(self._level, most), most)))
        self._level = int(level) // self._steps * self._steps if self._steps else int(level * 10) / 10
        self._at_s = at_s
        return self._level
