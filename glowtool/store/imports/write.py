"""An imported recording as a log like any other: journal, stream, finished files; its manifest says so."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.errors import InputError, StoreError
from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.channel import Channel, ChannelFacts, ChannelFlag, Format, Quantity, Stream, Unit
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.model.face import Direction
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import RANGES, Program, Step
from glowtool.store.erasure.erase import erase_log
from glowtool.store.exports.registry import told_nobody
from glowtool.store.journal.journal import Checkpoint, Journal, new_session_id
from glowtool.store.tables.entries import ChannelEntry, DeviceEntry, ImportEntry
from glowtool.store.tables.finish import finish
from glowtool.store.tables.manifest import Manifest
from glowtool.store.tables.program import program_hex
from glowtool.stream.arrivals import Books, Gap
from glowtool.stream.block import Block, period_us
from glowtool.stream.clock.model import ClockLine, ClockModel
from glowtool.stream.pipeline import Pipeline, PipelineSettings
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from glowtool.model.channel import Place
    from glowtool.store.exports.registry import Advance
    from glowtool.store.imports.mapping import Mapping
    from glowtool.store.imports.regular import Regular
    from glowtool.stream.block import FloatArray

#: What the manifest of every import calls its routine, so that the catalogue tells imports.
ROUTINE: Final = "imported"

_SI: Final = {Quantity.PRESSURE: Unit.PASCAL, Quantity.TRAVEL: Unit.METRE}
_STEPS_BYTES_MAX: Final = 255
_BLOCK: Final = 4096
#: Two syncs are at least 0.4 of this apart: the file is still there, so little has to be done again.
_SYNCED_ROWS: Final = 131_072
#: The finest resolution, as a power of ten of the SI unit.
_FINEST: Final = -6
_COARSEST: Final = 9


@dataclass(frozen=True, slots=True)
class Kept:
    """An imported log: its folder, its manifest, and by how much the values of each channel were rounded at most."""

    folder: Path
    manifest: Manifest


def channel_of(number: int, name: str, facts: tuple[Quantity, Place], values: FloatArray) -> Channel:
    """Return a channel of 16 bits that holds these values in SI as finely as they fit; raises `InputError`."""
    quantity, place = facts
    low, high = float(values.min()), float(values.max())
    form, bottom, top = (Format.SINT16, -32768, 32767) if low < 0 else (Format.UINT16, 0, 65535)
    for exponent in range(_FINEST, _COARSEST):
        for multiplier in (1, 2, 5):
            size = float(f"{multiplier}e{exponent}")
            if bottom <= round(low / size) and round(high / size) <= top:
                row = ChannelFacts(
                    number, Stream.FAST, quantity, place, form, ChannelFlag(0), _SI[quantity],
                    multiplier, exponent, 0, bottom, top,
                )  # fmt: skip
                return Channel(name, row)
    raise InputError(
        f"{name} has values up to {max(-low, high):g} in SI; no device measures that", advice="check its unit"
    )


def keep(
    logs: Path,
    mapping: Mapping,
    regular: Regular,
    source: ImportEntry,
    *,
    ended_utc: datetime,
    advance: Advance = told_nobody,
) -> Kept:
    """Write a recording into a folder of logs, all of it or nothing; raises `StoreError`, `InputError`."""
    channels = tuple(
        channel_of(number, item.name, (item.kind, item.where), regular.columns[item.name])
        for number, item in enumerate(mapping.channels)
    )
    length_s = (int(regular.places[-1]) + 1) / regular.rate_hz
    started = (mapping.session.started or ended_utc - timedelta(seconds=length_s)).astimezone(UTC)
    manifest = _manifest(mapping, channels, source, rate_hz=regular.rate_hz, started=started, length_s=length_s)
    journal = Journal.create(logs, manifest)
    checkpoint = Checkpoint(Books(), _clock(started))
    try:
        _fill(journal, channels, regular, advance)
        journal.close(checkpoint)
        manifest = finish(journal.folder, Ending.COMPLETED, started + timedelta(seconds=length_s), checkpoint)
    except BaseException:
        # The file is still there: half of it as a log would only be taken for all of it.
        with suppress(StoreError):
            journal.close()
        erase_log(journal.folder)
        raise
    return Kept(journal.folder, manifest)


def _clock(started: datetime) -> ClockModel:
    """Return the clock of a file: its first row was measured when it began."""
    return ClockModel((ClockLine(0, 0, round(started.timestamp() * MICROSECONDS_PER_SECOND), 0.0, 0),))


def _manifest(
    mapping: Mapping,
    channels: tuple[Channel, ...],
    source: ImportEntry,
    *,
    rate_hz: int,
    started: datetime,
    length_s: float,
) -> Manifest:
    facts = mapping.session
    steps = program_of_length(mapping, length_s)
    return Manifest(
        session_id=new_session_id(started),
        started_utc=started,
        routine={
            "name": ROUTINE,
            "title": facts.title,
            "steps": [{"zone": facts.zone, "title": facts.title} for _ in steps],
        },
        program_hex=program_hex(steps),
        device=DeviceEntry(name=facts.device, address="", serial="", firmware="", protocol=""),
        channels=tuple(map(ChannelEntry.from_channel, channels)),
        rate_hz=rate_hz,
        imported=source,
    )


def program_of_length(mapping: Mapping, length_s: float) -> Program:
    """Return a program without outputs in the zone of a recording: one step, or several if it is longer than one.

    No program is longer than a massage may be; the steps of a longer recording state less time than they took.
    """
    longest_s = RANGES["duration_s"].high
    count = math.ceil(length_s / longest_s)
    if count > _STEPS_BYTES_MAX:
        raise InputError(f"the recording is {length_s / 3600:.1f} hours long", advice="use several shorter files")
    low, high = mapping.session.band_kpa
    planned_s = min(length_s, limit(CeilingId.MASSAGE_DURATION)) / count
    step = Step(
        mapping.session.face, Direction.ANY, max(planned_s, RANGES["duration_s"].low), 0.0, 75.0, Pattern.STEADY,
        1.0, 0, 10.0, Waveform.NONE, 4.0, low, high,
    )  # fmt: skip
    return Program((step,) * count)


def _fill(journal: Journal, channels: tuple[Channel, ...], regular: Regular, advance: Advance) -> None:
    """Send the recording through the stream, gaps included, into the journal."""
    rate_hz, places = regular.rate_hz, regular.places
    raw = np.empty(len(places), dtype=[(item.name, item.row.format.type_name) for item in channels])
    for item in channels:
        raw[item.name] = np.rint(regular.columns[item.name] / item.scale).astype(np.int64)
    pipeline, period = Pipeline(PipelineSettings(channels, rate_hz)), period_us(rate_hz)
    length = int(places[-1]) + 1
    count = math.ceil(length / rate_hz / RANGES["duration_s"].high)
    for index in range(count):
        journal.append_event(Event(index * length // count * period, EventKind.STEP, {"index": index}))
    cuts = np.flatnonzero(np.diff(places) != 1) + 1
    bounds = [0, *cuts.tolist(), len(places)]
    for start, stop in pairwise(bounds):
        if start:
            first = int(places[start - 1]) + 1
            journal.append_output(pipeline.take(Gap(first, int(places[start]) - first, first * period)))
        for at in range(start, stop, _BLOCK):
            end = min(at + _BLOCK, stop)
            place = int(places[at])
            journal.append_output(pipeline.take(Block(place, rate_hz, place * period, raw[at:end])))
            journal.sync(end / _SYNCED_ROWS)
            advance(end / len(places))
    journal.append_output(pipeline.finish())
    journal.append_event(Event(length * period, EventKind.STOP, {"by": "the end of the file"}))
