"""The peer's table of attributes: read when a connection is made, and watched while it lasts.

A bonded peer with a Database Hash (Core Vol 3 Part G 7.3) is asked for that first: an unchanged hash means an unchanged
table. While a connection lasts, Service Changed (7.1) says that the table is no longer valid.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bleak.uuids import normalize_uuid_16
from bumble import att
from bumble.core import UUID

from glowtool.link.bumble.gatt.services import as_bleak, discover_table
from glowtool.link.errors import LinkFailedError

if TYPE_CHECKING:
    from bleak.backends.service import BleakGATTServiceCollection

    from glowtool.link.bumble.gatt.services import Characteristic, Table
    from glowtool.link.bumble.gatt.table_cache import TableCache
    from glowtool.link.bumble.link import Link

logger = logging.getLogger(__name__)

_SERVICE_CHANGED: Final = normalize_uuid_16(0x2A05)
_CCCD: Final = normalize_uuid_16(0x2902)
_DATABASE_HASH: Final = UUID.from_16_bits(0x2B2A)
_HASH_BYTES: Final = 16
_INDICATE: Final = b"\x02\x00"
_ATTEMPTS: Final = 3

#: Known handles may mean other attributes by now, so nothing more is sent to any of them.
CHANGED: Final = "its table of attributes has changed, as it does after an update"


async def read_table(link: Link, wanted: set[str] | None, cache: TableCache) -> BleakGATTServiceCollection:
    """Return the present services; when they change later, the link ends and says why.

    When a change is reported during the reading, read them again. Raises LinkFailedError when that does not end.
    """
    for _ in range(_ATTEMPTS):
        link.att.indicated.clear()
        table = await _table(link, cache)
        told = {each.handle for each in _changes(table) if await _ask_for_it(link, each)}
        if not link.att.indicated & told:
            link.att.on_indicated |= dict.fromkeys(told, lambda: link.give_up(CHANGED))
            return as_bleak(table, wanted, lambda: link.att.mtu)
        logger.debug("%s changed its table while it was read", link.peer)
    raise LinkFailedError(f"{link.peer} keeps changing its attribute table", advice="switch it off and on")


def _changes(table: Table) -> list[Characteristic]:
    """Return the characteristics that report changes, whatever services are wanted: usually at most one."""
    return [each for service in table for each in service.characteristics if each.uuid == _SERVICE_CHANGED]


async def _table(link: Link, cache: TableCache) -> Table:
    if not link.connection.is_encrypted:
        # The device is unknown, and so is whether it would report a change.
        return await discover_table(link.att)
    peer = str(link.connection.peer_address)
    database_hash = await _read_hash(link)
    known = None if database_hash is None else cache.get(peer, database_hash)
    if known is not None:
        return known
    table = await discover_table(link.att)
    if database_hash is not None and database_hash == await _read_hash(link):
        # The hash is the same before and after, so it belongs to this table.
        cache.put(peer, database_hash, table)
    return table


async def _read_hash(link: Link) -> bytes | None:
    """Return the peer's Database Hash, None when it has none."""
    request = att.ATT_Read_By_Type_Request(starting_handle=0x0001, ending_handle=0xFFFF, attribute_type=_DATABASE_HASH)
    response = await link.att.send_request(request)
    if not isinstance(response, att.ATT_Read_By_Type_Response) or not response.attributes:
        return None
    _, value = response.attributes[0]
    return value if len(value) == _HASH_BYTES else None


async def _ask_for_it(link: Link, changed: Characteristic) -> bool:
    """Subscribe to changes; skip a characteristic that does not report them, since nothing else depends on it."""
    configuration = next((each.handle for each in changed.descriptors if each.uuid == _CCCD), None)
    if configuration is None:
        logger.debug("%s has no way to be asked about changes of its table at 0x%04X", link.peer, changed.handle)
        return False
    try:
        await link.att.write_value(configuration, _INDICATE, with_response=True)
    except att.ATT_Error as error:
        logger.debug("%s does not tell when its table changes: %s", link.peer, error)
        return False
    return True
