"""The requests that hosts write: commands for the firmware, management requests, and the check of the bond."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bumble import att

from glowsim.peripheral.gatt import mcumgr
from glowtool.protocol.commands.ownership import is_stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Connection

    from glowsim.peripheral.gatt.server import RollerGattServer
    from glowsim.peripheral.gatt.services import Served
    from glowsim.peripheral.links import Links
    from glowsim.peripheral.mind import Mind
    from glowsim.peripheral.pairing.bonds import Bonds


class Requests:
    """Takes the requests of hosts for one roller. `served` returns the characteristics that it sends from."""

    def __init__(
        self, server: RollerGattServer, mind: Mind, bonds: Bonds, links: Links, served: Callable[[], Served]
    ) -> None:
        self._server = server
        self._mind = mind
        self._bonds = bonds
        self._links = links
        self._served = served
        self._clock = asyncio.get_running_loop().time

    def gate(self, connection: Connection) -> att.ErrorCode | None:
        """Return why a connection may not use an attribute that needs a bond; None when it may."""
        link = self._links.of(connection)
        if link is not None and link.trusted:
            return None
        bonded = str(connection.peer_address) in self._bonds
        return att.ErrorCode.INSUFFICIENT_ENCRYPTION if bonded else att.ErrorCode.INSUFFICIENT_AUTHENTICATION

    def on_control(self, connection: Connection, data: bytes) -> None:
        """Pass a command to the firmware and queue its answer.

        The host must have subscribed to answers first. Commands that stop are carried out anyway, without an answer.
        """
        link = self._links.of(connection)
        if link is None:
            raise att.ATT_Error(error_code=att.ErrorCode.UNLIKELY_ERROR)
        wants_answers = self._server.wants_indications(connection, self._served().control)
        if not wants_answers and not is_stop(data):
            raise att.ATT_Error(error_code=att.ErrorCode.CCCD_IMPROPERLY_CONFIGURED)
        if not link.has_room_for(data):
            raise att.ATT_Error(error_code=att.ErrorCode.PROCEDURE_ALREADY_IN_PROGRESS)
        answer = self._mind.on_control(data, connection.att_mtu)
        if not answer or not wants_answers:
            return
        link.answer(answer)
        # Only after the response to the write itself, as hosts expect.
        asyncio.get_running_loop().call_soon(lambda: link.send_next(self._clock()))

    def on_stop(self, connection: Connection, data: bytes) -> None:
        """Pass a stop to the firmware at once; anything else is ignored, since nobody would hear of it."""
        if is_stop(data):
            self._mind.on_control(data, connection.att_mtu)

    def on_smp(self, connection: Connection, data: bytes) -> None:
        """Answer a management request; anything else is ignored."""
        answer = mcumgr.answer(data)
        if answer is not None:
            self._server.notify_now(connection, self._served().smp, answer)

    def indicate_on(self, connection: Connection) -> Callable[[bytes], bool]:
        """Return the function that sends one answer on a connection."""
        return lambda answer: self._server.indicate_now(connection, self._served().control, answer)
