"""One host's connection, as the roller sees it: is it trusted, does it still have time, and which answers wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from glowtool.protocol.control import Opcode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bumble.device import Connection

#: A connection that is not encrypted with a bond's key by then is dropped. A pairing attempt gets the same time anew,
#: which is also the Security Manager's own timeout (Core, Vol 3, Part H, 3.4).
UNENCRYPTED_S: Final = 30.0

#: Answers that may wait for the host's confirmations.
ANSWERS: Final = 16

#: Taken even when the host leaves its answers unconfirmed: what ends outputs is never refused for that.
_OVERTAKES: Final = frozenset({Opcode.STOP, Opcode.EMERGENCY_STOP, Opcode.PAUSE})


class Link:
    """State of a connection. `indicate` sends one answer and returns when the host has confirmed it."""

    def __init__(
        self, connection: Connection, indicate: Callable[[Connection, bytes], Awaitable[None]], now_s: float
    ) -> None:
        self.connection = connection
        self.trusted = False
        self.task: asyncio.Task[None] | None = None
        self._indicate = indicate
        self._answers: asyncio.Queue[bytes] = asyncio.Queue(ANSWERS)
        self._deadline_s = now_s + UNENCRYPTED_S

    def grant_time(self, now_s: float) -> None:
        """Give the host time to finish a pairing attempt."""
        self._deadline_s = now_s + UNENCRYPTED_S

    def overdue(self, now_s: float) -> bool:
        """Whether the host has not become trusted in its time."""
        return not self.trusted and now_s >= self._deadline_s

    def has_room_for(self, request: bytes) -> bool:
        """Whether a command can be taken: its answer can wait in line, or the command ends outputs."""
        return not self._answers.full() or (len(request) > 0 and request[0] in _OVERTAKES)

    def answer(self, response: bytes) -> None:
        """Put an answer in line; it is dropped when there is no room, which only a stop can bring about."""
        if not self._answers.full():
            self._answers.put_nowait(response)

    async def send_answers(self) -> None:
        """Send answers in order, one after the other; raises TimeoutError when the host does not confirm one."""
        while True:
            await self._indicate(self.connection, await self._answers.get())
