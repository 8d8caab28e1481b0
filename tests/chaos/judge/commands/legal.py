"""The protocol's prose on what is allowed in which state, and where it leads; on purpose not its table."""

from __future__ import annotations

from typing import Final

from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode

_RESTING: Final = frozenset({State.IDLE, State.READY})
_AT_WORK: Final = frozenset({State.RUNNING, State.PAUSED})
_ANY: Final = frozenset(State)

#: Commands that are not obeyed everywhere, and where they are.
_WHERE: Final[dict[Opcode, frozenset[State]]] = {
    **dict.fromkeys((Opcode.PROGRAM_BEGIN, Opcode.PROGRAM_DATA, Opcode.PROGRAM_COMMIT), _RESTING),
    **dict.fromkeys((Opcode.TARE, Opcode.SETTING_SET, Opcode.PROGRAM_ERASE_STORED, Opcode.RECORD_DELETE), _RESTING),
    **dict.fromkeys((Opcode.START, Opcode.PROGRAM_STORE), frozenset({State.READY})),
    **dict.fromkeys((Opcode.SKIP, Opcode.EXTEND, Opcode.TRIM, Opcode.SIGNAL), _AT_WORK),
    **dict.fromkeys((Opcode.SELF_TEST, Opcode.IDENTIFY), _RESTING | {State.LOCKED, State.FAULT}),
    Opcode.PAUSE: frozenset({State.RUNNING}),
    Opcode.RESUME: frozenset({State.PAUSED}),
    Opcode.REARM: frozenset({State.LATCHED}),
    Opcode.STOP: _ANY - {State.LATCHED},
    Opcode.SET_TIME: _ANY - {State.LATCHED},
    Opcode.FORGET_HOST: _ANY - _AT_WORK,
}

_LEADS_TO: Final = {
    Opcode.PROGRAM_COMMIT: State.READY,
    Opcode.START: State.RUNNING,
    Opcode.PAUSE: State.PAUSED,
    Opcode.RESUME: State.RUNNING,
    Opcode.EMERGENCY_STOP: State.LATCHED,
    Opcode.REARM: State.IDLE,
}


def may(state: State, opcode: Opcode) -> bool:
    """Return whether a command may be obeyed in a state."""
    return state in _WHERE.get(opcode, _ANY)


def leads_to(state: State, opcode: Opcode) -> State:
    """Return the state after a command that was obeyed in `state`."""
    if opcode is Opcode.STOP and state in _AT_WORK:
        return State.READY
    return _LEADS_TO.get(opcode, state)
