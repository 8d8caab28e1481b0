"""Random routines and live trims through lint, gate and firmware: no later layer refuses what an earlier one passed.

    PYTHONPATH=tests python -m measure.safety.agreement --number 10000 --jobs 2
    PYTHONPATH=tests python -m measure.safety.agreement --number 10000 --jobs 2 --only alone

It has two parts. In the first, routines with keyframes, repeats, mirrors and rests are put through all layers, for a
person with maxima of his own, until the lint has passed the number: what it passes has to pass the gate, the gate at
the wire and the firmware, and so has each trim, skip, extension, pause and resumption while it runs. In the second,
such routines without a lint, and programs of any bytes, go to a firmware with nothing before it, until it has taken
the number; it also meets orders that no host of ours gives. In both, every tick of motor and electrode is judged
against the table of ceilings.

Most routines last some seconds and are followed to their very end; the others are as long as the language allows, and
are followed for `--follow` seconds, many from a place further on. The same seed gives the same brief ones.
"""

from __future__ import annotations

import argparse
import enum
import multiprocessing
import os
import random
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from chaos.programs import draw_program
from glowtool.protocol.program import pack_program
from glowtool.routine import compile_routine
from glowtool.safety import PersonalMax
from measure.safety.layers import alone, beyond, through_all
from measure.safety.seen import Seen
from support.device.programs import any_programs, raw_program
from support.routines.brief import draw_brief, draw_crowded
from support.routines.written import FLAT, GENTLE_FLAT

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.routine import Routine

_T = TypeVar("_T")

#: How many massages a process does before it reports, and so often a routine is a long one.
SHARE: Final = 50
_LONG: Final = 0.15

#: So often it is one of long steps on few places.
_CROWDED: Final = 0.05

#: A brief massage that was lengthened is left after so long.
_BRIEF_S: Final = 12.0


class Part(enum.StrEnum):
    """The two parts of the measure."""

    LAYERS = "layers"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the work: how many massages, for how long the long ones are followed, and until when to begin."""

    part: Part
    number: int
    follow_s: float
    seed: int
    until_s: float = float("inf")


def look(share: Share) -> Seen:
    """Do a share: draw until so many routines were passed by the lint, or so many programs taken by the firmware."""
    seen = Seen()
    if time.monotonic() > share.until_s:
        return seen
    long = _Stock(st.one_of(GENTLE_FLAT, GENTLE_FLAT, FLAT), share.seed)
    raw = _Stock(any_programs().map(raw_program), share.seed)
    done = drawn = 0
    while done < share.number:
        drawn += 1
        # One for each massage, so that none depends on what became of those before it.
        chance = random.Random(f"{share.part} {share.seed} {drawn}")
        match share.part:
            case Part.LAYERS:
                done += _layered(chance, long, share.follow_s, seen)
            case Part.ALONE:
                done += _alone(chance, long, raw, share.follow_s, seen)
    return seen


def _layered(chance: random.Random, long: _Stock[Routine], follow_s: float, seen: Seen) -> bool:
    kind = chance.random()
    is_long = kind < _LONG + _CROWDED
    if kind < _LONG:
        routine = long.next()
    elif is_long:
        routine = draw_crowded(chance)
    else:
        routine = draw_brief(chance)
    seen.counts["routines drawn"] += 1
    seen.counts["of them long ones"] += is_long
    seen.counts["of these on few places, near the ceilings of place and massage"] += is_long and kind >= _LONG
    personal = _person(chance)
    return through_all(compile_routine(routine, personal), personal, chance, follow_s if is_long else _BRIEF_S, seen)


def _alone(chance: random.Random, long: _Stock[Routine], raw: _Stock[bytes], follow_s: float, seen: Seen) -> bool:
    kind = chance.random()
    if kind < 0.4:
        data, name = pack_program(compile_routine(draw_brief(chance))), "brief routines"
    elif kind < 0.5:
        data, name = pack_program(compile_routine(long.next())), "long routines"
    elif kind < 0.75:
        data, name = draw_program(chance, wrong=0.2, seconds=(1.0, 1.6)), "brief programs of bytes"
    elif kind < 0.9:
        data, name = raw.next(), "programs of any bytes"
    else:
        data, name = _spoilt(draw_program(chance, seconds=(1.0, 1.6)), chance), "programs of levels over the ceilings"
    seen.counts[f"sent: {name}"] += 1
    seen.counts["sent with a level over a ceiling"] += beyond(data)
    return alone(data, chance, _BRIEF_S if "brief" in name else follow_s, seen)


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    """Return a program of which a record asks for more than the ceilings allow: of amplitude or of current."""
    at = chance.randrange(len(data) // 24) * 24
    place, most = chance.choice(((8, 1000), (14, 400)))
    level = chance.choice((most + 1, 2 * most, chance.randint(most + 1, 65_535), 65_535))
    return data[: at + place] + level.to_bytes(2, "little") + data[at + place + 2 :]


def _person(chance: random.Random) -> PersonalMax:
    if chance.random() < 0.3:
        return PersonalMax(peak_ua=400, amplitude=1.0)
    return PersonalMax(peak_ua=chance.randint(0, 400), amplitude=chance.randint(0, 1000) / 1000)


class _Stock(list[_T]):
    """Values of a strategy, drawn when they are wanted; the same seed gives the same ones."""

    def __init__(self, strategy: st.SearchStrategy[_T], from_seed: int) -> None:
        super().__init__()
        self._strategy, self._seed = strategy, from_seed

    def next(self) -> _T:
        if not self:
            self._seed += 1_000_000_007
            _draw(self._strategy, self._seed, self.append)
        return self.pop()


def _draw(strategy: st.SearchStrategy[_T], from_seed: int, take: Callable[[_T], None]) -> None:
    @seed(from_seed)
    @settings(
        max_examples=20,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def drawn(value: _T) -> None:
        take(value)

    drawn()


def measure(part: Part, asked: argparse.Namespace) -> Seen:
    """Do one part with several processes, and print what was seen."""
    began_s, seen = time.monotonic(), Seen()
    until_s = began_s + 60 * asked.minutes
    work = [
        Share(part, min(SHARE, asked.number - at), asked.follow, asked.seed * 1_000_000 + at, until_s)
        for at in range(0, asked.number, SHARE)
    ]
    with multiprocessing.Pool(asked.jobs) as pool:
        for place, found in enumerate(pool.imap_unordered(look, work), 1):
            seen.add(found)
            print(f"\r{part}: {place}/{len(work)}, {len(seen.wrong)} wrong", end="", file=sys.stderr, flush=True)
    print(
        f"\n{part}: seed {asked.seed}, long ones for {asked.follow:g} s, {time.monotonic() - began_s:.0f} s of wall\n"
    )
    for name, count in [*sorted(seen.counts.items()), ("different programs run", len(seen.programs))]:
        print(f"  {name:64} {count:>12,}")
    print(f"\nwrong: {len(seen.wrong)}")
    for line in seen.wrong[:20]:
        print(f"  {line}")
    return seen


def main() -> int:
    """Run what the arguments ask for; 1 when a layer refused what an earlier one passed, or a ceiling was passed."""
    parser = argparse.ArgumentParser(description="lint, gate and firmware agree")
    parser.add_argument("--number", type=int, default=200, help="how many massages of each part")
    parser.add_argument("--follow", type=float, default=5.0, help="how long a long one is followed, in virtual seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=Part, choices=tuple(Part), help="one part alone")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many processes")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin nothing more of a part after these")
    asked = parser.parse_args()
    parts = tuple(Part) if asked.only is None else (asked.only,)
    seen = [measure(part, asked) for part in parts]
    return 1 if any(each.wrong for each in seen) else 0


if __name__ == "__main__":
    sys.exit(main())
