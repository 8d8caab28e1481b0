"""The speed of the motor along the lines of a program: it turns faster only so fast, and would else stop first.

This reckons as the roller does (`glowtool.model.output`), with an upper bound of everything that it looks at: a line is
as bad as its fastest tick, and the amplitude, too, falls with a lag. So what passes here never stops on the way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import LAG_MOST_HZ, LAG_S, RUN_DOWN_MS, TICK_S, Pattern
from glowtool.model.program import Keyframe
from glowtool.safety.rules.finding import At, Finding, Rule
from glowtool.units import MILLISECONDS_PER_SECOND, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.model.program import Step

#: A roller that looks once a tick sees a lag that fades a tick more slowly, and a rise up to a tick before it fades.
_FADES_S: Final = LAG_S + TICK_S
_GAIN: Final = _FADES_S / LAG_S

#: After so long without a drive a motor certainly stands still, and begins at whatever frequency it is given.
_STILL_S: Final = RUN_DOWN_MS / MILLISECONDS_PER_SECOND + TICK_S

#: In its trough a pattern may drive the motor with nothing for so long, in which it does not speed up.
_TROUGH_S: Final = {Pattern.STEADY: 0.0, Pattern.PULSE: _STILL_S, Pattern.WAVE: TICK_S, Pattern.RAMP: TICK_S}

#: A line is looked at in pieces of this length; after so many of them nothing of what was before is left.
_PIECE_S: Final = _FADES_S / 2
_PIECES: Final = 20

#: The steps in which the time that a line needs is told.
_TOLD_S: Final = 0.01
_LONGEST: Final = round(limit(CeilingId.STEP_DURATION) / _TOLD_S)


class _Line(NamedTuple):
    """A line of a step, or what is between two steps, in which case it takes no time; and where it ends."""

    at: At
    before: Keyframe
    after: Keyframe

    @property
    def span_s(self) -> float:
        return self.after.at_s - self.before.at_s

    @property
    def rise_hz(self) -> float:
        return self.after.vibration_hz - self.before.vibration_hz

    def lasting(self, span_s: float) -> _Line:
        return self._replace(after=replace(self.after, at_s=self.before.at_s + span_s))


@dataclass(slots=True)
class _Motor:
    """Upper bounds of how far a motor lags: its frequency below the drive's, its amplitude above it."""

    lag_hz: float = 0.0
    excess: float = 0.0
    off_s: float = math.inf
    #: Where the frequency last rose.
    risen: _Line | None = None

    def rest(self, line: _Line) -> None:
        """Go along a line on which nothing drives the motor: it does not follow, until it stands still."""
        self.off_s += line.span_s
        self._raise(line)
        if self.off_s >= _STILL_S:
            self.stand()

    def jump(self, line: _Line) -> None:
        """Go from one step to the next, in no time."""
        self.excess = max(0.0, self.excess + line.before.amplitude - line.after.amplitude)
        self._raise(line)

    def stand(self) -> None:
        """Stand still."""
        self.lag_hz = self.excess = 0.0
        self.off_s = math.inf
        self.risen = None

    def worst_at(self, amplitude: float, held: float) -> float:
        """Return amplitude × lag² now, if the drive is at this amplitude, and the lag is held by so much."""
        return (amplitude + self.excess) * (self.lag_hz * held) ** 2

    def follow(self, line: _Line, trough_s: float) -> float:
        """Go along a line that drives the motor; return the most of amplitude × lag² on the way."""
        rise_per_s = line.rise_hz / line.span_s
        fall_per_s = (line.before.amplitude - line.after.amplitude) / line.span_s
        held, more_hz = _held(trough_s), max(0.0, rise_per_s) * trough_s
        drive, worst, gone_s = line.before.amplitude, 0.0, 0.0
        # The tick that meets a zero does not follow.
        for until_s in _looks(line.span_s, 0.0 if drive else TICK_S):
            fades = drive > 0.0 or gone_s > 0.0
            piece_s, lag_hz, most = until_s - gone_s, self.lag_hz, drive + self.excess
            drive = max(0.0, drive - fall_per_s * piece_s)
            most = max(most, drive)
            self.lag_hz = _faded(lag_hz, rise_per_s, piece_s) if fades else _moved(lag_hz, rise_per_s * piece_s)
            faded = _faded(self.excess, fall_per_s, piece_s) if fades else most - drive
            self.excess = min(faded, most - drive)
            worst = max(worst, most * (max(lag_hz, self.lag_hz) * held + more_hz) ** 2)
            gone_s = until_s
        self.off_s = 0.0
        self.risen = line if line.rise_hz > 0 else self.risen
        return worst

    def _raise(self, line: _Line) -> None:
        if self.off_s >= _STILL_S:
            return
        self.lag_hz = _moved(self.lag_hz, line.rise_hz)
        self.risen = line if line.rise_hz > 0 else self.risen


def lint_speed(steps: Sequence[Step]) -> Iterator[Finding]:
    """Find the keyframes before which the frequency rises so fast that the motor stops on the way.

    Between two steps that is as it shall be: the roller begins the new one softly. It is no finding.
    """
    motor, end = _Motor(), Keyframe(0.0, 0.0, 0.0, 0, 0.0)
    for number, step in enumerate(steps):
        points = [_as_carried(point) for point in step.points]
        if not all(before.at_s < now.at_s for before, now in pairwise(points)):
            return
        held = replace(points[-1], at_s=max(step.duration_s, points[-1].at_s))
        motor.jump(_Line(At(number), end, replace(points[0], at_s=end.at_s)))
        for index, (before, after) in enumerate(pairwise([*points, held])):
            line = _Line(At(number, index), before, after)
            if line.span_s > 0:
                yield from _along(motor, line, _TROUGH_S.get(step.pattern, 0.0))
        end = held


def _along(motor: _Motor, line: _Line, trough_s: float) -> Iterator[Finding]:
    if not line.before.amplitude and not line.after.amplitude:
        motor.rest(line)
        return
    if motor.worst_at(line.before.amplitude, _held(trough_s)) > LAG_MOST_HZ**2:
        # It stops here, so that what follows begins anew.
        if motor.risen is not None and motor.risen.at.keyframe is not None:
            yield _unrested(motor.risen)
        motor.stand()
    begin, risen = replace(motor), motor.risen
    if motor.follow(line, trough_s) <= LAG_MOST_HZ**2:
        return
    motor.stand()
    if line.rise_hz > 0 and _passes(begin, line, _LONGEST, trough_s):
        yield _too_fast(line, _enough_s(begin, line, trough_s))
    elif risen is not None and risen.at.keyframe is not None:
        # Earlier, at less amplitude, its lag was none too large: now the amplitude rises sooner than the lag fades.
        most = max(line.before.amplitude + begin.excess, line.after.amplitude)
        settled_s = risen.rise_hz * _GAIN * (_FADES_S * _held(trough_s) + trough_s)
        least_s = max(settled_s * math.sqrt(most) / LAG_MOST_HZ, risen.span_s + _TOLD_S)
        yield _too_fast(risen, math.ceil(least_s / _TOLD_S) * _TOLD_S)


def _held(trough_s: float) -> float:
    return _GAIN if trough_s else 1.0


def _passes(begin: _Motor, line: _Line, count: int, trough_s: float) -> bool:
    return replace(begin).follow(line.lasting(count * _TOLD_S), trough_s) <= LAG_MOST_HZ**2


def _enough_s(begin: _Motor, line: _Line, trough_s: float) -> float:
    """Return how long a line has to last at least, in whole steps of what is told."""
    low, high = 0, _LONGEST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _passes(begin, line, middle, trough_s) else (middle, high)
    return high * _TOLD_S


def _too_fast(line: _Line, least_s: float) -> Finding:
    told = spoken(round(least_s, 2), "s")
    return _refused(line, f"spread over at least {told}", f"take at least {told} for it, or let it rise by less")


def _unrested(line: _Line) -> Finding:
    told = spoken(math.ceil(_STILL_S / _TOLD_S) * _TOLD_S, "s")
    return _refused(
        line,
        f"without vibration for at least {told}",
        f"leave the vibration at zero for {told}, or let it rise by less",
    )


def _refused(line: _Line, allowed: str, fix: str) -> Finding:
    return line.at.refuse(
        Rule.RISE,
        "rise of the vibration's frequency",
        f"{spoken(line.before.vibration_hz, 'Hz')} to {spoken(line.after.vibration_hz, 'Hz')} within "
        f"{spoken(round(line.span_s, 3), 's')}",
        allowed=allowed,
        reason="the motor cannot turn faster so soon; it would stop, and begin softly from zero",
        fix=fix,
    )


def _looks(span_s: float, first_s: float) -> Iterator[float]:
    """Yield the moments at which a line is looked at, in their order, its end among them."""
    moments = [first_s, *(first_s + look * _PIECE_S for look in range(1, _PIECES + 1))]
    yield from (each for each in moments if 0.0 < each < span_s)
    yield span_s


def _moved(lag_hz: float, rise_hz: float) -> float:
    """Return a bound of a lag after the drive's frequency has risen, in no time for the motor to follow."""
    return max(0.0, lag_hz + rise_hz * (_GAIN if rise_hz > 0 else 1 / _GAIN))


def _faded(value: float, per_s: float, span_s: float) -> float:
    """Return a bound of what is left of a lag after a time in which the drive moves away from the motor by `per_s`."""
    settled = per_s * (_GAIN if per_s > 0 else 1 / _GAIN) * _FADES_S
    return max(0.0, settled + (value - settled) * math.exp(-span_s / _FADES_S))


def _as_carried(point: Keyframe) -> Keyframe:
    """Return a point with the amplitude that devices can tell from none."""
    return replace(point, amplitude=round(point.amplitude, 3))
