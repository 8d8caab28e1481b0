"""A real radio for the virtual roller: any HCI controller that bumble can reach."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from bumble.transport import open_transport

from glowtool.errors import AdapterUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bumble.transport.common import Transport, TransportSink

_OPEN_TIMEOUT_S: Final = 10.0


class HciRadio:
    """The controller behind a transport, in bumble's notation: `usb:0`, `serial:/dev/ttyACM0`, `tcp-client:…`.

    One roller at a time can have it. The roller sets its address, a random static one. The conditions of the virtual
    air do not apply: the real air has its own.
    """

    def __init__(self, transport_name: str) -> None:
        self._name = transport_name

    @asynccontextmanager
    async def attach(self, name: str) -> AsyncIterator[_Port]:  # noqa: ARG002 - a real controller has no name
        """Yield the port of the controller; AdapterUnavailableError when it cannot be opened."""
        transport = await self._open()
        try:
            yield _Port(transport)
        finally:
            await transport.close()
            # A socket tells its protocol that it is closed in the next turn of the loop.
            await asyncio.sleep(0)

    async def _open(self) -> Transport:
        try:
            async with asyncio.timeout(_OPEN_TIMEOUT_S):
                return await open_transport(self._name)
        except TimeoutError as error:
            raise AdapterUnavailableError(
                f"the radio {self._name} does not answer within {_OPEN_TIMEOUT_S:g} s",
                advice="check that it is plugged in",
            ) from error
        except Exception as error:
            # Each of bumble's transports, and each driver below, raises its own errors.
            why = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
            raise AdapterUnavailableError(
                f"the radio {self._name} cannot be opened ({why})",
                advice="give one of bumble's transports, such as usb:0, and check that the controller is there and "
                "that no other program uses it",
            ) from error


class _Port:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.terminated = transport.source.terminated

    def on_packet(self, packet: bytes) -> None:
        self._transport.sink.on_packet(packet)

    def set_packet_sink(self, sink: TransportSink) -> None:
        self._transport.source.set_packet_sink(sink)
