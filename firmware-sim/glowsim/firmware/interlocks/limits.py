"""Limits by settings, durations, the dose of a place and of the day, and the state: outputs only while running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.rule import FREE, Ruling
from glowsim.firmware.outputs.limiter import SHUT_CAP, Cap
from glowsim.firmware.retained.dwell import PLACE_US_MAX
from glowtool.model.ceilings import CeilingId
from glowtool.model.state import Interlock
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.commands.states import Event
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment

STEP_US: Final = ceiling(CeilingId.STEP_DURATION) * MICROSECONDS_PER_SECOND
MASSAGE_US: Final = ceiling(CeilingId.MASSAGE_DURATION) * MICROSECONDS_PER_SECOND

_SHUT: Final = Ruling(SHUT_CAP)
_WORKED_ENOUGH: Final = Ruling(SHUT_CAP, Interlock.DOSE)
_OVER_TIME: Final = Ruling(SHUT_CAP, Interlock.DOSE, ends=Event.PROGRAM_END)


class OnlyWhileRunning:
    """Outputs are zero in every state but RUNNING."""

    def judge(self, moment: Moment) -> Ruling:
        """Return zero unless the state is RUNNING."""
        return FREE if moment.running else _SHUT


class SettingsLimit:
    """The maxima of the settings, which can only be lower than the ceilings."""

    def __init__(self) -> None:
        self._verdict = FREE

    def judge(self, moment: Moment) -> Ruling:
        """Return the settings as caps; they hold nothing back while they equal the ceilings."""
        cap = self._verdict.cap
        if cap.amplitude_max != moment.amplitude_max or cap.peak_ua_max != moment.peak_ua_max:
            self._verdict = Ruling(Cap(moment.amplitude_max, moment.peak_ua_max))
        return self._verdict


class Durations:
    """A step and a massage end after their longest duration, whatever the program says."""

    def judge(self, moment: Moment) -> Ruling:
        """Return the end when the time is over."""
        over = moment.step_elapsed_us > STEP_US or moment.massage_elapsed_us > MASSAGE_US
        return _OVER_TIME if over else FREE


class PlaceWorked:
    """A place is worked for a limited time; then it rests until the massage continues elsewhere, pauses or ends."""

    def __init__(self) -> None:
        self._left_alone: int | None = None

    def judge(self, moment: Moment) -> Ruling:
        """Return zero while the step works a place that has used up its time."""
        if moment.place is None or not moment.running:
            self._left_alone = None
            return FREE
        if moment.place_worked_us >= PLACE_US_MAX:
            self._left_alone = moment.place
        return _WORKED_ENOUGH if moment.place == self._left_alone else FREE


class DayDose:
    """Each output has a dose for the day; a massage that needs a spent output ends."""

    def judge(self, moment: Moment) -> Ruling:
        """Return zero for each output whose dose is spent, and the end if the massage needs that output."""
        if not (moment.current_spent or moment.vibration_spent):
            return FREE
        cap = Cap(
            0.0 if moment.vibration_spent else moment.amplitude_max,
            0.0 if moment.current_spent else moment.peak_ua_max,
        )
        needed = (moment.current_spent and moment.uses_current) or (moment.vibration_spent and moment.uses_vibration)
        return Ruling(cap, Interlock.DOSE, ends=Event.PROGRAM_END if needed else None)
