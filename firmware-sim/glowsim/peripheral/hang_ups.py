"""The connections that the roller ends, each after the radio has sent everything that is due before."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from bumble import core

if TYPE_CHECKING:
    from bumble.device import Connection
    from bumble.hci import HCI_ErrorCode

#: A controller takes no longer than this to end a connection.
_PATIENCE_S: Final = 2.0


class HangUps:
    """Connections to end, with their reasons; nothing waits for them before `end_all`."""

    def __init__(self) -> None:
        self._due: list[tuple[Connection, HCI_ErrorCode]] = []

    def add(self, connection: Connection, reason: HCI_ErrorCode) -> None:
        """Have a connection ended."""
        self._due.append((connection, reason))

    async def end_all(self) -> None:
        """End the connections, the newest first."""
        while self._due:
            await hang_up(*self._due.pop())


async def hang_up(connection: Connection, reason: HCI_ErrorCode) -> None:
    """End a connection; the host may leave by itself meanwhile."""
    with suppress(core.BaseBumbleError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            await connection.disconnect(reason)
