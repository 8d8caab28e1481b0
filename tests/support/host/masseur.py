"""A scripted roller that runs a short program and sends samples, for tests of the session without a radio."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from glowsim.time.virtual_time import unix_us
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.drivers.gr1.opener import opener
from glowtool.model.channel import Stream
from glowtool.model.event import Event
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import State
from glowtool.model.status import Status
from glowtool.protocol.channels import CHANNELS, select
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.samples import encode_frame, sample_dtype
from glowtool.protocol.status import WIRE_NO_STEP
from glowtool.protocol.telemetry import FrameHeader
from glowtool.safety import Gate
from glowtool.session.news import Asked, Began, Ends, Lost, Replied, Restored, Resuming
from glowtool.session.plan import SessionPlan
from support.device.steps import VIBRATION
from support.host.scripted_client import ScriptedRoller

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.model.ending import Ending
    from glowtool.protocol.commands.codec import Request
    from glowtool.session.news import LinkNews, MassageNews

STEP = VIBRATION
PROGRAM = Program((STEP, replace(STEP, zone=Zone.CHEEK_RIGHT)))
FAST = sample_dtype(select(CHANNELS, Stream.FAST, -1))
SAMPLES = 10

LINK_NEWS = (FailedAttempt, NextAttempt, Lost, Restored, Asked, Replied, Resuming)


@dataclass
class Watcher:
    """Remembers all news, and does something when an event, or news of the connection, comes."""

    heard: list[MassageNews] = field(default_factory=list)
    on_event: Callable[[Event], None] | None = None
    on_link: Callable[[LinkNews], None] | None = None

    def publish(self, news: MassageNews) -> None:
        self.heard.append(news)
        if isinstance(news, Event) and self.on_event is not None:
            self.on_event(news)
        if isinstance(news, LINK_NEWS) and self.on_link is not None:
            self.on_link(news)

    @property
    def started(self) -> Began | None:
        return next((news for news in self.heard if isinstance(news, Began)), None)

    @property
    def states(self) -> list[State]:
        return [news.state for news in self.heard if isinstance(news, Status)]

    @property
    def events(self) -> list[Event]:
        return [news for news in self.heard if isinstance(news, Event)]

    @property
    def endings(self) -> list[Ending]:
        return [news.ending for news in self.heard if isinstance(news, Ends)]

    @property
    def link(self) -> list[LinkNews]:
        return [news for news in self.heard if isinstance(news, LINK_NEWS)]


class Masseur(ScriptedRoller):
    """A scripted roller that runs a program of two steps, of a second each, for tests in virtual time."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stopped = asyncio.Event()

    def _move(self, opcode: Opcode) -> None:
        super()._move(opcode)
        if opcode is Opcode.START:
            self.status = replace(self.status, amplitude_permille=0)  # it begins softly

    def perform(self, *, to_the_end: bool = True) -> Masseur:
        self.on_request = lambda request: self._on_start(request, to_the_end)
        return self

    def _on_start(self, request: Request, to_the_end: bool) -> None:
        if request.opcode is Opcode.STOP and Opcode.START in self.opcodes:
            self.stopped.set()
        if request.opcode is not Opcode.START:
            return
        later = asyncio.get_running_loop().call_later
        start_us = self.status.device_time_us
        for number in range(4):
            later(0.02 * number + 0.01, self.send_samples, number)
        if to_the_end:
            later(
                1.0,
                lambda: self.change(step=1, massage_elapsed_ms=1000, device_time_us=start_us + 1_000_000),
            )
            later(
                2.0,
                lambda: self.change(
                    state=State.READY, step=WIRE_NO_STEP, amplitude_permille=0, device_time_us=start_us + 2_000_000
                ),
            )

    def send_samples(self, number: int) -> None:
        time_us = (self.status.device_time_us + number * SAMPLES * 5000) % 2**32
        header = FrameHeader(Stream.FAST, SAMPLES, number, time_us, number * SAMPLES)
        self.notify_frame(encode_frame(header, np.zeros(SAMPLES, FAST)))


def plan(roller: ScriptedRoller, logs: Path) -> SessionPlan:
    name, address = "GR-1 C0DE", "F0:00:00:00:00:01"
    return SessionPlan(
        opener(roller.client_for, Gate()), name, address, {"name": "test"}, PROGRAM, logs, host_clock_us=unix_us
    )


def folders(logs: Path) -> list[Path]:
    """Return the folders of the logs that were begun."""
    return [path for path in logs.iterdir() if path.name[0] != "."]
