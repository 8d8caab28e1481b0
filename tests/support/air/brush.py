"""A device of another maker on the air, and its driver, which speaks to it over a bond and knows nothing of a GR-1."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowtool.device.announcement import Announcement, Recognised
from glowtool.drivers.kinds import DriverKind
from support.air.tiny_peripheral import PROTECTED, SERVICE, TinyPeripheral, hci_over_tcp, new_air
from support.host.foreign_driver import ForeignDriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from bleak.backends.scanner import AdvertisementData

    from glowtool.device.attempts import Attempt
    from glowtool.device.driver import Driver
    from glowtool.link.backoff import Backoff
    from glowtool.link.client import ClientFactory
    from glowtool.model.answer import Answer
    from glowtool.safety.gate import Gate

NAME: Final = "Brush 0007"
PASSKEY: Final = "123456"


class BrushDriver(ForeignDriver):
    """Writes one word for each order, to a characteristic that wants an authenticated bond."""

    def __init__(self, client_for: ClientFactory) -> None:
        super().__init__()
        self._client = client_for(lambda _: None)

    async def start(self) -> Answer:
        await self._write(b"start")
        return await super().start()

    async def stop(self) -> Answer:
        await self._write(b"stop")
        return await super().stop()

    @asynccontextmanager
    async def opened(self, host_clock_us: Callable[[], int], tell: Callable[[Attempt], None]) -> AsyncIterator[Driver]:
        await self._client.connect()
        try:
            await self._write(b"zero")
            async with super().opened(host_clock_us, tell) as driver:
                yield driver
        finally:
            await self._client.disconnect()

    async def _write(self, word: bytes) -> None:
        await self._client.write_gatt_char(PROTECTED, word, response=True)


def recognises(heard: AdvertisementData, _name: str | None) -> Recognised | None:
    """Return a brush by its service; it announces nothing more."""
    return Recognised(Announcement(pairing_open=True)) if SERVICE in heard.service_uuids else None


def _opener(client_for: ClientFactory, _gate: Gate, _patience: Backoff) -> Callable[..., object]:
    return BrushDriver(client_for).opened


BRUSH: Final = DriverKind("brush", lambda model: model == "BR-7", _opener, recognises)  # type: ignore[arg-type] # as an author may type it


@dataclass
class Near:
    """A brush in reach: the adapter that reaches its air, and everything that was written to it."""

    adapter: str
    peripheral: TinyPeripheral
    _told: int = field(default=0)

    def told(self) -> list[bytes]:
        """Return what it was told since the last time, word by word."""
        assert (self.peripheral.written, self.peripheral.commands) == ([], []), "no other attribute is written"
        words = self.peripheral.protected[self._told :]
        self._told += len(words)
        return words


@contextmanager
def near() -> Iterator[Near]:
    """Have a brush on an air of its own, in a thread of its own, since commands have event loops of their own."""
    there: list[Near] = []
    begun, loop, over = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def be() -> None:
        air = new_air()
        peripheral = TinyPeripheral(air, name=NAME)
        await peripheral.start()
        async with hci_over_tcp(air) as port:
            there.append(Near(f"bumble:tcp-client:127.0.0.1:{port}", peripheral))
            begun.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(be()))
    thread.start()
    try:
        assert begun.wait(10)
        yield there[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
