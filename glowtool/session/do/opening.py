"""The opening of a session's log: routine and roller are written down before anything moves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.model.names import key_of
from glowtool.session.do.recorder import Recorder
from glowtool.store.journal.journal import Journal, new_session_id
from glowtool.store.tables.entries import ChannelEntry, DeviceEntry
from glowtool.store.tables.manifest import Manifest
from glowtool.store.tables.program import program_hex
from glowtool.stream.pipeline import Pipeline, PipelineSettings
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.device.driver import Driver
    from glowtool.session.plan import SessionPlan


def utc_of(unix_us: int) -> datetime:
    """Return the UTC time of a unix time in µs."""
    return datetime.fromtimestamp(unix_us / MICROSECONDS_PER_SECOND, UTC)


async def open_recorder(plan: SessionPlan, roller: Driver) -> Recorder:
    """Make the session's folder, journal and pipeline.

    Raises `SafetyError` when the roller does not give what the program asks for, what the plan's `register` raises,
    `StoreError`, and `DecodeError` when no massage can be read from the roller's table of channels.
    """
    roller.admit(plan.program)
    readings = roller.readings(plan.rate_hz)
    settings = PipelineSettings(readings.channels, readings.rate_hz)
    manifest = _manifest(plan, roller, readings.rate_hz)
    if plan.register is not None:
        await plan.register(manifest.session_id)
    # Designing the filter loads scipy, and the folder waits for the disk: neither may hold up the event loop.
    pipeline = await asyncio.to_thread(Pipeline, settings)
    journal = await asyncio.to_thread(Journal.create, plan.logs_dir, manifest)
    return Recorder(pipeline, journal, readings, asyncio.get_running_loop().time)


def _manifest(plan: SessionPlan, roller: Driver, rate_hz: int) -> Manifest:
    started_utc = utc_of(plan.host_clock_us())
    identity = roller.identity
    return Manifest(
        session_id=new_session_id(started_utc),
        started_utc=started_utc,
        person=plan.person,
        routine=dict(plan.routine),
        program_hex=program_hex(plan.program),
        device=DeviceEntry(
            name=plan.device_name,
            address=plan.address,
            serial=identity.serial,
            firmware=identity.firmware,
            protocol=roller.protocol,
        ),
        channels=tuple(ChannelEntry.from_channel(channel) for channel in roller.channels),
        rate_hz=rate_hz,
        ceilings={key_of(which): value for which, value in roller.limits.ceilings.items()},
    )
