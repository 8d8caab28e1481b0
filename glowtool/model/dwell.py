"""The dwell time on one place of the face: one rule of arithmetic shared by lint, gate and firmware.

A place, which is a zone with its side, fills by the time for which outputs are on there, and gives back as much time
as it is not worked: in a rest, on another place, in a pause, between massages. It never holds less than nothing.
All times that one call is given are in the same unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glowtool.model.face import Zone

#: For each place that holds something, the time that it has been worked; a place goes by the number of its zone.
Fills = dict[int, int]

#: A place that is worked, or None where none is, and for how long.
Stretch = tuple[int | None, int]


@dataclass(frozen=True, slots=True)
class Overrun:
    """A stretch, counted from 0, at whose end its place would have been worked for longer than is allowed."""

    index: int
    place: int
    worked: int
    most: int

    @property
    def rest(self) -> int:
        """How long the place has to be left alone before this stretch."""
        return self.worked - self.most


class Worked(Protocol):
    """A step, as people or as the wire count it: what is worked there, and for how long."""

    @property
    def zone(self) -> Zone:
        """Where on the face."""

    @property
    def works(self) -> bool:
        """Whether any output is asked for."""

    @property
    def duration_ms(self) -> int:
        """How long it lasts."""


def worked_place(step: Worked) -> int | None:
    """Return the place that a step works, or None for one that asks for no output."""
    return int(step.zone) if step.works else None


def stretches(steps: Iterable[Worked], *, per_ms: int = 1) -> list[Stretch]:
    """Return the stretches of a program, in ms, or in a unit of which so many make one."""
    return [(worked_place(step), step.duration_ms * per_ms) for step in steps]


def passed(fills: Mapping[int, int], place: int | None, time: int) -> Fills:
    """Return what places hold after `time` in which one of them, or none, was worked."""
    after = {other: held - time for other, held in fills.items() if other != place and held > time}
    if place is not None:
        after[place] = fills.get(place, 0) + time
    return after


def overruns(program: Iterable[Stretch], most: int, fills: Mapping[int, int] | None = None) -> tuple[Overrun, ...]:
    """Return the stretches that would work a place for longer than `most`, each as if the rests before were taken.

    `fills` is what places hold at the beginning.
    """
    held: Mapping[int, int] = fills or {}
    found = []
    for index, (place, time) in enumerate(program):
        held = passed(held, place, time)
        if place is not None and held[place] > most:
            found.append(Overrun(index, place, held[place], most))
            held = {**held, place: most}
    return tuple(found)
