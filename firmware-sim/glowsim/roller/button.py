"""The button as the person knows it: what a press does, in words, and why it starts nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.supply import CURRENT_PERCENT, EMPTY_PERCENT
from glowtool.model.state import State

if TYPE_CHECKING:
    from glowsim.firmware.program.executor import Program
    from glowsim.roller.roller import Roller

_UNDER_WAY: Final = frozenset({State.RUNNING, State.PAUSED})

_HELD_BACK: Final = {
    State.LATCHED: "the emergency stop is latched",
    State.LOCKED: "outputs are locked, on the charger or during an update",
    State.FAULT: "the roller has found a fault; switch it off and on",
}

#: The only advice that is not about the roller itself: what a person can do at the host.
_HOW: Final = "a host stores one with `glowtool button store ROUTINE`"


def press(roller: Roller, held_s: float) -> str:
    """Press the button briefly, and return the result in words."""
    if roller.machine.out:
        return "the roller is off; its button does nothing"
    before, told, closed = roller.machine.status().state, _answering(roller), not roller.pairing_open
    roller.press_button(held_s)
    if told:
        return "answered yes: the host shows the same number"
    opened = "; the pairing window opens" if closed and roller.pairing_open else ""
    return f"{_became(roller, before, roller.machine.status().state)}{opened}"


def hold(roller: Roller, held_s: float) -> str:
    """Hold the button, and return the result in words."""
    if roller.machine.out:
        return "the roller is off; its button does nothing"
    before, told = roller.machine.status().state, _answering(roller)
    roller.press_button(held_s)
    if told:
        return "answered no: the host shows a different number"
    stopped = "the massage stops; " if before in _UNDER_WAY else ""
    return f"button held; {stopped}the pairing window is {'open' if roller.pairing_open else 'closed'}"


def stored(roller: Roller) -> str:
    """Return what a press of the button starts: `a massage of 4 steps, 2:00 min`, or that nothing is stored."""
    if roller.machine.out:
        return "nothing while the roller is off"
    program = roller.memory.stored_program()
    return f"nothing, no program is stored; {_HOW}" if program is None else f"a massage of {_size(program)}"


def _answering(roller: Roller) -> bool:
    """Return whether a press of the button now answers the comparison of a number."""
    return roller.peripheral is not None and roller.peripheral.desk.comparing and roller.machine.at_rest


def _became(roller: Roller, before: State, after: State) -> str:
    if roller.machine.out:
        return "the power failed while the roller was writing to its flash"
    program = roller.memory.stored_program()
    if before in _UNDER_WAY:
        return "the massage stops"
    if after is State.RUNNING and program is not None:
        return f"the stored massage starts: {_size(program)}"
    return f"nothing starts: {_hindrance(roller, after, program)}"


def _hindrance(roller: Roller, state: State, program: Program | None) -> str:
    if state in _HELD_BACK:
        return _HELD_BACK[state]
    if program is None:
        return f"no program is stored; {_HOW}"
    percent = roller.machine.battery_percent
    if percent < EMPTY_PERCENT or (percent < CURRENT_PERCENT and any(step.peak_ua for step in program)):
        return f"the battery is too low for it, {percent} %"
    if roller.connected and state is State.READY:
        return "the connected host has loaded a program of its own"
    return "the day's dose is spent, a place needs rest first, or the roller's settings forbid what is stored"


def _size(program: Program) -> str:
    whole_s = round(sum(step.duration_ms for step in program) / 1000)
    steps = "1 step" if len(program) == 1 else f"{len(program)} steps"
    return f"{steps}, {whole_s} s" if whole_s < 60 else f"{steps}, {whole_s // 60}:{whole_s % 60:02d} min"
