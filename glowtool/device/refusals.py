"""Refusals of a device, and what a person is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import CommandRefusedError
from glowtool.model.answer import Reason
from glowtool.model.state import Interlock, State

if TYPE_CHECKING:
    from glowtool.model.answer import Answer

#: For each reason, its meaning and the advice.
EXPLANATIONS: Final[dict[Reason, tuple[str, str]]] = {
    Reason.UNKNOWN: ("the roller gave a reason that this glowtool does not know", "update glowtool"),
    Reason.UNKNOWN_COMMAND: ("it does not know this command", "update the firmware of the roller"),
    Reason.MALFORMED: ("the command has a wrong length", "update glowtool or the firmware of the roller"),
    Reason.OUT_OF_RANGE: ("a value is out of range", "choose a value that `glowtool info` lists as allowed"),
    Reason.WRONG_STATE: ("it cannot be done in this state", "wait, or stop the massage first"),
    Reason.NO_PROGRAM: ("it has no program", "upload a program first"),
    Reason.DAMAGED: ("the upload arrived damaged", "try again; the earlier program is still valid"),
    Reason.OVER_CEILING: ("a ceiling of the roller would be exceeded", "lower the value"),
    Reason.BATTERY_LOW: ("the battery is too low", "charge the roller"),
    Reason.LOCKED: ("its outputs are locked", "take the roller off the charger, or wait until its update is done"),
    Reason.GRACE: ("the grace time after the emergency stop is not over", "wait two seconds and try again"),
    Reason.SMALL_PACKETS: ("the connection's packets are too small", "use an adapter with Bluetooth 4.2 or newer"),
    Reason.UNKNOWN_SETTING: ("it has no such setting", "update the firmware of the roller"),
    Reason.NOT_FROM_THIS_HOST: (
        "another computer or phone began the massage, and only that one may go on with it",
        "go on with it there, or end it here with `glowtool stop` and start one of your own",
    ),
    Reason.MEMORY_FULL: ("its memory is full", "fetch the massages that it keeps, then delete them there"),
    Reason.NO_RECORD: ("it has no such record", "list its records again"),
}


class RefusedError(CommandRefusedError):
    """The device refused a command; `answer` carries why, and its state after it."""

    def __init__(self, says: str, answer: Answer, *, advice: str = "") -> None:
        super().__init__(says, advice=advice)
        self.answer = answer


class CommandLackingError(CommandRefusedError):
    """The device's protocol does not have a command yet, or the device is of a kind that lacks it; it was not sent."""


class StartRefusedError(CommandRefusedError):
    """The roller did not let a massage begin; the message says in people's words why, and what to do."""


#: Why nothing starts in a state, and what to do about it.
_NOT_IN_STATE: Final[dict[State, tuple[str, str]]] = {
    State.LOCKED: (
        "the roller is on its charger, or being updated",
        "take it off the charger, or wait until the update is done",
    ),
    State.LATCHED: (
        "the emergency stop of the roller is on",
        "make sure that all is well, run `glowtool rearm`",
    ),
    State.FAULT: (
        "the roller found that one of its parts is broken",
        "switch it off and on; if it reports that again, it needs repair",
    ),
    State.RUNNING: ("the roller is in the middle of a massage", "let it end, or stop it with its button"),
    State.PAUSED: ("the roller is in the middle of a massage", "let it end, or stop it with its button"),
}

_TOO_EMPTY: Final = "charge the roller"
#: The roller gives a dose back by its own running time, and by no calendar.
_GIVEN_BACK: Final = "a zone needs minutes of rest; the day's time comes back after the roller was on for 24 hours"
_REST: Final = "a zone was worked long enough, or the day's time is used up", f"let the skin rest ({_GIVEN_BACK})"

#: Why nothing starts under an interlock, where the answer itself says less.
_NOT_UNDER: Final[dict[Interlock, tuple[str, str]]] = {
    Interlock.CHARGING: ("the roller is on its charger", "take it off the charger"),
    Interlock.BATTERY_EMPTY: ("the battery of the roller is too low", _TOO_EMPTY),
    Interlock.BATTERY_CURRENT: (
        "the battery of the roller is too low for microcurrent",
        "charge it, or run a routine without microcurrent",
    ),
    Interlock.DOSE: _REST,
    Interlock.HEAD_TEMPERATURE: ("a head of the roller is too warm", "let it cool down"),
    Interlock.EMERGENCY: _NOT_IN_STATE[State.LATCHED],
}

#: Reasons that an interlock says better.
_SAYS_LITTLE: Final = frozenset({Reason.WRONG_STATE, Reason.LOCKED, Reason.OVER_CEILING, Reason.BATTERY_LOW})

#: The device did not refuse, and nothing came of it.
_NOT_BEGUN: Final = "the roller accepted the massage, but did not begin it", "switch it off and on"

#: What a reason means when a massage is to begin, where that is not `EXPLANATIONS`.
_NOT_FOR: Final[dict[Reason, tuple[str, str]]] = {
    Reason.BATTERY_LOW: ("the battery of the roller is too low", _TOO_EMPTY),
    Reason.OVER_CEILING: (
        "the roller allows less than the routine asks for: for today, for one place, or by a setting",
        f"let the skin rest, or choose another routine ({_GIVEN_BACK})",
    ),
    Reason.WRONG_STATE: ("the roller is busy with something else", "wait a moment"),
    Reason.OUT_OF_RANGE: ("the roller cannot do what the routine asks for", "choose another routine"),
    Reason.MALFORMED: ("the roller does not understand this glowtool", "update glowtool or the roller"),
    Reason.UNKNOWN_COMMAND: ("the roller does not understand this glowtool", "update the firmware of the roller"),
    Reason.DAMAGED: ("the routine arrived damaged at the roller", "bring it nearer"),
    Reason.NO_PROGRAM: ("the routine did not arrive at the roller", "bring it nearer"),
    Reason.SMALL_PACKETS: (
        "the Bluetooth adapter of this computer is too old for the roller",
        "use one with Bluetooth 4.2 or newer",
    ),
    Reason.NOT_FROM_THIS_HOST: (
        "another computer or phone is in charge of the roller",
        "end it there, or with `glowtool stop`",
    ),
    Reason.UNKNOWN_SETTING: ("the roller does not understand this glowtool", "update the firmware of the roller"),
}


def why_not_begun(refusal: Reason | None, state: State, interlocks: Interlock, battery_percent: int) -> tuple[str, str]:
    """Return in people's words why a massage did not begin, and what to do; no code, no name from a protocol.

    `refusal` is None for a device that accepted it and did not begin.
    """
    why, advice = _NOT_BEGUN if refusal is None else _NOT_FOR.get(refusal) or EXPLANATIONS[refusal]
    held = next((found for flag, found in _NOT_UNDER.items() if flag in interlocks), None)
    if held is not None and refusal in _SAYS_LITTLE:
        why, advice = held
    elif state in _NOT_IN_STATE:
        why, advice = _NOT_IN_STATE[state]
    left = f" ({battery_percent} %)" if "battery" in why else ""
    return f"{why}{left}", f"{advice}, then run again"
