"""What an answer of the roller carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from glowtool.errors import ProtocolError
from glowtool.protocol.wire import Message

if TYPE_CHECKING:
    from glowtool.protocol.control import Response

M = TypeVar("M", bound=Message)


def payload_of(response: Response, kind: type[M]) -> M:
    """Return the payload of an answer; raises `ProtocolError` when it carries none of that kind."""
    if not isinstance(response.payload, kind):
        raise ProtocolError(f"the answer to opcode 0x{response.head.opcode:02X} carries no {kind.__name__}")
    return response.payload
