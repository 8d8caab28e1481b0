"""The replay of a log: the news that it tells again, at the moments at which they came or faster."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowtool.analysis.log import layout_in
from glowtool.device.identity import Identity
from glowtool.errors import StoreError
from glowtool.model.ceilings import CeilingId
from glowtool.model.ending import Ending
from glowtool.model.event import EventKind
from glowtool.model.names import key_of
from glowtool.model.output import Levels
from glowtool.model.program import NO_STEP, Program
from glowtool.model.state import Fault, Interlock, State
from glowtool.model.status import Status
from glowtool.routine import Routine
from glowtool.session.news import Began, Ends, StepBegan
from glowtool.store.logs.replay import arrivals_of, settings_of
from glowtool.store.tables.program import program_of
from glowtool.stream.columns import DEVICE_TIME, heads_read
from glowtool.stream.pipeline import Pipeline
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glowtool.model.event import Event
    from glowtool.model.program import Step
    from glowtool.session.news import MassageNews, Publish
    from glowtool.store.logs.log import SessionLog
    from glowtool.stream.block import Columns
    from glowtool.stream.layout import Layout
    from glowtool.stream.live.meter import MeterReading

#: The live meter reads ten times a second; a block of this length holds one reading at most.
_BLOCKS_PER_SECOND: Final = 20

#: At a break in the readings nobody waits longer than this: a lost connection may last a minute.
_WAIT_MOST_S: Final = 2.0


@dataclass(slots=True)
class _Told:
    """Where a replay is: the step and when it began, and whether it is paused."""

    step: int = NO_STEP
    step_began_us: int = 0
    paused_us: int | None = None
    stood_us: int = 0
    interlocks: Interlock = field(default=Interlock(0))


def routine_in(log: SessionLog) -> Routine | None:
    """Return the routine as it ran; None for a free recording. Raises `StoreError` for one that nobody here knows."""
    if log.manifest.is_free:
        return None
    try:
        return Routine.model_validate(log.manifest.routine)
    except ValueError as error:
        raise StoreError(
            f"{log.path} has a routine that this glowtool does not know, so it cannot be shown again",
            advice="`glowtool analyze` reads it all the same",
        ) from error


def news_of(log: SessionLog) -> Iterator[tuple[int, MassageNews]]:
    """Yield the news of a log with their device times, in order: each reading of the meter as it was, to the bit.

    A step is compared from the sample at which the roller said that it began; live, its news came up to a frame later,
    so a reading of the meter just there may name another side of the band. Outputs are those that were recorded.
    """
    manifest, program = log.manifest, program_of(log.manifest)
    pipeline, layout, told = Pipeline(settings_of(log)), layout_in(log), _Told()
    events = sorted(log.events(), key=lambda event: event.device_time_us)
    times_us, passed = log.samples(DEVICE_TIME.name)[DEVICE_TIME.name], 0
    at_us = int(times_us[0]) if len(times_us) else 0
    yield at_us, _began(log, Program(program))
    for arrival in arrivals_of(log, max(1, manifest.rate_hz // _BLOCKS_PER_SECOND)):
        portion = pipeline.take(arrival)
        reading = portion.meter
        if reading is None:
            continue
        at_us = reading.device_time_us
        while passed < len(events) and events[passed].device_time_us <= at_us:
            yield from _of_event(events[passed], told, program, pipeline)
            passed += 1
        yield at_us, _status(reading, portion.samples, layout, told, program)
        yield at_us, reading
    for event in events[passed:]:
        yield from _of_event(event, told, program, pipeline)
    yield at_us, Ends(manifest.ending or Ending.CRASHED, "")


async def replay(log: SessionLog, speed: float, publish: Publish) -> None:
    """Publish the news of a log, `speed` times as fast as they came; 0: without waiting."""
    loop, news = asyncio.get_running_loop(), news_of(log)
    before_us: int | None = None
    due_s = loop.time()
    for at_us, each in news:
        if speed > 0 and before_us is not None and at_us > before_us:
            due_s += min((at_us - before_us) / MICROSECONDS_PER_SECOND, _WAIT_MOST_S) / speed
            await asyncio.sleep(max(0.0, due_s - loop.time()))
        else:
            await asyncio.sleep(0)
        before_us = at_us if before_us is None else max(before_us, at_us)
        publish(each)


def _began(log: SessionLog, program: Program) -> Began:
    manifest, known = log.manifest, {key_of(which): which for which in CeilingId}
    ceilings = {known[name]: value for name, value in manifest.ceilings.items() if name in known}
    identity = Identity("", "", manifest.device.serial, "", manifest.device.firmware)
    heads = heads_read(manifest.known_channels())
    return Began(manifest.session_id, log.path, identity, 0, program, heads, ceilings)


def _of_event(
    event: Event, told: _Told, program: tuple[Step, ...], pipeline: Pipeline
) -> Iterator[tuple[int, MassageNews]]:
    at_us, index = event.device_time_us, event.data.get("index")
    if event.kind is EventKind.STEP and isinstance(index, int):
        told.step, told.step_began_us, told.stood_us = (index if index < len(program) else NO_STEP), at_us, 0
        if told.step != NO_STEP:
            step = program[told.step]
            pipeline.ask_for(step.band_low_kpa, step.band_high_kpa, step.direction)
        yield at_us, StepBegan(told.step)
    elif event.kind is EventKind.PAUSE:
        told.paused_us = at_us
    elif event.kind is EventKind.RESUME and told.paused_us is not None:
        told.stood_us, told.paused_us = told.stood_us + at_us - told.paused_us, None
    elif event.kind is EventKind.INTERLOCK:
        told.interlocks = _interlocks(event.data.get("in_force"))
    if event.kind not in {EventKind.TEMPERATURE, EventKind.GAP}:
        yield at_us, event


def _interlocks(names: object) -> Interlock:
    known: dict[object, Interlock] = {key_of(each): each for each in Interlock}
    found = Interlock(0)
    for name in names if isinstance(names, list) else ():
        found |= known.get(name, Interlock(0))
    return found


def _status(reading: MeterReading, samples: Columns, layout: Layout, told: _Told, program: tuple[Step, ...]) -> Status:
    """Return what the roller was doing, by the log."""
    at_us, step = reading.device_time_us, None if told.step == NO_STEP else program[told.step]
    state = State.READY if step is None else State.RUNNING if told.paused_us is None else State.PAUSED
    until_us = at_us if told.paused_us is None else told.paused_us
    levels = Levels(
        _last(samples, layout.amplitudes, max),
        0.0 if step is None else step.vibration_hz,
        _last(samples, layout.peaks, sum),
        0.0 if step is None else step.current_hz,
    )
    elapsed_ms = 0 if step is None else max(0, until_us - told.step_began_us - told.stood_us) // 1000
    return Status(
        state, told.step, len(program), 0, told.interlocks, Fault(0), levels, elapsed_ms, 0, 100, 100, at_us, 0
    )


def _last(samples: Columns, names: tuple[str, ...], joined: Callable[[list[float]], float]) -> float:
    found = [float(samples[name][-1]) for name in names if name in samples and len(samples[name])]
    return joined(found) if found else 0.0
