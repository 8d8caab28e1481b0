"""A track: vibration over time, as a file of another program has it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from glowtool.model.ceilings import CeilingId, limit

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Where a file says nothing of a frequency: at this one vibration had the largest effect in a study of 65 to 85 Hz.
USUAL_HZ: Final = 75.0

LOWEST_HZ: Final = limit(CeilingId.VIBRATION_FREQUENCY_MIN)
HIGHEST_HZ: Final = limit(CeilingId.VIBRATION_FREQUENCY_MAX)

#: The latest moment of a file: nothing that is played lasts longer than a day.
LATEST_S: Final = 86_400.0

#: An output falls at once; a line between two points needs some time for it.
FALL_S: Final = 0.01


class Point(NamedTuple):
    """The vibration at one moment: the amplitude as a share of the file's full, 0 to 1."""

    at_s: float
    amplitude: float
    frequency_hz: float = USUAL_HZ


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that a file says at one moment."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Track:
    """The vibration of a file, in straight lines between its points, from 0 s on.

    `lost` says, in people's words, what of the file is not in the track.
    """

    points: tuple[Point, ...]
    title: str = ""
    notes: tuple[Note, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """The moment of the last point."""
        return self.points[-1].at_s if self.points else 0.0

    def without(self, *lost: str) -> Track:
        """Return the track with more sentences about what is lost; empty ones are left out."""
        return replace(self, lost=(*self.lost, *filter(None, lost)))


def stepped_apart(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return points whose times increase: of several at one moment the first and the last, a short fall apart."""
    apart: list[Point] = []
    for point in points:
        if apart and point.at_s <= apart[-1].at_s:
            if len(apart) > 1 and apart[-1].at_s - apart[-2].at_s <= FALL_S:
                apart[-1] = point._replace(at_s=apart[-1].at_s)
                continue
            point = point._replace(at_s=apart[-1].at_s + FALL_S)  # noqa: PLW2901 - the same point, a little later
        apart.append(point)
    return tuple(apart)


def between(before: Point, after: Point, at_s: float) -> Point:
    """Return the point on the line between two points at a moment."""
    span_s = after.at_s - before.at_s
    share = (at_s - before.at_s) / span_s if span_s else 1.0
    return Point(
        at_s,
        before.amplitude + (after.amplitude - before.amplitude) * share,
        before.frequency_hz + (after.frequency_hz - before.frequency_hz) * share,
    )


def motor_hz(share: float) -> float:
    """Return the motor's frequency for a share, 0 to 1, of a file's range: from its dullest to its sharpest."""
    return LOWEST_HZ + (HIGHEST_HZ - LOWEST_HZ) * share


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun, such as `1 tap` and `3 taps`."""
    return f"{number} {one if number == 1 else many}"
