"""The commands that each state allows, and the transitions: one table for driver, simulator and page.

Two laws. A command whose row does not name the state is answered `WRONG_STATE` (or `LOCKED` in the locked state) and
changes nothing. Only in `RUNNING` can outputs differ from zero.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from glowtool.model.state import State
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from glowtool.protocol.commands.opcode import Opcode


class Event(enum.StrEnum):
    """An event that changes the state without a command."""

    POWER_ON = "the roller is switched on, or the firmware restarts"
    PROGRAM_END = "the last step ends or is skipped, or a duration or dose ceiling is reached"
    BUTTON = "a person presses the button"
    BUTTON_START = "a person presses the button, a program is stored, and no connected host has loaded one of its own"
    WATCHDOG = "the host is silent for the watchdog time"
    LINK_LOSS = "the link of the host ends"
    BATTERY_EMPTY = "the battery falls below its ceiling"
    CHARGER_ON = "the roller is put on the charger, or an update begins"
    CHARGER_OFF = "the roller is taken off the charger"
    FAULT_FOUND = "the firmware finds a broken part"
    HOST_FORGOTTEN = "the bond of the host that owns the massage or program is dropped"


#: The state after such an event, if it changes. A change to IDLE, LATCHED, LOCKED or FAULT drops the program.
SPONTANEOUS: Final[dict[tuple[State, Event], State]] = {
    **{(state, Event.POWER_ON): State.IDLE for state in State if state is not State.LATCHED},
    (State.RUNNING, Event.PROGRAM_END): State.READY,
    (State.PAUSED, Event.PROGRAM_END): State.READY,
    (State.RUNNING, Event.BUTTON): State.READY,
    (State.PAUSED, Event.BUTTON): State.READY,
    **{(state, Event.BUTTON_START): State.RUNNING for state in (State.IDLE, State.READY)},
    (State.RUNNING, Event.WATCHDOG): State.PAUSED,
    (State.RUNNING, Event.LINK_LOSS): State.PAUSED,
    (State.RUNNING, Event.BATTERY_EMPTY): State.READY,
    (State.PAUSED, Event.BATTERY_EMPTY): State.READY,
    **{(state, Event.CHARGER_ON): State.LOCKED for state in (State.IDLE, State.READY, State.RUNNING, State.PAUSED)},
    (State.LOCKED, Event.CHARGER_OFF): State.IDLE,
    **{(state, Event.HOST_FORGOTTEN): State.IDLE for state in (State.READY, State.RUNNING, State.PAUSED)},
    **{(state, Event.FAULT_FOUND): State.FAULT for state in State if state is not State.LATCHED},
}


def refusal(state: State, opcode: Opcode) -> Result | None:
    """Return why a command is refused in a state, or None when it is legal there."""
    if state in opcode.command.legal:
        return None
    return Result.LOCKED if state is State.LOCKED else Result.WRONG_STATE


def after(state: State, opcode: Opcode) -> State:
    """Return the state after a command that succeeded in `state`."""
    return opcode.command.after.get(state, state)


def after_event(state: State, event: Event) -> State:
    """Return the state after an event that is not a command."""
    return SPONTANEOUS.get((state, event), state)
