"""The line of a step: its levels from its beginning over its keyframes, as time goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from glowtool.protocol.program import KeyframeRecord, StepRecord


class LineLevels(NamedTuple):
    """The levels that a step asks for at a moment; `hold`: they stay so until its end."""

    amplitude: float
    vibration_hz: float
    peak_ua: float
    current_hz: float
    hold: bool


class Line:
    """The way of one run of a step over its keyframes. Moments are asked for in the order of time."""

    def __init__(self, step: StepRecord) -> None:
        ends = [(point.at_ms * 1000, _levels(point)) for point in step.keyframes]
        self._lines = list(zip([(0, _levels(step)), *ends], ends, strict=False))
        self._last = LineLevels(*_levels(step.keyframes[-1] if step.keyframes else step), hold=True)
        self._now = 0

    def at(self, elapsed_us: int) -> LineLevels:
        """Return the levels `elapsed_us` after the beginning of the step."""
        while self._now < len(self._lines):
            (from_us, low), (to_us, high) = self._lines[self._now]
            if elapsed_us < to_us:
                share = (elapsed_us - from_us) / (to_us - from_us)
                amplitude, vibration_hz, peak_ua, current_hz = (
                    a + (b - a) * share for a, b in zip(low, high, strict=True)
                )
                return LineLevels(amplitude, vibration_hz, peak_ua, current_hz, hold=False)
            self._now += 1
        return self._last


def _levels(point: StepRecord | KeyframeRecord) -> tuple[float, float, float, float]:
    return point.amplitude_permille / 1000, point.vibration_dhz / 10, float(point.peak_ua), point.current_dhz / 10
