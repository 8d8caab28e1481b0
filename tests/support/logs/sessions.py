"""Logs that are made by hand, in this process or in a child that can be killed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.model.event import Event, EventKind
from glowtool.protocol.channels import CHANNELS
from glowtool.store.journal.journal import Checkpoint, Journal
from glowtool.store.tables.entries import ChannelEntry, DeviceEntry
from glowtool.store.tables.manifest import Manifest
from support.logs.framed import FramedPipeline
from support.logs.streams import HOST_US, RATE_HZ, START_US, fast_frames, rolled

if TYPE_CHECKING:
    from pathlib import Path

STARTED = datetime(2026, 11, 22, 15, 41, tzinfo=UTC)
ENDED = datetime(2026, 11, 22, 15, 42, tzinfo=UTC)
SESSION_ID = "20261122T154100Z-3f9a1c"


def manifest(session_id: str = SESSION_ID) -> Manifest:
    """Return the manifest of a session that begins."""
    return Manifest(
        session_id=session_id,
        started_utc=STARTED,
        routine={"name": "first-glow", "steps": [{"zone": "cheek_left"}]},
        program_hex="",
        device=DeviceEntry(name="GR-1 4F2A", address="F0:00", serial="4F2A", firmware="1.0.0", protocol="1.0"),
        channels=tuple(map(ChannelEntry.from_channel, CHANNELS)),
        rate_hz=RATE_HZ,
    )


def record(
    logs: Path, seconds: float, *, session_id: str = SESSION_ID, lose: range = range(0)
) -> tuple[Journal, Checkpoint]:
    """Record this many seconds of rolling with one step from 1 s on, frame by frame; the journal is still open."""
    journal = Journal.create(logs, manifest(session_id))
    pipeline = FramedPipeline()
    for number, frame in enumerate(fast_frames(rolled(round(seconds * RATE_HZ)))):
        if number == 20:
            journal.append_event(Event(START_US + 1_000_000, EventKind.STEP, {"index": 0}))
        if number not in lose:
            journal.append_output(pipeline.feed(frame, HOST_US + 50_000 * (number + 1)))
        journal.sync(number * 0.05, pipeline.checkpoint)
    journal.append_output(pipeline.finish(None))
    return journal, pipeline.checkpoint
