"""A socket on which other processes of the same person ask something: one line, answered with one JSON value."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from glowtool.kit.system.peer import peer_of

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable

    #: Returns the answer to a line; None: the line is none of ours, and is not answered.
    Answer = Callable[[bytes], Awaitable[object]]

_LOG = logging.getLogger(__name__)

#: At the end, a process that has asked gets this long to take the answer.
_PARTING_S: Final = 1.0


@asynccontextmanager
async def serving(bound: socket.socket, answer: Answer, *, line_max: int, patience_s: float) -> AsyncIterator[None]:
    """Answer one line of each connection to a bound socket for the time of the block, and close the socket.

    Another user's process is not heard. A peer that sends more than `line_max` bytes, or keeps us waiting for longer
    than `patience_s`, is dropped; `answer` itself may take its time. What is answered at the end still gets out.
    """
    busy: set[asyncio.Task[object]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            busy.add(task)
            task.add_done_callback(busy.discard)
        try:
            if peer_of(writer).may_ask:
                await _serve(reader, writer, answer, patience_s)
        finally:
            writer.close()

    server = await asyncio.start_unix_server(serve, sock=bound, limit=line_max)
    try:
        yield
    finally:
        server.close()
        if busy:
            await asyncio.wait(busy, timeout=_PARTING_S)
        for task in busy:
            task.cancel()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer, patience_s: float) -> None:
    try:
        async with asyncio.timeout(patience_s):
            line = await reader.readline()
    except (OSError, ValueError) as error:  # too late, gone, or too long
        _LOG.debug("no line came over a socket: %r", error)
        return
    said = await answer(line) if line else None
    if said is None:
        return
    with suppress(OSError):  # the asker did not wait
        async with asyncio.timeout(patience_s):
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
