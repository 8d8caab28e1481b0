"""The content of the roller's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from glowtool.errors import DecodeError, ProtocolError
from glowtool.protocol.commands.payloads import SettingValue
from glowtool.protocol.meanings import SETTINGS
from glowtool.protocol.wire import Message

if TYPE_CHECKING:
    from glowtool.protocol.commands.codec import Response
    from glowtool.protocol.vocabulary import Setting

M = TypeVar("M", bound=Message)


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
            f"the roller says that its setting {which.name} is {value} {facts.unit}, allowed are {facts.low} to "
            f"{facts.high}"
        )
    return value
