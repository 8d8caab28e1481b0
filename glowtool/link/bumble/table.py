"""The peer's table of attributes: read at every connection, and watched for as long as that lasts.

Nothing of it is kept from one connection to the next, so there is no copy for a Database Hash to vouch for. While a
connection lasts, Service Changed (Core Vol 3 Part G 7.1) says that what was read is no longer true.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bleak.uuids import normalize_uuid_16
from bumble.att import ATT_Error

from glowtool.link.bumble.notifying import cccd_handle
from glowtool.link.bumble.services import discover_services
from glowtool.link.errors import LinkFailedError

if TYPE_CHECKING:
    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.service import BleakGATTServiceCollection

    from glowtool.link.bumble.link import Link

logger = logging.getLogger(__name__)

_SERVICE_CHANGED: Final = normalize_uuid_16(0x2A05)
_INDICATE: Final = b"\x02\x00"
_ATTEMPTS: Final = 3

#: Handles that were read may stand for something else by now, so nothing more is sent to any of them.
CHANGED: Final = "its table of attributes has changed, as it does after an update"


async def read_table(link: Link, wanted: set[str] | None) -> BleakGATTServiceCollection:
    """Return the services as they are now; once they are no longer so, the link ends and says why.

    A change that is told while they are read lets them be read again. Raises LinkFailedError when that does not end.
    """
    for _ in range(_ATTEMPTS):
        link.att.indicated.clear()
        services = await discover_services(link.att, wanted)
        changed = services.get_characteristic(_SERVICE_CHANGED)
        if changed is None:
            return services
        await _ask_for_it(link, changed)
        if changed.obj.handle not in link.att.indicated:
            link.att.on_indicated[changed.obj.handle] = lambda: link.give_up(CHANGED)
            return services
        logger.debug("%s changed its table while it was read", link.peer)
    raise LinkFailedError(f"{link.peer} changes its table of attributes again and again; switch it off and on")


async def _ask_for_it(link: Link, changed: BleakGATTCharacteristic) -> None:
    try:
        await link.att.write_value(cccd_handle(changed), _INDICATE, with_response=True)
    except ATT_Error as error:
        logger.debug("%s does not tell when its table changes: %s", link.peer, error)
