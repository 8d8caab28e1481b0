"""What takes the readings of a free recording: a recorder with its log, or a meter that keeps nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from glowtool.model.names import key_of
from glowtool.session.do.opening import utc_of
from glowtool.session.do.recorder import Recorder
from glowtool.store.journal.journal import Journal, new_session_id
from glowtool.store.tables.entries import ChannelEntry, DeviceEntry
from glowtool.store.tables.manifest import Manifest
from glowtool.stream.pipeline import Pipeline, PipelineSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from glowtool.device.driver import Readings
    from glowtool.errors import StoreError
    from glowtool.model.ending import Ending
    from glowtool.model.event import Event
    from glowtool.session.listening.plan import ListeningPlan
    from glowtool.session.listening.source import Source
    from glowtool.stream.arrivals import Arrival
    from glowtool.stream.live.meter import MeterReading
    from glowtool.stream.live.zero import Zero


class Taker(Protocol):
    """Takes arrivals and events; a `Recorder` is one, and keeps them."""

    readings: Readings

    async def take(self, arrivals: tuple[Arrival, ...]) -> MeterReading | None:
        """Take what came together; return the reading of the meter if it is new."""
        ...

    async def zero(self, patience_s: float) -> Zero | None:
        """Return the zero of the cells in the air, None if that is not seen in time."""
        ...

    def mark(self, event: Event) -> None:
        """Take an event; never waits."""
        ...

    async def write_until_failed(self, fail: Callable[[StoreError], None]) -> None:
        """Write until `close`, and pass a failure of the disk to `fail`."""
        ...

    async def close(self) -> None:
        """Write the rest, once the account is settled."""
        ...

    async def finish(self, ending: Ending, ended_utc: datetime) -> object:
        """Finish what is kept."""
        ...

    async def discard(self) -> None:
        """Keep nothing."""
        ...

    def release(self) -> None:
        """Give back what was held."""
        ...


class MeterOnly:
    """Takes readings for the meter alone, and keeps nothing."""

    def __init__(self, pipeline: Pipeline, readings: Readings) -> None:
        self.readings = readings
        self._pipeline = pipeline
        self._closed = asyncio.Event()

    async def take(self, arrivals: tuple[Arrival, ...]) -> MeterReading | None:
        """Take what came together; return the reading of the meter if it is new."""
        meter = None
        for arrival in arrivals:
            meter = self._pipeline.take(arrival).meter or meter
        return meter

    async def zero(self, patience_s: float) -> Zero | None:
        """Return None: a zero that is off is a remark for a log."""
        del patience_s
        return None

    def mark(self, event: Event) -> None:
        """Keep nothing."""

    async def write_until_failed(self, fail: Callable[[StoreError], None]) -> None:
        """Wait until `close`; nothing is written, so nothing fails."""
        del fail
        await self._closed.wait()

    async def close(self) -> None:
        """Let `write_until_failed` return."""
        self._closed.set()

    async def finish(self, ending: Ending, ended_utc: datetime) -> None:
        """Keep nothing."""

    async def discard(self) -> None:
        """Keep nothing."""

    def release(self) -> None:
        """Hold nothing."""


async def open_taker(plan: ListeningPlan, source: Source) -> Recorder | MeterOnly:
    """Make what takes the readings, with the folder of the log where one is kept; raises `StoreError`, `DecodeError`.

    The manifest says that there was no routine: its `routine` is empty, and so is its program.
    """
    readings = source.readings(plan.rate_hz)
    # Designing the filter loads scipy, and the folder waits for the disk: neither may hold up the event loop.
    pipeline = await asyncio.to_thread(Pipeline, PipelineSettings(readings.channels, readings.rate_hz))
    if plan.logs_dir is None:
        return MeterOnly(pipeline, readings)
    journal = await asyncio.to_thread(_journal, plan.logs_dir, _manifest(plan, source, readings.rate_hz))
    return Recorder(pipeline, journal, readings, asyncio.get_running_loop().time)


def kept_as(taker: Recorder | MeterOnly) -> tuple[str | None, Path | None]:
    """Return the id and the folder of the log, None where nothing is kept."""
    return (taker.session_id, taker.path) if isinstance(taker, Recorder) else (None, None)


def _journal(logs_dir: Path, manifest: Manifest) -> Journal:
    return Journal.create(logs_dir, manifest)


def _manifest(plan: ListeningPlan, source: Source, rate_hz: int) -> Manifest:
    started_utc, identity = utc_of(plan.host_clock_us()), source.identity
    return Manifest(
        session_id=new_session_id(started_utc),
        started_utc=started_utc,
        person=plan.person,
        routine={},
        program_hex="",
        device=DeviceEntry(
            name=plan.device_name,
            address=plan.address,
            serial=identity.serial,
            firmware=identity.firmware,
            protocol=source.protocol,
        ),
        channels=tuple(ChannelEntry.from_channel(channel) for channel in source.channels),
        rate_hz=rate_hz,
        ceilings={key_of(which): value for which, value in source.limits.ceilings.items()},
    )
