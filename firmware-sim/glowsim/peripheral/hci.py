"""The HCI port into which a Bluetooth stack is plugged, wherever its controller is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from asyncio import Future
    from contextlib import AbstractAsyncContextManager

    from bumble.transport.common import TransportSink


class HciPort(Protocol):
    """A controller as a host sees it: takes packets, and passes its own to the sink."""

    terminated: Future[None]

    def on_packet(self, packet: bytes) -> None:
        """Take a packet of the host."""
        ...

    def set_packet_sink(self, sink: TransportSink) -> None:
        """Pass the controller's packets to `sink` from now on."""
        ...


class Radio(Protocol):
    """A source of controllers: the virtual air, or a real controller."""

    def attach(self, name: str) -> AbstractAsyncContextManager[HciPort]:
        """Yield the port of a controller for the time of the block."""
        ...
