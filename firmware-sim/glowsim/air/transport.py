"""The host's side of a virtual controller: HCI packets in the same process, or over a stream."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from bumble.transport.common import BaseSource, StreamPacketSource, Transport

from glowsim.air.controller import VirtualController

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from glowsim.air.air import Air

#: While a host leaves this many bytes unread, no more completed packets are reported to it.
WRITE_BUFFER_HIGH: Final = 64 * 1024

#: A host that leaves this many bytes unread, including advertising reports, is considered dead.
WRITE_BUFFER_LIMIT: Final = 1024 * 1024


class _ToHost(BaseSource):
    """The source that the host reads from: the controller's sink."""

    def on_packet(self, packet: bytes) -> None:
        if self.sink is not None:
            self.sink.on_packet(packet)


@asynccontextmanager
async def in_process_transport(air: Air, name: str) -> AsyncIterator[Transport]:
    """Yield the transport of a new controller on the air; when the block ends, the controller leaves."""
    controller = VirtualController(name, air)
    source = _ToHost()
    controller.set_packet_sink(source)
    try:
        yield Transport(source, controller)
    finally:
        controller.leave()
        source.on_transport_lost()


class HciStream(StreamPacketSource):
    """HCI (H4) to one host over a stream: an asyncio protocol that owns the host's controller.

    `on_come` is called when the host has connected, `on_gone` when it has left.
    """

    def __init__(self, air: Air, on_come: Callable[[HciStream], None], on_gone: Callable[[HciStream], None]) -> None:
        super().__init__()
        self._air = air
        self._on_come = on_come
        self._on_gone = on_gone
        self._stream: asyncio.Transport | None = None
        self.controller: VirtualController | None = None
        self.name = "host"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the host its own controller."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"HCI over {type(transport).__name__} is not possible: not a stream")
        peer = transport.get_extra_info("peername")
        self.name = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else "host"
        self._stream = transport
        transport.set_write_buffer_limits(high=WRITE_BUFFER_HIGH)
        self.controller = VirtualController(self.name, self._air)
        self.controller.set_packet_sink(_StreamSink(transport))
        self.set_packet_sink(self.controller)
        self._on_come(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how it ended makes no difference
        """Take the host's controller off the air: its peers see a supervision timeout."""
        if self.controller is not None:
            self.controller.leave()
            self.controller = None
        self._stream = None
        self._on_gone(self)

    def pause_writing(self) -> None:
        """Hold senders back while the host does not read."""
        if self.controller is not None:
            self.controller.pause()

    def resume_writing(self) -> None:
        """Let senders continue."""
        if self.controller is not None:
            self.controller.resume()

    def close(self) -> None:
        """Close the stream."""
        if self._stream is not None:
            self._stream.abort()


class _StreamSink:
    def __init__(self, stream: asyncio.Transport) -> None:
        self._stream = stream

    def on_packet(self, packet: bytes) -> None:
        if self._stream.is_closing():
            return
        if self._stream.get_write_buffer_size() > WRITE_BUFFER_LIMIT:
            self._stream.abort()
            return
        self._stream.write(packet)
