"""An ATT client on which no request ever hangs, and no late answer counts for another request.

bumble's own client forgets a request when its caller is cancelled: the answer then meets the next request. Here a
request keeps its turn until it is answered, even if nobody waits for it any more; and when the link ends, every
request, sent or queued, fails at once.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bumble.att import (
    ATT_ATTRIBUTE_NOT_LONG_ERROR,
    ATT_DEFAULT_MTU,
    ATT_INVALID_OFFSET_ERROR,
    ATT_RESPONSES,
    ATT_Error,
    ATT_Error_Response,
    ATT_Handle_Value_Indication,
    ATT_Handle_Value_Notification,
    ATT_Read_Blob_Request,
    ATT_Read_Request,
    ATT_Write_Request,
    Opcode,
)
from bumble.gatt_client import Client

from glowtool.errors import DecodeError
from glowtool.link.bumble.gatt.long_write import LongWrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bumble.att import ATT_PDU
    from bumble.device import Connection
    from bumble.gatt_client import AttributeProxy

    from glowtool.link.errors import LinkLostError

logger = logging.getLogger(__name__)

#: A transaction that takes longer is dead, and so is its bearer (Core Vol 3 Part F 3.3.3).
TRANSACTION_TIMEOUT_S: Final = 30.0

#: The longest value of an attribute (Core Vol 3 Part F 3.2.9).
VALUE_MAX_BYTES: Final = 512

#: Opcode and handle, before a value that is written with one request (Core Vol 3 Part F 3.4.5.1).
WRITE_HEADER_BYTES: Final = 3

#: The errors by which a peer says that a value has no more bytes.
_VALUE_ENDED: Final = frozenset({ATT_ATTRIBUTE_NOT_LONG_ERROR, ATT_INVALID_OFFSET_ERROR})


class AttClient(Client):
    """bumble's GATT client with a stricter transaction; `on_dead` is called when a transaction times out."""

    def __init__(self, connection: Connection, on_dead: Callable[[], None]) -> None:
        super().__init__(connection)
        self._on_dead = on_dead
        self._turn = asyncio.Lock()
        # An operation of several requests is not interrupted: no write comes between the parts of a read or of a write.
        self._procedure = asyncio.Lock()
        self._left: int | None = None
        self._end: LinkLostError | None = None
        #: Handles whose value was indicated; readers clear it first.
        self.indicated: set[int] = set()
        #: Called when a value was indicated and confirmed, by handle, even without a subscription.
        self.on_indicated: dict[int, Callable[[], None]] = {}
        #: Called when the peer sent a packet that does not decode.
        self.on_malformed: Callable[[], None] = _nothing

    async def request_mtu(self, mtu: int) -> int:
        """Agree on an MTU, at most `mtu`; a peer's wish below the smallest legal MTU is ignored."""
        self.mtu = max(await super().request_mtu(mtu), ATT_DEFAULT_MTU)
        return self.mtu

    def end(self, error: LinkLostError) -> None:
        """Fail the pending request and all queued ones; every later one fails the same way."""
        self._end = self._end or error
        if self.pending_response is not None and not self.pending_response.done():
            self.pending_response.set_exception(error)

    async def read_value(self, attribute: int | AttributeProxy[bytes], no_long_read: bool = False) -> bytes:  # noqa: FBT001, FBT002 - bumble's signature
        """Return a whole value; DecodeError when it is longer than an attribute can be, or never ends."""
        handle = attribute if isinstance(attribute, int) else attribute.handle
        async with self._procedure:
            return await self._read_whole(handle, at_once=no_long_read)

    async def _read_whole(self, handle: int, *, at_once: bool) -> bytes:
        value = await self._read_part(ATT_Read_Request(attribute_handle=handle), "attribute_value")
        part = value
        while not at_once and len(part) == self.mtu - 1 and len(value) <= VALUE_MAX_BYTES:
            request = ATT_Read_Blob_Request(attribute_handle=handle, value_offset=len(value))
            try:
                part = await self._read_part(request, "part_attribute_value")
            except ATT_Error as error:
                if error.error_code not in _VALUE_ENDED:
                    raise
                break
            value += part
        if len(value) > VALUE_MAX_BYTES:
            raise DecodeError(f"the value at 0x{handle:04X} is longer than the allowed {VALUE_MAX_BYTES} bytes")
        return value

    async def _read_part(self, request: ATT_PDU, name: str) -> bytes:
        answer = await self.send_request(request)
        if isinstance(answer, ATT_Error_Response):
            raise ATT_Error(error_code=answer.error_code, message=str(answer))
        return bytes(getattr(answer, name))

    async def write_value(
        self,
        attribute: int | AttributeProxy[bytes],
        value: bytes,
        with_response: bool = False,  # noqa: FBT001, FBT002 - bumble's signature
    ) -> None:
        """Write a value; with response, it is written whole or not at all, however many packets it takes.

        Raises ATT_Error, `DecodeError` and `LinkLostError`. A cancelled write goes on until the peer has dropped its
        parts, and no other one begins before.
        """
        handle = attribute if isinstance(attribute, int) else attribute.handle
        if not with_response:
            await super().write_value(handle, value)
        elif len(value) > self.mtu - WRITE_HEADER_BYTES:
            await self._write_long(handle, value)
        else:
            async with self._procedure:
                request = ATT_Write_Request(attribute_handle=handle, attribute_value=value)
                answer = await self.send_request(request)
            if isinstance(answer, ATT_Error_Response):
                raise ATT_Error(error_code=answer.error_code, message=str(answer))

    async def _write_long(self, handle: int, value: bytes) -> None:
        await self._procedure.acquire()
        write = LongWrite(self.send_request, handle, value, self.mtu)
        running = asyncio.ensure_future(write.run())

        def over(done: asyncio.Future[None]) -> None:
            if not done.cancelled():
                done.exception()  # marks it as retrieved: a cancelled caller does not come for it any more
            self._procedure.release()

        running.add_done_callback(over)
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            write.give_up()
            raise

    @contextmanager
    def asking_at_most(self, requests: int) -> Iterator[None]:
        """Let the block send that many requests; the next one raises DecodeError: the answers do not end."""
        self._left = requests
        try:
            yield
        finally:
            self._left = None

    async def send_request(self, request: ATT_PDU) -> ATT_PDU:
        """Send a request in its turn and return the answer; LinkLostError when the link ends before it."""
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise DecodeError("the peer's attribute table does not end, so the device is not a roller")
        await self._turn.acquire()
        if self._end is not None:
            self._turn.release()
            raise self._end
        answer: asyncio.Future[ATT_PDU] = asyncio.get_running_loop().create_future()
        self.pending_request, self.pending_response = request, answer
        try:
            self.send_gatt_pdu(bytes(request))
        except BaseException:
            self._free_turn()
            if answer.done():
                answer.result()  # raises the error of the link, if it ended as the request was handed over
            raise
        deadline = asyncio.get_running_loop().call_later(TRANSACTION_TIMEOUT_S, self._on_timeout)

        def complete(done: asyncio.Future[ATT_PDU]) -> None:
            if not done.cancelled():
                done.exception()  # marks it as retrieved: a cancelled caller does not come for it any more
            deadline.cancel()
            self._free_turn()

        answer.add_done_callback(complete)
        # The shield keeps the transaction open when the caller is cancelled: its answer may still come.
        return await asyncio.shield(answer)

    def on_gatt_pdu(self, att_pdu: ATT_PDU) -> None:
        """Take a packet from the peer; drop an answer without a request, and a notification without a subscription."""
        if isinstance(att_pdu, ATT_Handle_Value_Notification):
            if att_pdu.attribute_handle not in self.notification_subscribers:
                # The peer uses the subscription of an earlier connection, which it keeps with the bond.
                logger.debug("dropping a notification of 0x%04X: not subscribed yet", att_pdu.attribute_handle)
                return
            # Direct calls, here and below: bumble would first format it for its log, even if nobody reads that.
            self.on_att_handle_value_notification(att_pdu)
        elif isinstance(att_pdu, ATT_Handle_Value_Indication):
            self.indicated.add(att_pdu.attribute_handle)
            self.on_att_handle_value_indication(att_pdu)
            self.on_indicated.get(att_pdu.attribute_handle, _nothing)()
        elif att_pdu.op_code in ATT_RESPONSES:
            self._take_response(att_pdu)
        else:
            super().on_gatt_pdu(att_pdu)

    def _take_response(self, response: ATT_PDU) -> None:
        request, waiting = self.pending_request, self.pending_response
        if request is None or waiting is None or waiting.done():
            logger.debug("dropping an answer to no request: %s", response)
        elif response.op_code not in {Opcode.ATT_ERROR_RESPONSE, request.op_code + 1}:
            logger.warning("dropping an answer to another request than %s: %s", request, response)
        else:
            waiting.set_result(response)

    def cache_value(self, attribute_handle: int, value: bytes) -> None:
        """Keep nothing: an old notification is never taken for the result of a read."""

    def on_disconnection(self, *args: object) -> None:
        """Do nothing: the link ends its client itself, with the reason in words."""

    def _free_turn(self) -> None:
        self.pending_request = self.pending_response = None
        self._turn.release()

    def _on_timeout(self) -> None:
        logger.warning("no answer to %s within %g s", self.pending_request, TRANSACTION_TIMEOUT_S)
        self._on_dead()


def _nothing() -> None:
    pass
