"""The content of the roller's answers, and what they say in the words of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.errors import DecodeError, ProtocolError
from glowtool.model.answer import Answer, Heard, Reason
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.payloads import SettingValue
from glowtool.protocol.meanings import SETTINGS
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import Message

if TYPE_CHECKING:
    from glowtool.protocol.commands.codec import Response, ResponseHead
    from glowtool.protocol.vocabulary import Setting

M = TypeVar("M", bound=Message)

#: What a result says of why a command was refused; one of a later minor version is not known.
REASONS: Final[dict[Result, Reason]] = {
    Result.UNKNOWN_OPCODE: Reason.UNKNOWN_COMMAND,
    Result.BAD_LENGTH: Reason.MALFORMED,
    Result.OUT_OF_RANGE: Reason.OUT_OF_RANGE,
    Result.WRONG_STATE: Reason.WRONG_STATE,
    Result.NO_PROGRAM: Reason.NO_PROGRAM,
    Result.BAD_CRC: Reason.DAMAGED,
    Result.OVER_CEILING: Reason.OVER_CEILING,
    Result.BATTERY_LOW: Reason.BATTERY_LOW,
    Result.LOCKED: Reason.LOCKED,
    Result.GRACE: Reason.GRACE,
    Result.MTU_TOO_SMALL: Reason.SMALL_PACKETS,
    Result.UNKNOWN_SETTING: Reason.UNKNOWN_SETTING,
    Result.NOT_FROM_THIS_HOST: Reason.NOT_FROM_THIS_HOST,
    Result.FLASH_FULL: Reason.MEMORY_FULL,
    Result.NO_RECORD: Reason.NO_RECORD,
}


def answer_in(head: ResponseHead) -> Answer:
    """Return what an answer says, in people's units."""
    return Answer(
        head.opcode == Opcode.START,
        None if head.result is Result.SUCCESS else REASONS.get(head.result, Reason.UNKNOWN),
        head.state,
        head.step_index,
        head.interlocks,
        head.outputs.levels,
    )


def heard_in(head: ResponseHead, asked: Opcode | None) -> Heard:
    """Return an answer as it came; `asked` is the opcode that was written last under its number."""
    return Heard(answer_in(head), head.sequence, _spelled(head.opcode), None if asked is None else asked.name)


def _spelled(opcode: int) -> str:
    return next((known.name for known in Opcode if known == opcode), f"0x{opcode:02X}")


def payload_of(response: Response, kind: type[M]) -> M:
    """Return the payload of an answer; raises `ProtocolError` when it has none of that kind."""
    if not isinstance(response.payload, kind):
        raise ProtocolError(f"the answer to opcode 0x{response.head.opcode:02X} carries no {kind.__name__}")
    return response.payload


def setting_of(response: Response, which: Setting) -> int:
    """Return the value in an answer; `DecodeError` for an impossible one, such as a watchdog of 0 ms."""
    value, facts = payload_of(response, SettingValue).value, SETTINGS[which]
    if not facts.low <= value <= facts.high:
        raise DecodeError(
            f"the roller says that its setting {which.name} is {value} {facts.unit}; it must be {facts.low} to "
            f"{facts.high}"
        )
    return value
