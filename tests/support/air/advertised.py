"""The advertisement of a roller, as a host on the same air hears it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bumble import core

from glowtool.protocol.advertising import COMPANY_ID, Advertisement
from glowtool.protocol.wire import decode

if TYPE_CHECKING:
    from bumble.device import Advertisement as Heard

    from support.air.radio import RadioHost


async def advertised(host: RadioHost, address: str) -> tuple[Advertisement, str]:
    """Return the next advertisement from an address, with the name of its scan response."""
    heard: asyncio.Queue[Heard] = asyncio.Queue()
    host.device.on("advertisement", heard.put_nowait)
    await host.device.start_scanning(active=True)
    try:
        async with asyncio.timeout(5):
            while True:
                found = await heard.get()
                maker = found.data.get(core.AdvertisingData.MANUFACTURER_SPECIFIC_DATA)
                name = found.data.get(core.AdvertisingData.COMPLETE_LOCAL_NAME)
                if str(found.address) == address and maker is not None and name is not None:
                    company, data = maker
                    assert company == COMPANY_ID
                    return decode(Advertisement, data), name
    finally:
        await host.device.stop_scanning()
        host.device.remove_listener("advertisement", heard.put_nowait)
