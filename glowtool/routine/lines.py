"""The courses of a step's levels over time: straight lines from keyframe to keyframe."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from glowtool.routine.outputs import Keyframe


@dataclass(frozen=True, slots=True)
class Line:
    """The course of one number: straight between its moments; after the last one it holds."""

    moments_ms: tuple[int, ...]
    values: tuple[float, ...]

    def at(self, moment_ms: int) -> float:
        """Return the value at a moment."""
        after = bisect_right(self.moments_ms, moment_ms)
        if after == len(self.moments_ms):
            return self.values[-1]
        (begin, end), (low, high) = self.moments_ms[after - 1 : after + 1], self.values[after - 1 : after + 1]
        return low + (high - low) * (moment_ms - begin) / (end - begin)


def line_of(begin: float, keyframes: Iterable[Keyframe], value: Callable[[Keyframe], float | None]) -> Line:
    """Return the line of the number that `value` takes from a keyframe; None: the keyframe does not touch it."""
    named = [(at_ms(keyframe), found) for keyframe in keyframes if (found := value(keyframe)) is not None]
    return Line((0, *(moment for moment, _ in named)), (begin, *(found for _, found in named)))


def at_ms(keyframe: Keyframe) -> int:
    """Return the moment of a keyframe in whole milliseconds, as in a program."""
    return round(keyframe.at_s * MILLISECONDS_PER_SECOND)
