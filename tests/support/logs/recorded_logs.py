"""Recordings as logs on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from glowtool.model.event import Event, EventKind
from glowtool.model.program import Program
from glowtool.protocol.channels import CHANNELS
from glowtool.protocol.program import pack_program
from glowtool.store.journal.journal import Checkpoint, Journal
from glowtool.store.tables.entries import ChannelEntry, DeviceEntry
from glowtool.store.tables.events import stroke_event
from glowtool.store.tables.manifest import Manifest
from glowtool.stream.arrivals import Books
from glowtool.stream.block import Columns, Stroke
from glowtool.stream.heads import Head
from support.device.steps import BOTH_OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from glowtool.analysis.recordings.recording import Recording

STARTED = datetime(2026, 11, 22, 15, 41, tzinfo=UTC)
CHECKPOINT = Checkpoint(Books(sent=912, received=912), None)


def program_of(recording: Recording) -> bytes:
    """Return the program of a recording's steps, with both outputs on."""
    return pack_program(
        Program(
            tuple(
                replace(
                    BOTH_OUTPUTS,
                    zone=step.zone,
                    direction=step.direction,
                    duration_s=step.planned_s,
                    band_low_kpa=step.band_low_kpa,
                    band_high_kpa=step.band_high_kpa,
                )
                for step in recording.steps
            )
        )
    )


def manifest_of(recording: Recording) -> Manifest:
    """Return the manifest of a recording's session while it is recorded."""
    return Manifest(
        session_id=recording.facts.session_id,
        started_utc=STARTED,
        routine={
            "name": "first-glow",
            "title": "First glow",
            "steps": [{"title": step.title} for step in recording.steps],
        },
        program_hex=program_of(recording).hex(),
        device=DeviceEntry(name="GR-1 4F2A", address="C0:00:00:00:00:01", serial="1", firmware="1.0", protocol="1.0"),
        channels=tuple(ChannelEntry.from_channel(channel) for channel in CHANNELS),
        rate_hz=recording.rate_hz,
    )


def columns_of(recording: Recording) -> Columns:
    """Return the samples of a recording as the journal takes them."""
    samples = recording.samples
    assert samples.amplitude is not None
    assert samples.peak_ua is not None
    return {
        "sample": samples.sample,
        "device_time_us": samples.device_time_us,
        "host_time_us": samples.device_time_us,
        **{f"{name}_kpa": values for name, values in samples.cells_kpa.items()},
        **{f"pressure_{head}_kpa": values for head, values in samples.pressure_kpa.items()},
        **{each.travel: np.zeros(len(samples)) for each in recording.layout.heads if each.travel is not None},
        "amplitude": samples.amplitude,
        "peak_ua": samples.peak_ua,
        **{f"contact_{head}": values for head, values in samples.contact.items()},
    }


def journal_of(recording: Recording, logs: Path, events: Iterable[Event] = ()) -> Path:
    """Return the folder of a log that holds a recording and these further events, not finished."""
    journal = Journal.create(logs, manifest_of(recording))
    journal.append_samples(columns_of(recording))
    for step in recording.steps:
        journal.append_event(Event(step.spans_us[0][0], EventKind.STEP, {"index": step.index}))
    journal.append_event(Event(recording.steps[-1].spans_us[0][1], EventKind.STOP, {}))
    for event in events:
        journal.append_event(event)
    strokes = recording.strokes
    for row in range(len(strokes)):
        peak_kpa = float(strokes.peak_kpa[row])
        head = Head(str(strokes.head[row]))
        times = int(strokes.start_us[row]), int(strokes.end_us[row])
        journal.append_event(stroke_event(Stroke(head, 0, 1, *times, float(strokes.length_mm[row]), 1.0, peak_kpa, 1)))
    journal.close(CHECKPOINT)
    return journal.folder
