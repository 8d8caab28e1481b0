"""The negotiation of a new link: a larger MTU, the faster PHY, longer packets. All of it is optional."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from bumble import hci
from bumble.att import ATT_Error
from bumble.core import BaseBumbleError

if TYPE_CHECKING:
    from glowtool.link.bumble.link import Link

logger = logging.getLogger(__name__)

#: One ATT packet of this size fits one link-layer packet of 251 bytes, with four bytes of L2CAP before it.
WANTED_MTU: Final = 247
_DATA_LENGTH_OCTETS: Final = 251
#: The time that 251 octets take on the 1M PHY, in µs (Core Vol 6 Part B 4.5.10).
_DATA_LENGTH_TIME_US: Final = 2120
_COMMAND_TIMEOUT_S: Final = 1.0


async def negotiate(link: Link) -> None:
    """Ask for MTU 247, 2M PHY and data length 251; a refused value stays as it is."""
    try:
        await link.att.request_mtu(WANTED_MTU)
    except ATT_Error as error:
        logger.debug("%s keeps the smallest MTU: %s", link.peer, error)
    host = link.connection.device.host
    try:
        async with asyncio.timeout(_COMMAND_TIMEOUT_S):
            if host.supports_command(hci.HCI_LE_SET_DATA_LENGTH_COMMAND):
                await link.until_lost(link.connection.set_data_length(_DATA_LENGTH_OCTETS, _DATA_LENGTH_TIME_US))
            if link.connection.device.supports_le_phy(hci.Phy.LE_2M):
                await link.until_lost(link.connection.set_phy([hci.Phy.LE_2M], [hci.Phy.LE_2M]))
    except (BaseBumbleError, TimeoutError) as error:
        logger.debug("%s stays with its radio parameters: %s", link.peer, str(error) or "no answer")
