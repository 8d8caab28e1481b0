"""The plan of a free recording, its news, and its result."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from glowtool.device.host_clock import unix_clock_us
from glowtool.model.channel import DEFAULT_RATE_HZ

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.device.attempts import FailedAttempt, NextAttempt
    from glowtool.device.identity import Identity
    from glowtool.errors import GlowtoolError
    from glowtool.model.ceilings import CeilingId
    from glowtool.model.ending import Ending
    from glowtool.model.event import Event
    from glowtool.model.status import Status
    from glowtool.session.listening.source import OpenSource
    from glowtool.session.news import Lost, Restored
    from glowtool.stream.arrivals import Books
    from glowtool.stream.heads import Head
    from glowtool.stream.live.meter import MeterReading


@dataclass(frozen=True, slots=True)
class ListeningPlan:
    """A free recording to make.

    `logs_dir` takes the folder of its log; None: nothing is kept, only shown. `duration_s` ends it, from the first
    reading on; None: a stop does. `host_clock_us` and `person` are as in the plan of a massage.
    """

    open_driver: OpenSource
    device_name: str
    address: str
    logs_dir: Path | None
    rate_hz: int = DEFAULT_RATE_HZ
    duration_s: float | None = None
    host_clock_us: Callable[[], int] = field(default=unix_clock_us)
    person: str | None = None
    chance: random.Random = field(default_factory=random.Random)


@dataclass(frozen=True, slots=True)
class Opened:
    """The device is connected, with these heads and ceilings; the log is open, if one is kept."""

    session_id: str | None
    path: Path | None
    identity: Identity
    battery_percent: int
    rate_hz: int
    heads: tuple[Head, ...] = ()
    ceilings: Mapping[CeilingId, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closing:
    """The recording is being ended, and its log closed; `reason` is empty where the ending says all."""

    ending: Ending
    reason: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """How a free recording ended; `session_id` and `path` are None where nothing was kept.

    `confirmed`: the device itself reported at the end that its outputs are zero. `problem` is the error for a shell.
    """

    session_id: str | None
    path: Path | None
    identity: Identity
    battery_percent: int
    ending: Ending
    reason: str
    confirmed: bool
    counters: Books
    losses: int
    problem: GlowtoolError | None


ListeningNews: TypeAlias = (
    "Opened | Status | MeterReading | Event | FailedAttempt | NextAttempt | Lost | Restored | Closing"
)

#: Takes news, from the event loop: it returns soon, and waits for nothing.
Publish: TypeAlias = Callable[["ListeningNews"], None]


def unheard(_news: ListeningNews) -> None:
    """Drop the news."""
