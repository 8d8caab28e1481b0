"""The write of a value longer than one packet: parts that the peer queues, then one order to accept or drop them.

The peer has one queue for the whole link (Core Vol 3 Part F 3.3.1): it would mix the parts of two writes, and add parts
left by a cancelled write to the next one. So a write has the queue for itself, and leaves it empty, even if nobody
waits for it any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bumble.att import (
    ATT_Error,
    ATT_Error_Response,
    ATT_Execute_Write_Request,
    ATT_Prepare_Write_Request,
    ATT_Prepare_Write_Response,
)

from glowtool.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bumble.att import ATT_PDU

#: Opcode, handle and offset, before a part (Core Vol 3 Part F 3.4.6.1).
PREPARE_HEADER_BYTES: Final = 5

_DROP: Final = 0x00
_TAKE: Final = 0x01


class LongWrite:
    """One write in progress; `send` sends a request in its turn and returns the answer."""

    def __init__(self, send: Callable[[ATT_PDU], Awaitable[ATT_PDU]], handle: int, value: bytes, mtu: int) -> None:
        self._send = send
        self._handle = handle
        self._value = value
        self._part_bytes = mtu - PREPARE_HEADER_BYTES
        self._wanted = True

    def give_up(self) -> None:
        """Make the peer drop the parts, unless the order to accept them was sent already."""
        self._wanted = False

    async def run(self) -> None:
        """Write the value whole or not at all; do not cancel this, see `give_up`.

        Raises ATT_Error, `DecodeError` when the peer has queued another part than was sent, `LinkLostError`.
        """
        try:
            for offset in range(0, len(self._value), self._part_bytes):
                await self._prepare(offset, self._value[offset : offset + self._part_bytes])
                if not self._wanted:
                    await self._order(_DROP)
                    return
        except (ATT_Error, DecodeError):
            await self._order(_DROP)
            raise
        answer = await self._order(_TAKE)
        if isinstance(answer, ATT_Error_Response):
            raise ATT_Error(error_code=answer.error_code, message=str(answer))

    async def _prepare(self, offset: int, part: bytes) -> None:
        request = ATT_Prepare_Write_Request(
            attribute_handle=self._handle, value_offset=offset, part_attribute_value=part
        )
        answer = await self._send(request)
        if isinstance(answer, ATT_Error_Response):
            raise ATT_Error(error_code=answer.error_code, message=str(answer))
        queued = isinstance(answer, ATT_Prepare_Write_Response) and (
            answer.attribute_handle,
            answer.value_offset,
            bytes(answer.part_attribute_value),
        )
        if queued != (self._handle, offset, part):
            raise DecodeError(
                f"the peer queued other bytes for 0x{self._handle:04X} than were sent, so nothing was written"
            )

    async def _order(self, flags: int) -> ATT_PDU:
        return await self._send(ATT_Execute_Write_Request(flags=flags))
