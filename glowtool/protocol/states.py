"""What is legal in which state: one table that driver, simulator and documentation read.

Two laws. A command that the table does not name for a state is answered `WRONG_STATE` (or `LOCKED` in the locked
state) and changes nothing. Outputs are other than zero in `RUNNING` only.
"""

from __future__ import annotations

import enum
from typing import Final

from glowtool.model.state import State
from glowtool.protocol.control import Opcode
from glowtool.protocol.vocabulary import Result

_ALWAYS: Final = frozenset(
    {
        Opcode.STOP,
        Opcode.EMERGENCY_STOP,
        Opcode.HEARTBEAT,
        Opcode.SETTING_GET,
        Opcode.TELEMETRY_START,
        Opcode.TELEMETRY_STOP,
        Opcode.DIAGNOSTICS,
        Opcode.RECORD_COUNT,
        Opcode.RECORD_INFO,
        Opcode.RECORD_READ,
        Opcode.RECORD_HASH,
    }
)
_UPLOAD: Final = frozenset({Opcode.PROGRAM_BEGIN, Opcode.PROGRAM_DATA, Opcode.PROGRAM_COMMIT})
_CARE: Final = frozenset({Opcode.SET_TIME, Opcode.TARE, Opcode.SELF_TEST, Opcode.IDENTIFY, Opcode.SETTING_SET})
#: Not while a program runs or stands still: the host whose massage it is shall find its way back to it.
_PART: Final = frozenset({Opcode.FORGET_HOST})
_KEEP: Final = frozenset({Opcode.PROGRAM_ERASE_STORED, Opcode.RECORD_DELETE})

LEGAL: Final[dict[State, frozenset[Opcode]]] = {
    State.IDLE: _ALWAYS | _UPLOAD | _CARE | _KEEP | _PART,
    State.READY: _ALWAYS | _UPLOAD | _CARE | _KEEP | _PART | {Opcode.START, Opcode.PROGRAM_STORE},
    State.RUNNING: _ALWAYS | {Opcode.PAUSE, Opcode.SKIP, Opcode.EXTEND, Opcode.TRIM, Opcode.SET_TIME},
    State.PAUSED: _ALWAYS | {Opcode.RESUME, Opcode.SKIP, Opcode.EXTEND, Opcode.TRIM, Opcode.SET_TIME},
    State.LATCHED: (_ALWAYS - {Opcode.STOP}) | _PART | {Opcode.REARM},
    State.LOCKED: _ALWAYS | _PART | {Opcode.SET_TIME, Opcode.SELF_TEST, Opcode.IDENTIFY},
    State.FAULT: _ALWAYS | _PART | {Opcode.SET_TIME, Opcode.SELF_TEST, Opcode.IDENTIFY},
}

#: State after a command that succeeded, where it is another one. `STOP` from a state with a program leads to READY.
AFTER: Final[dict[tuple[State, Opcode], State]] = {
    (State.IDLE, Opcode.PROGRAM_COMMIT): State.READY,
    (State.READY, Opcode.START): State.RUNNING,
    (State.RUNNING, Opcode.PAUSE): State.PAUSED,
    (State.PAUSED, Opcode.RESUME): State.RUNNING,
    (State.RUNNING, Opcode.STOP): State.READY,
    (State.PAUSED, Opcode.STOP): State.READY,
    **{(state, Opcode.EMERGENCY_STOP): State.LATCHED for state in State if state is not State.LATCHED},
    (State.LATCHED, Opcode.REARM): State.IDLE,
}


class Event(enum.StrEnum):
    """What changes the state without a command."""

    POWER_ON = "power comes on, or the firmware restarts"
    PROGRAM_END = "the last step ends or is skipped, or a duration or dose ceiling is reached"
    BUTTON = "a person presses the button"
    BUTTON_START = "a person presses the button, a program is stored, and no host has one of its own"
    WATCHDOG = "the host is silent for the watchdog time"
    LINK_LOSS = "the link of the host ends"
    BATTERY_EMPTY = "the battery falls under its ceiling"
    CHARGER_ON = "the roller is put on the charger, or an update begins"
    CHARGER_OFF = "the roller is taken off the charger"
    FAULT_FOUND = "the firmware finds a part broken"
    HOST_FORGOTTEN = "the bond goes of the host whose massage or program it is"


#: State after such an event, where it is another one. A change to IDLE, LATCHED, LOCKED or FAULT drops the program.
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
    if opcode in LEGAL[state]:
        return None
    return Result.LOCKED if state is State.LOCKED else Result.WRONG_STATE


def after(state: State, opcode: Opcode) -> State:
    """Return the state after a command that succeeded in `state`."""
    return AFTER.get((state, opcode), state)


def after_event(state: State, event: Event) -> State:
    """Return the state after an event that no command caused."""
    return SPONTANEOUS.get((state, event), state)
