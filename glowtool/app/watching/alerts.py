"""What a person should do at once about what the roller holds back: a title, and a sentence that can be spoken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.state import INTERLOCKS, Interlock

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Alert:
    """What is the matter in two words, and what to do."""

    title: str
    words: str


#: In the order of importance: of several, the first is told.
ALERTS: Final[Mapping[Interlock, Alert]] = {
    Interlock.EMERGENCY: Alert("EMERGENCY STOP", "The emergency stop is latched, outputs are off."),
    Interlock.PRESSURE_ZERO: Alert("TOO HARD", "Press much less: outputs are off."),
    Interlock.HEAD_TEMPERATURE: Alert("TOO WARM", "A head is too warm, outputs are off. Let it cool."),
    Interlock.CHARGING: Alert("LOCKED", "On the charger, outputs are locked. Take the roller off it."),
    Interlock.BATTERY_EMPTY: Alert("BATTERY EMPTY", "The battery is empty, the massage ends."),
    Interlock.LINK_LOSS: Alert("ON HOLD", "The roller lost its link, outputs are off."),
    Interlock.WATCHDOG: Alert("ON HOLD", "The roller did not hear this computer, outputs are off."),
    Interlock.DOSE: Alert("ENOUGH", "This place or this day has had enough, outputs are off."),
    Interlock.PRESSURE_HALF: Alert("TOO HARD", "Press less: outputs are halved."),
    Interlock.NO_CONTACT: Alert("NO CONTACT", "No contact, the current is off. Lay both heads on the skin."),
    Interlock.PRESSURE_CAUTION: Alert("TOO HARD", "Press less."),
    Interlock.BATTERY_CURRENT: Alert("LOW BATTERY", "The battery is too low for microcurrent."),
}


def alert_of(in_force: Interlock) -> Alert | None:
    """Return the alert for the interlocks that a person should do something about; None if there are none."""
    for flag, alert in ALERTS.items():
        if flag in in_force:
            return alert
    rest = [INTERLOCKS[flag] for flag in in_force]
    return Alert("HELD BACK", f"{rest[0][0].upper()}{rest[0][1:]}.") if rest else None
