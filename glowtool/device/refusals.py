"""Messages to a person whose command the roller refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import CommandRefusedError, joined
from glowtool.model.names import key_of, words_in
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.command import Giver
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from glowtool.protocol.commands.codec import ResponseHead
    from glowtool.protocol.commands.opcode import Opcode
    from glowtool.protocol.status import Feature

#: For each result code, its meaning and the advice.
EXPLANATIONS: Final[dict[Result, tuple[str, str]]] = {
    Result.SUCCESS: ("the command was carried out", "nothing needs to be done"),
    Result.UNKNOWN_OPCODE: ("it does not know this command", "update the firmware of the roller"),
    Result.BAD_LENGTH: ("the command has a wrong length", "update glowtool or the firmware of the roller"),
    Result.OUT_OF_RANGE: ("a value is out of range", "choose a value that `glowtool info` lists as allowed"),
    Result.WRONG_STATE: ("it cannot be done in this state", "wait, or stop the massage first"),
    Result.NO_PROGRAM: ("it has no program", "upload a program first"),
    Result.BAD_CRC: ("the upload arrived damaged", "try again; the earlier program is still valid"),
    Result.OVER_CEILING: ("a ceiling of the roller would be exceeded", "lower the value"),
    Result.BATTERY_LOW: ("the battery is too low", "charge the roller"),
    Result.LOCKED: ("its outputs are locked", "take the roller off the charger, or wait until its update is done"),
    Result.GRACE: ("the grace time after the emergency stop is not over", "wait two seconds and try again"),
    Result.MTU_TOO_SMALL: ("the connection's packets are too small", "use an adapter with Bluetooth 4.2 or newer"),
    Result.UNKNOWN_SETTING: ("it has no such setting", "update the firmware of the roller"),
    Result.NOT_FROM_THIS_HOST: (
        "another computer or phone began the massage, and only that one may go on with it",
        "go on with it there, or end it here with `glowtool stop` and start one of your own",
    ),
    Result.FLASH_FULL: ("its memory is full", "fetch the massages that it keeps, then delete them there"),
    Result.NO_RECORD: ("it has no such record", "list its records again"),
}

#: A result of a later minor version.
_UNKNOWN: Final = ("the roller gave a reason that this glowtool does not know", "update glowtool")

#: Of a program, the same answer means something else.
_NOT_YOUR_PROGRAM: Final = (
    "another computer or phone loaded its program",
    "load one of your own, as `glowtool run` does",
)

#: In these states the state itself is the reason, whatever the command.
_STATE_ADVICE: Final[dict[State, str]] = {
    State.LATCHED: "the emergency stop is latched; once it is safe, run `glowtool rearm`",
    State.LOCKED: "take the roller off the charger, or wait until its update is done",
    State.FAULT: "switch the roller off and on; if the fault stays, it needs repair",
}


class RefusedError(CommandRefusedError):
    """The roller refused a command; `opcode` is the command, `head` the answer."""

    def __init__(self, opcode: Opcode, head: ResponseHead) -> None:
        says, advice = _explained(opcode, head)
        super().__init__(says, advice=advice)
        self.opcode = opcode
        self.head = head


class CommandLackingError(CommandRefusedError):
    """The roller's protocol version, or its kind, lacks a command; the command was not sent."""


def require_known(opcode: Opcode, feature: Feature) -> None:
    """Return if a roller with this feature knows the command; else raise `CommandLackingError`."""
    wanted, has = opcode.command, feature.version
    lacking = [flag.name for flag in wanted.wants if flag not in feature.capabilities and flag.name]
    if has >= wanted.since and not lacking:
        return
    without = f" without the capability {' and '.join(lacking)}" if has >= wanted.since else ""
    raise CommandLackingError(
        f"the roller does not know “{opcode.spoken}” ({wanted.means}): it speaks protocol {has}{without}, and the "
        f"command came with {wanted.since}",
        advice="update the firmware of the roller",
    )


def describe(opcode: Opcode, head: ResponseHead) -> str:
    """Return one sentence: the command, why it was refused, in which state, and what to do."""
    return joined(*_explained(opcode, head))


def _explained(opcode: Opcode, head: ResponseHead) -> tuple[str, str]:
    why, advice = opcode.command.refused.get(head.result) or EXPLANATIONS.get(head.result, _UNKNOWN)
    if head.result is Result.NOT_FROM_THIS_HOST and opcode.command.giver is Giver.PROGRAM:
        why, advice = _NOT_YOUR_PROGRAM
    if head.result in {Result.WRONG_STATE, Result.LOCKED}:
        advice = _STATE_ADVICE.get(head.state, advice)
    held = f", held back by {names(head.interlocks)}" if head.interlocks else ""
    says = (
        f"the roller refused “{opcode.spoken}” ({opcode.command.means}): {why} "
        f"({head.result.name}; state {key_of(head.state)}{held})"
    )
    return says, advice


def names(interlocks: Interlock) -> str:
    """Return the interlocks that are set, in words: `no contact, soft start`."""
    return ", ".join(words_in(interlocks))


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

#: Answers whose reason an interlock says better.
_SAYS_LITTLE: Final = frozenset({Result.WRONG_STATE, Result.LOCKED, Result.OVER_CEILING, Result.BATTERY_LOW})

#: What an answer means when a massage is to begin, where that is not `EXPLANATIONS`.
_NOT_FOR: Final[dict[Result, tuple[str, str]]] = {
    Result.BATTERY_LOW: ("the battery of the roller is too low", _TOO_EMPTY),
    Result.OVER_CEILING: (
        "the roller allows less than the routine asks for: for today, for one place, or by a setting",
        f"let the skin rest, or choose another routine ({_GIVEN_BACK})",
    ),
    Result.WRONG_STATE: ("the roller is busy with something else", "wait a moment"),
    Result.OUT_OF_RANGE: ("the roller cannot do what the routine asks for", "choose another routine"),
    Result.BAD_LENGTH: ("the roller does not understand this glowtool", "update glowtool or the roller"),
    Result.UNKNOWN_OPCODE: ("the roller does not understand this glowtool", "update the firmware of the roller"),
    Result.BAD_CRC: ("the routine arrived damaged at the roller", "bring it nearer"),
    Result.NO_PROGRAM: ("the routine did not arrive at the roller", "bring it nearer"),
    Result.MTU_TOO_SMALL: (
        "the Bluetooth adapter of this computer is too old for the roller",
        "use one with Bluetooth 4.2 or newer",
    ),
    Result.NOT_FROM_THIS_HOST: (
        "another computer or phone is in charge of the roller",
        "end it there, or with `glowtool stop`",
    ),
    Result.UNKNOWN_SETTING: ("the roller does not understand this glowtool", "update the firmware of the roller"),
    Result.SUCCESS: ("the roller accepted the massage, but did not begin it", "switch it off and on"),
}


def why_not_begun(result: Result, state: State, interlocks: Interlock, battery_percent: int) -> str:
    """Return in people's words why a massage did not begin, and what to do; no code, no name from the protocol."""
    why, advice = _NOT_FOR.get(result) or EXPLANATIONS.get(result, _UNKNOWN)
    held = next((found for flag, found in _NOT_UNDER.items() if flag in interlocks), None)
    if held is not None and result in _SAYS_LITTLE:
        why, advice = held
    elif state in _NOT_IN_STATE:
        why, advice = _NOT_IN_STATE[state]
    left = f" ({battery_percent} %)" if "battery" in why else ""
    return f"{why}{left}; {advice}, then run again"
