"""What a person is told when the roller refuses a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import CommandRefusedError
from glowtool.protocol.meanings import COMMANDS
from glowtool.protocol.ownership import NEEDS_ITS_PROGRAM
from glowtool.protocol.vocabulary import Interlock, Result, State

if TYPE_CHECKING:
    from glowtool.protocol.control import Opcode, ResponseHead

#: Result code: what it means, and what to do about it.
EXPLANATIONS: Final[dict[Result, tuple[str, str]]] = {
    Result.SUCCESS: ("it was done", "nothing is to be done"),
    Result.UNKNOWN_OPCODE: ("it does not know this command", "update the firmware of the roller"),
    Result.BAD_LENGTH: ("the command has a wrong length", "update glowtool or the firmware of the roller"),
    Result.OUT_OF_RANGE: ("a value is out of range", "choose a value that `glowtool info` lists as allowed"),
    Result.WRONG_STATE: ("it cannot be done in this state", "wait, or stop the massage first"),
    Result.NO_PROGRAM: ("it holds no program", "upload a program first"),
    Result.BAD_CRC: ("the upload arrived damaged", "try again; the program held before is still valid"),
    Result.OVER_CEILING: ("a ceiling of the roller would be exceeded", "lower the value"),
    Result.BATTERY_LOW: ("the battery is too low", "charge the roller"),
    Result.LOCKED: ("its outputs are locked", "take the roller off the charger, or wait until its update is done"),
    Result.GRACE: ("the time of grace after the emergency stop is not over", "wait two seconds and try again"),
    Result.MTU_TOO_SMALL: ("the connection's packets are too small", "use an adapter with Bluetooth 4.2 or newer"),
    Result.UNKNOWN_SETTING: ("it has no such setting", "update the firmware of the roller"),
    Result.NOT_FROM_THIS_HOST: (
        "the massage was begun by another computer or phone, and only that one may go on with it",
        "go on with it there, or end it here with `glowtool stop` and start one of your own",
    ),
    Result.FLASH_FULL: ("its memory is full", "fetch the massages that it keeps, and delete them there"),
    Result.NO_RECORD: ("it has no such record", "list its records again"),
}

#: Of a program, the same answer means something else.
_NOT_YOUR_PROGRAM: Final = (
    "the program that it holds was loaded by another computer or phone",
    "load one of your own, as `glowtool run` does",
)

#: In these states the state itself is the reason, whatever the command.
_STATE_ADVICE: Final[dict[State, str]] = {
    State.LATCHED: "the emergency stop is latched; re-arm the roller when it is safe",
    State.LOCKED: "take the roller off the charger, or wait until its update is done",
    State.FAULT: "switch the roller off and on; if the fault stays, it needs repair",
}


class RefusedError(CommandRefusedError):
    """The roller refused a command; `opcode` and `head` carry what was asked and what it answered."""

    def __init__(self, opcode: Opcode, head: ResponseHead) -> None:
        super().__init__(describe(opcode, head))
        self.opcode = opcode
        self.head = head


def describe(opcode: Opcode, head: ResponseHead) -> str:
    """Return one sentence: which command, why it was refused, in which state, and what to do."""
    why, advice = EXPLANATIONS[head.result]
    if head.result is Result.NOT_FROM_THIS_HOST and opcode in NEEDS_ITS_PROGRAM:
        why, advice = _NOT_YOUR_PROGRAM
    if head.result in {Result.WRONG_STATE, Result.LOCKED}:
        advice = _STATE_ADVICE.get(head.state, advice)
    held = f", held back by {names(head.interlocks)}" if head.interlocks else ""
    command = opcode.name.lower().replace("_", " ")
    return (
        f"the roller refused “{command}” ({COMMANDS[opcode]}): {why} "
        f"({head.result.name}; state {head.state.name.lower()}{held}); {advice}"
    )


def names(interlocks: Interlock) -> str:
    """Return the interlocks that are set, in words: `no contact, soft start`."""
    return ", ".join(flag.name.lower().replace("_", " ") for flag in Interlock if flag in interlocks and flag.name)
