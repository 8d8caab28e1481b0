"""The scan for advertisements on any adapter, with an end."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from glowtool.errors import AdapterUnavailableError, DeviceNotFoundError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from glowtool.link.adapter import Adapter

    Sighting = tuple[BLEDevice, AdvertisementData]

_LOG = logging.getLogger(__name__)

#: More than a crowded room sends in a second; the excess is dropped.
QUEUE_MAX: Final = 4096


async def discover(
    adapter: Adapter,
    timeout_s: float,
    *,
    stop_when: Callable[[BLEDevice, AdvertisementData], bool] | None = None,
    service_uuids: list[str] | None = None,
    on_listening: Callable[[], None] | None = None,
) -> AsyncGenerator[Sighting, None]:
    """Yield every advertisement heard within `timeout_s`; the last is the first for which `stop_when` holds.

    The same device comes again with each advertisement, with more complete data each time. Close the generator
    (`contextlib.aclosing`) when you leave it early. `on_listening` is called once the adapter listens. Raises
    AdapterUnavailableError, also when the adapter goes away.
    """
    heard: asyncio.Queue[Sighting | AdapterUnavailableError] = asyncio.Queue(QUEUE_MAX)
    clock = asyncio.get_running_loop().time
    deadline_s = clock() + timeout_s

    def on_detection(device: BLEDevice, advertisement: AdvertisementData) -> None:
        if not heard.full():  # it will be heard again
            heard.put_nowait((device, advertisement))

    def on_lost(error: AdapterUnavailableError) -> None:
        while heard.full():
            heard.get_nowait()
        heard.put_nowait(error)

    stop_watching = adapter.on_lost(on_lost)
    try:
        async with adapter.scanner(on_detection, service_uuids):
            if on_listening is not None:
                on_listening()
            while (left_s := deadline_s - clock()) > 0:
                try:
                    async with asyncio.timeout(left_s):  # not wait_for: before Python 3.12 it can lose a cancellation
                        sighting = await heard.get()
                except TimeoutError:
                    return
                if isinstance(sighting, AdapterUnavailableError):
                    raise sighting
                yield sighting
                if stop_when is not None and stop_when(*sighting):
                    return
    finally:
        stop_watching()


async def find_device(adapter: Adapter, wanted: str, timeout_s: float) -> BLEDevice:
    """Return the device with the wanted address or advertised name; DeviceNotFoundError when it is not heard."""

    def is_wanted(device: BLEDevice, advertisement: AdvertisementData) -> bool:
        return device.address.lower() == wanted.lower() or advertisement.local_name == wanted

    async with aclosing(discover(adapter, timeout_s, stop_when=is_wanted)) as sightings:
        async for device, advertisement in sightings:
            if is_wanted(device, advertisement):
                _LOG.info("%s was heard with %d dBm", device.address, advertisement.rssi)
                return device
    raise DeviceNotFoundError(
        f"{wanted!r} was not heard within {timeout_s:g} s on {adapter.name}",
        advice="switch the roller on, bring it near, and make sure that nothing else is connected to it",
    )
