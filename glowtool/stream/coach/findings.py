"""What a reading of the meter tells about each piece of advice. None: nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.face import SIGN_OF_DIRECTION, Direction
from glowtool.stream.coach.shares import Rule
from glowtool.stream.coach.tips import TIP_OF_DIRECTION, Tip
from glowtool.stream.live.meter import Band

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.stream.live.meter import HeadMeter, MeterReading

#: The meter counts strokes over its last ten seconds, which until then are partly those of the step before.
RATE_KNOWN_AFTER_S: Final = 10.0

#: Rolling back and forth is half of the way in the asked direction; somebody who rolls the wrong way only is at 1.
_WRONG_WAY: Final = Rule(window_s=10, least_s=3, on=0.85, off=0.65)

#: How long a finding must make up how much of the contact before it is told. All are design values: no study says how
#: soon a coach may speak. A person lifts between strokes, so shares are of the time that tells of a finding.
RULES: Final[Mapping[Tip, Rule]] = {
    Tip.LAY_ON: Rule(window_s=5, least_s=4, on=0.95, off=0.5),
    Tip.BOTH_HEADS: Rule(window_s=4, least_s=2, on=0.7, off=0.3),
    Tip.EVEN_OUT: Rule(window_s=5, least_s=2, on=0.6, off=0.3),
    Tip.PRESS_LESS: Rule(window_s=6, least_s=1.5, on=0.6, off=0.3),
    Tip.PRESS_MORE: Rule(window_s=6, least_s=3, on=0.75, off=0.4),
    Tip.KEEP_MOVING: Rule(window_s=5, least_s=4, on=0.9, off=0.6),
    **dict.fromkeys(TIP_OF_DIRECTION.values(), _WRONG_WAY),
    Tip.LIFT_BACK: Rule(window_s=10, least_s=4, on=0.3, off=0.15),
    Tip.SLOWER: Rule(window_s=4, least_s=3, on=0.9, off=0.2),
    Tip.FASTER: Rule(window_s=4, least_s=3, on=0.9, off=0.2),
    Tip.WELL_DONE: Rule(window_s=20, least_s=12, on=0.9, off=0.8),
}

#: The rate of strokes that is too fast or too slow, as a share of the one asked for; and from where it no longer is.
_FAST_ON, _FAST_OFF = 1.35, 1.2
_SLOW_ON, _SLOW_OFF = 0.65, 0.8


@dataclass(frozen=True, slots=True)
class Demand:
    """What a step asks for, as far as the meter can tell: direction and strokes a minute.

    `lifts_back`: the roller leaves the skin on the way back. `still`: it is held in one place.
    """

    direction: Direction = Direction.ANY
    strokes_per_min: float | None = None
    lifts_back: bool = False
    still: bool = False


def found_in(reading: MeterReading, demand: Demand, since_s: float, holds: frozenset[Tip]) -> dict[Tip, bool | None]:
    """Return what a reading tells of each finding, `since_s` after the step began; `holds` are those found so far."""
    heads = tuple(reading.heads.values())
    touching = tuple(head for head in heads if head.contact)
    found: dict[Tip, bool | None] = dict.fromkeys(Tip)
    found[Tip.LAY_ON] = not touching
    if touching:
        found |= _pressure(touching, among=len(heads))
        found |= _movement(reading, touching, demand)
    found |= _rhythm(reading, demand, since_s, holds)
    return found


def _pressure(touching: tuple[HeadMeter, ...], *, among: int) -> dict[Tip, bool | None]:
    bands = {head.band for head in touching}
    above, below = Band.ABOVE in bands, Band.BELOW in bands
    return {
        Tip.BOTH_HEADS: len(touching) < among,
        Tip.EVEN_OUT: above and below,
        Tip.PRESS_LESS: above and not below,
        Tip.PRESS_MORE: bands == {Band.BELOW},
        Tip.WELL_DONE: bands == {Band.IN},
    }


def _movement(reading: MeterReading, touching: tuple[HeadMeter, ...], demand: Demand) -> dict[Tip, bool | None]:
    if reading.strokes is None:  # nothing measures how the heads roll
        return {}
    way = sum(head.direction for head in touching)
    found: dict[Tip, bool | None] = {Tip.KEEP_MOVING: None if demand.still else way == 0}
    sign = SIGN_OF_DIRECTION[demand.direction]
    if way == 0 or sign == 0:
        return found
    found[TIP_OF_DIRECTION[demand.direction]] = way * sign < 0
    found[Tip.LIFT_BACK] = way * sign < 0 if demand.lifts_back else None
    return found


def _rhythm(reading: MeterReading, demand: Demand, since_s: float, holds: frozenset[Tip]) -> dict[Tip, bool | None]:
    rate, asked = reading.stroke_rate_per_min, demand.strokes_per_min
    if not rate or asked is None or since_s < RATE_KNOWN_AFTER_S:
        return {}
    return {
        Tip.SLOWER: rate > asked * (_FAST_OFF if Tip.SLOWER in holds else _FAST_ON),
        Tip.FASTER: rate < asked * (_SLOW_OFF if Tip.FASTER in holds else _SLOW_ON),
    }
