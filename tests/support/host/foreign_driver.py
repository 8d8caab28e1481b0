"""A driver of another maker's device, behind the seam and without a radio: it knows no frame and no opcode of ours.

The device has one head with two cells and a motor, samples at 50 Hz, and begins anew with no encoder and no current.
It stands in for hardware that cannot be here; what it says is made up.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.device.feed import Feed
from glowtool.device.identity import Identity
from glowtool.drivers import kinds
from glowtool.model.ceilings import CeilingId
from glowtool.model.channel import Channel, ChannelFacts, ChannelFlag, Format, Place, Quantity, Stream, Unit
from glowtool.model.program import NO_STEP
from glowtool.model.state import Capability, DeviceLimits, State
from glowtool.stream.arrivals import Arrival, Books, Gap
from glowtool.stream.block import Block, ClockPair
from support.host.statuses import IDLE, answer, changed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import pytest

    from glowtool.device.archive import Archive
    from glowtool.device.attempts import Attempt
    from glowtool.device.driver import Driver, Readings
    from glowtool.device.mailbox import Mailbox
    from glowtool.model.answer import Answer, Heard
    from glowtool.model.program import Program
    from glowtool.model.status import Status

RATE_HZ: Final = 50
BLOCK: Final = 5
#: The second block of the massage is lost on the way.
LOST: Final = 1


def _cell(number: int, name: str, place: Place) -> Channel:
    row = ChannelFacts(
        number,
        Stream.FAST,
        Quantity.PRESSURE,
        place,
        Format.UINT16,
        ChannelFlag.SATURATES,
        Unit.PASCAL,
        1,
        0,
        0,
        0,
        60_000,
    )
    return Channel(name, row)


CHANNELS: Final[tuple[Channel, ...]] = (_cell(0, "front", Place.LEFT_FRONT), _cell(1, "rear", Place.LEFT_REAR))
#: One sample of both cells, as a block carries it.
RAW: Final = np.dtype([(channel.name, np.uint16) for channel in CHANNELS])


class ForeignReadings:
    """Blocks straight from the device, a gap among them."""

    def __init__(self) -> None:
        self.rate_hz = RATE_HZ
        self.channels = CHANNELS
        self.unsure = False
        self.books = Books()
        self._stopped = asyncio.Event()

    async def start(self) -> None:
        self._stopped.clear()

    async def arrivals(self) -> AsyncIterator[tuple[Arrival, ...]]:
        number = 0
        while not self._stopped.is_set():
            raw = np.full(BLOCK, 4000, dtype=np.uint16)
            samples = np.zeros(BLOCK, RAW)
            samples["front"], samples["rear"] = raw, raw
            time_us = IDLE.device_time_us + number * BLOCK * 1_000_000 // RATE_HZ
            end_us = time_us + BLOCK * 1_000_000 // RATE_HZ
            heard = (ClockPair(end_us, 1_790_000_000_000_000 + time_us),)
            here = Block(number * BLOCK, RATE_HZ, time_us, samples, heard)
            missing = Gap((number - 1) * BLOCK, BLOCK, time_us - BLOCK * 1_000_000 // RATE_HZ)
            if number != LOST:
                self.books = replace(self.books, received=self.books.received + 1)
                yield (missing, here) if number == LOST + 1 else (here,)
            self.books = replace(self.books, sent=number + 1, lost=int(number >= LOST))
            number += 1
            await asyncio.sleep(BLOCK / RATE_HZ)

    async def stop(self) -> int:
        self._stopped.set()
        return self.books.sent

    def settle(self, frames_sent: int | None) -> None:
        """Nothing is left to be settled: this device counts for itself."""


class ForeignDriver:
    """Runs one program by the event loop's clock."""

    def __init__(self) -> None:
        self.identity = Identity("Brushworks", "BR-7", "0007", "C", "9.9")
        self.channels = CHANNELS
        self.limits = DeviceLimits(Capability.VIBRATION | Capability.PRESSURE, {CeilingId.PRESSURE_CAUTION: 4.5})
        self.rates_hz = (RATE_HZ,)
        self.battery_percent = 55
        self.protocol = "brush 3"
        self.lost_because: str | None = None
        self.found = self.status = IDLE
        self.done: list[str] = []
        self.uploads = 0
        self._statuses: Feed[Status] = Feed()
        self._answers: Feed[Heard] = Feed()
        self._program: Program | None = None

    @property
    def archive(self) -> Archive | None:
        """Return None: it keeps nothing by itself."""
        return None

    def admit(self, program: Program) -> None: ...
    async def connect(self) -> None: ...
    async def close(self) -> None:
        await self.stop()

    async def drop(self) -> None: ...
    def status_changes(self) -> Mailbox[Status]:
        return self._statuses.follow()

    def answers(self) -> Mailbox[Heard]:
        return self._answers.follow()

    def readings(self, rate_hz: int = RATE_HZ) -> Readings:  # noqa: ARG002 - it has one rate
        return ForeignReadings()

    async def set_time(self, unix_ms: int) -> None: ...
    async def upload(self, program: Program) -> None:
        self._program = program
        self.uploads += 1
        self._say(state=State.READY, steps=len(program.steps))

    async def start(self) -> Answer:
        self.done.append("start")
        self._say(state=State.RUNNING, step=0)  # outputs begin softly
        return answer(self.status, to_start=True)

    async def pause(self) -> Answer:
        raise NotImplementedError

    async def resume(self) -> Answer:
        raise NotImplementedError

    async def skip(self) -> Answer:
        raise NotImplementedError

    async def extend(self, extra_ms: int) -> Answer:
        raise NotImplementedError

    async def trim(self, vibration_percent: int, current_percent: int) -> Answer:
        raise NotImplementedError

    async def keep_alive(self) -> None:
        """Run the program: this device says by itself when it is over."""
        assert self._program is not None
        for index, step in enumerate(self._program.steps):
            elapsed_ms = sum(each.duration_ms for each in self._program.steps[:index])
            self._say(step=index, massage_elapsed_ms=elapsed_ms)
            await asyncio.sleep(step.duration_s / 2)
            self._say(amplitude=0.05)
            await asyncio.sleep(step.duration_s / 2)
        self._say(state=State.READY, step=NO_STEP, amplitude=0.0)

    async def signal(self) -> None: ...
    async def tare(self) -> None: ...
    def post_stop(self) -> asyncio.Task[Answer]:
        return asyncio.get_running_loop().create_task(self.stop())

    async def emergency_stop(self) -> Answer:
        return await self.stop()

    async def stop(self) -> Answer:
        self.done.append("stop")
        self._say(state=State.IDLE, step=NO_STEP, amplitude=0.0)
        return answer(self.status)

    def _say(self, **fields: object) -> None:
        passed_us = round(asyncio.get_running_loop().time() * 1e6) - self._began_us
        self.status = changed(self.status, device_time_us=IDLE.device_time_us + passed_us, **fields)
        self._statuses.publish(self.status)

    _began_us = 0

    @asynccontextmanager
    async def opened(
        self,
        _host_clock_us: Callable[[], int],
        _tell: Callable[[Attempt], None],
    ) -> AsyncIterator[Driver]:
        """Be what opens a driver, for a session."""
        self._began_us = round(asyncio.get_running_loop().time() * 1e6)
        self._say()
        try:
            yield self
        finally:
            await self.close()


def announce(driver: ForeignDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a package announce the driver for the model BR-7; its author forgot the gate that he was given."""
    announce_kind(kinds.DriverKind("brush", lambda model: model == "BR-7", lambda *_: driver.opened), monkeypatch)


def announce_kind(kind: kinds.DriverKind, monkeypatch: pytest.MonkeyPatch, *, beside_a_broken_one: bool = True) -> None:
    """Have a package announce a kind of devices; the driver of another package cannot be loaded."""

    def broken() -> object:
        raise ImportError("no such wheel")

    points = [SimpleNamespace(name="comb", load=broken), SimpleNamespace(name=kind.name, load=lambda: kind)]
    monkeypatch.setattr(kinds, "entry_points", lambda **_: points[not beside_a_broken_one :])


def brief(duration_s: int) -> str:
    """Return the text of a routine of one step with vibration alone, which a foreign device can run."""
    return f"""
name = "brief"
title = "Brief"
goal = "introduction"
description = "One cheek."
[[steps]]
title = "Cheek"
zone = "cheek-left"
duration_s = {duration_s}
band_kpa = [2.0, 5.0]
cue = "Up"
vibration = {{ amplitude_percent = 30, frequency_hz = 75 }}
"""
