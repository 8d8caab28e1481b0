"""One connection to a peer, from its beginning to its end: nothing that waits on it outlives it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bumble.core import BaseBumbleError
from bumble.hci import HCI_Error, HCI_ErrorCode

from glowtool.link.bumble.endings import end_words
from glowtool.link.bumble.gatt.att_client import AttClient
from glowtool.link.bumble.lifetime import until
from glowtool.link.errors import BondLostError, LinkFailedError, LinkLostError
from glowtool.link.pairing import bond_refused_advice

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bumble.device import Connection

logger = logging.getLogger(__name__)

T = TypeVar("T")

_KEY_MISSING: Final = frozenset({HCI_ErrorCode.PIN_OR_KEY_MISSING_ERROR, HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR})
_KEY_DIFFERS: Final = HCI_ErrorCode.CONNECTION_TERMINATED_DUE_TO_MIC_FAILURE_ERROR

#: Such a peer cannot be trusted, and the request that it should have answered gets no answer.
MALFORMED: Final = "it sent a packet that does not decode"

_DRAIN_TIMEOUT_S: Final = 1.0
_QUEUE_LIMIT: Final = 32
_DISCONNECT_TIMEOUT_S: Final = 5.0


class Link:
    """A connection of bumble, its ATT client, and the one future that says that it ended.

    `lost` holds the HCI reason once the link is down. `on_lost` is called then, once, from the receive path.
    """

    def __init__(self, connection: Connection, on_lost: Callable[[Link], None]) -> None:
        self.connection = connection
        #: The address of the connection to the peer, without a type qualifier.
        self.peer = connection.peer_address.to_string(with_type_qualifier=False)
        self.lost: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._on_lost = on_lost
        self._because: str | None = None
        self.att = AttClient(connection, lambda: self.end(HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR))
        self.att.on_malformed = lambda: self.give_up(MALFORMED)
        connection.gatt_client = self.att
        connection.on(connection.EVENT_DISCONNECTION, self.end)

    @property
    def is_up(self) -> bool:
        """Whether the link is still there."""
        return not self.lost.done()

    def end(self, reason: int) -> None:
        """Note that the link ended with that HCI reason; the first time counts."""
        if self.lost.done():
            return
        self.lost.set_result(reason)
        self.att.end(self.lost_error())
        self._on_lost(self)

    def give_up(self, because: str) -> None:
        """End the link from this side, for a reason without an HCI code."""
        if self.is_up:
            self._because = because
            self.end(HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)

    @property
    def lost_because(self) -> str | None:
        """Why the link ended, in words; None while it is up."""
        return (self._because or end_words(self.lost.result())) if self.lost.done() else None

    def lost_error(self) -> LinkLostError:
        """Return the error that says that and why the link ended."""
        return LinkLostError(f"the connection to {self.peer} is gone: {self.lost_because}")

    async def until_lost(self, operation: Coroutine[Any, Any, T]) -> T:
        """Return the operation's result, or raise LinkLostError as soon as the link ends."""
        task = await until(self.lost, operation)
        if task.cancelled():
            # bumble cancels everything that waits on a connection that ends.
            raise self.lost_error()
        return task.result()

    async def encrypt(self) -> None:
        """Encrypt with the kept bond; BondLostError when the peer has no key, or another one."""
        try:
            await self.until_lost(self.connection.encrypt())
        except HCI_Error as error:
            if error.error_code in _KEY_MISSING:
                raise self._bond_lost() from error
            raise LinkFailedError(f"the connection to {self.peer} could not be encrypted: {error}") from error
        except LinkLostError as error:
            if self.lost.result() == _KEY_DIFFERS:
                raise self._bond_lost() from error
            raise

    def _bond_lost(self) -> BondLostError:
        return BondLostError(
            f"the roller {self.peer} does not accept the bond: it no longer knows this computer, it has been reset, or "
            f"another device answers in its place",
            advice=f"{bond_refused_advice(self.peer)}",
        )

    async def make_room(self) -> None:
        """Wait while too many packets are queued, so that a writer is not faster than the radio."""
        queue = self.connection.data_packet_queue
        if queue is not None and queue.pending > _QUEUE_LIMIT:
            await self.until_lost(self.connection.drain())

    async def disconnect(self) -> None:
        """End the link after the queued packets are sent; never raises, and never waits long."""
        if not self.is_up:
            return
        try:
            await self._drain()
            async with asyncio.timeout(_DISCONNECT_TIMEOUT_S):
                await self.until_lost(self.connection.disconnect())
        except LinkLostError:
            pass  # which was the point
        except (BaseBumbleError, TimeoutError) as error:
            logger.warning("the controller did not end the connection to %s: %s", self.peer, error)
        finally:
            self.end(HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(_DRAIN_TIMEOUT_S):
                await self.until_lost(self.connection.drain())
        except TimeoutError:
            logger.debug("not all packets to %s were sent before the end", self.peer)
