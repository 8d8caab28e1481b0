"""The making of a connection: one attempt at a time, with an end that does not depend on the controller."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from bumble import hci
from bumble.core import BaseBumbleError
from bumble.device import ConnectionParametersPreferences
from bumble.transport.common import TransportLostError

from glowtool.link.errors import AdapterLeftError, LinkFailedError

if TYPE_CHECKING:
    from bumble.device import Connection, Device

logger = logging.getLogger(__name__)

_CANCEL_TIMEOUT_S: Final = 1.0

#: A short interval lets a stop arrive quickly, and shows within a second that a host vanished.
_PARAMETERS: Final = ConnectionParametersPreferences(
    connection_interval_min=7.5, connection_interval_max=15.0, max_latency=0, supervision_timeout=1000
)


class Connector:
    """The initiator of connections; a controller can only pursue one attempt at a time.

    Some controllers do not confirm that an attempt is cancelled (bumble's virtual one never does). Such an attempt
    lingers: the next one to the same address takes it over, one to another address is refused, and if it succeeds
    while nobody wants it, the connection is ended at once.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._turn = asyncio.Lock()
        self._lingering: tuple[hci.Address, asyncio.Task[Connection]] | None = None
        self._unwanted: set[asyncio.Task[Connection]] = set()
        self._farewells: set[asyncio.Task[None]] = set()

    async def connect(self, address: hci.Address) -> Connection:
        """Return a connection to the address; wait without limit, until cancelled."""
        async with self._turn:
            if self._farewells:
                # The end of a connection that nobody wanted must not meet a new one to the same peer.
                await asyncio.wait(self._farewells)
            attempt = self._attempt(address)
            try:
                await asyncio.wait({attempt})
            except asyncio.CancelledError:
                await self._give_up(address, attempt)
                raise
            return self._made(address, attempt)

    async def close(self) -> None:
        """Cancel a lingering attempt, and wait for everything that was begun."""
        if self._lingering is not None:
            _, attempt = self._lingering
            attempt.cancel()
            await asyncio.wait({attempt})
        if self._farewells:
            await asyncio.wait(self._farewells)

    def _attempt(self, address: hci.Address) -> asyncio.Task[Connection]:
        if self._lingering is None:
            preferences = {hci.HCI_LE_1M_PHY: _PARAMETERS}
            return asyncio.ensure_future(self._device.connect_le(address, preferences, timeout=None))
        lingering_address, attempt = self._lingering
        if lingering_address != address:
            raise LinkFailedError(
                f"the adapter still tries to reach {_plain(lingering_address)}, so it cannot reach {_plain(address)}",
                advice="switch that device on, or open the adapter again",
            )
        # Its end may be on its way to `_on_late_end` already.
        self._lingering = None
        self._unwanted.discard(attempt)
        return attempt

    def _made(self, address: hci.Address, attempt: asyncio.Task[Connection]) -> Connection:
        peer = _plain(address)
        if attempt.cancelled():
            raise _adapter_left(peer)
        try:
            connection = attempt.result()
        except TransportLostError as error:
            raise _adapter_left(peer) from error
        except BaseBumbleError as error:
            raise LinkFailedError(f"{peer} did not accept the connection: {error}") from error
        if self._device.lookup_connection(connection.handle) is not connection:
            raise LinkFailedError(f"{peer} ended the connection as soon as it was made")
        return connection

    async def _give_up(self, address: hci.Address, attempt: asyncio.Task[Connection]) -> None:
        try:
            if not attempt.done():
                async with asyncio.timeout(_CANCEL_TIMEOUT_S):
                    await self._device.cancel_connection()  # type: ignore[no-untyped-call] # bumble left it untyped
                    await asyncio.wait({attempt})
        except (TimeoutError, BaseBumbleError) as error:
            logger.debug("the attempt to reach %s lingers: %s", address, error)
        finally:
            # The caller that gave up may be cancelled again meanwhile; the attempt still has no owner.
            if not attempt.done():
                self._lingering = (address, attempt)
            self._unwanted.add(attempt)
            attempt.add_done_callback(self._on_late_end)

    def _on_late_end(self, attempt: asyncio.Task[Connection]) -> None:
        """End a connection that nobody wants any more, and forget the attempt."""
        if attempt not in self._unwanted:
            return
        self._unwanted.discard(attempt)
        self._lingering = None
        if attempt.cancelled() or attempt.exception() is not None:
            return
        self.end_in_background(attempt.result())

    def end_in_background(self, connection: Connection) -> None:
        """End a connection that nobody waits for any more; `close` waits for it."""
        farewell = asyncio.ensure_future(_say_farewell(connection))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)


def _adapter_left(peer: str) -> AdapterLeftError:
    return AdapterLeftError(f"the adapter went away while connecting to {peer}")


def _plain(address: hci.Address) -> str:
    return address.to_string(with_type_qualifier=False)


async def _say_farewell(connection: Connection) -> None:
    try:
        async with asyncio.timeout(_CANCEL_TIMEOUT_S):
            await connection.disconnect()
    except (TimeoutError, BaseBumbleError) as error:
        logger.debug("an unwanted connection to %s was not ended: %s", connection.peer_address, error)
