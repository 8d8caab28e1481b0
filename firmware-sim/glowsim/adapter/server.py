"""The simulator as a server: each host that connects gets its own virtual controller, HCI over TCP, on one air."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowsim.air.transport import HciStream
from glowtool.errors import AdapterUnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from glowsim.air.air import Air


def _ignore(_name: str) -> None:
    pass


@asynccontextmanager
async def serving(
    air: Air,
    host: str,
    port: int,
    *,
    on_come: Callable[[str], None] = _ignore,
    on_gone: Callable[[str], None] = _ignore,
) -> AsyncIterator[int]:
    """Serve hosts for the time of the block and yield the port, which the system chooses when `port` is 0.

    The air is open to every host that connects, so only loopback addresses are served: UsageError for another one.
    AdapterUnavailableError when the port cannot be had.
    """
    _check_loopback(host)
    present: set[HciStream] = set()

    def come(stream: HciStream) -> None:
        present.add(stream)
        on_come(stream.name)

    def gone(stream: HciStream) -> None:
        present.discard(stream)
        on_gone(stream.name)

    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(lambda: HciStream(air, come, gone), host, port)
    except OSError as error:
        raise AdapterUnavailableError(_why_not(host, port, error)) from error
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for stream in tuple(present):
            stream.close()
        await server.wait_closed()


def _check_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(f"--host {host} is not a loopback address; allowed: 127.0.0.1, ::1, localhost")


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; stop the process that uses it, or choose another port with --port"
    return f"cannot listen on {host} port {port}: {error.strerror or error}; choose others with --host and --port"
