"""The dwell time on one place of the face: one rule of arithmetic shared by lint, gate and firmware.

A place (a zone with its side) fills by the time for which outputs are on there, and empties by the time for which it is
not worked: in a rest, on another place, in a pause, between massages. It never falls below zero. All times in one call
have the same unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glowtool.model.face import Zone

#: For each place that is not empty, the time that it has been worked; the number of the zone names the place.
Fills = dict[int, int]

#: A place that is worked (None: no place), and for how long.
Stretch = tuple[int | None, int]


@dataclass(frozen=True, slots=True)
class Overrun:
    """A stretch, counted from 0, at whose end its place would have been worked for longer than allowed."""

    index: int
    place: int
    worked: int
    most: int

    @property
    def rest(self) -> int:
        """How long the place has to rest before this stretch."""
        return self.worked - self.most


class Worked(Protocol):
    """A step, in people's units or the wire's: the place, whether it is worked, and for how long."""

    @property
    def zone(self) -> Zone:
        """The place on the face."""

    @property
    def works(self) -> bool:
        """Whether the step asks for any output."""

    @property
    def duration_ms(self) -> int:
        """The duration of the step."""


def worked_place(step: Worked) -> int | None:
    """Return the place that a step works, or None for a step without outputs."""
    return int(step.zone) if step.works else None


def stretches(steps: Iterable[Worked], *, per_ms: int = 1) -> list[Stretch]:
    """Return the stretches of a program, in ms, or in units of which `per_ms` make 1 ms."""
    return [(worked_place(step), step.duration_ms * per_ms) for step in steps]


def passed(fills: Mapping[int, int], place: int | None, time: int) -> Fills:
    """Return the fills of places after `time` in which one of them, or none, was worked."""
    after = {other: held - time for other, held in fills.items() if other != place and held > time}
    if place is not None:
        after[place] = fills.get(place, 0) + time
    return after


def overruns(program: Iterable[Stretch], most: int, fills: Mapping[int, int] | None = None) -> tuple[Overrun, ...]:
    """Return the stretches that would work a place for longer than `most`, each as if the earlier rests were taken.

    `fills` are the fills of places at the beginning.
    """
    held: Mapping[int, int] = fills or {}
    found = []
    for index, (place, time) in enumerate(program):
        held = passed(held, place, time)
        if place is not None and held[place] > most:
            found.append(Overrun(index, place, held[place], most))
            held = {**held, place: most}
    return tuple(found)
