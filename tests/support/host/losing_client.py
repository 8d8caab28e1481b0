"""A scripted roller that loses its connection, and sessions over it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bleak.exc import BleakError

from glowtool.model.event import EventKind
from glowtool.model.program import Program
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import unpack_program
from glowtool.protocol.status import WIRE_NO_STEP
from glowtool.session.do.runner import Session
from support.host.masseur import PROGRAM, Masseur, Watcher, plan
from support.host.scripted_client import ScriptedClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from glowtool.link.client import LostCallback
    from glowtool.model.event import Event
    from glowtool.session.decide.questions import Question
    from glowtool.session.decide.resumption import OnLoss

LONG = Program(tuple(replace(step, duration_s=5.0) for step in PROGRAM))


class Deaf(ScriptedClient):
    async def connect(self) -> None:
        await asyncio.sleep(1)
        raise BleakError("not heard")


class Losing(Masseur):
    """A masseur whose connection is lost while the first step runs; it pauses then, as the firmware does."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.losses = 1
        self.deaf_for = 0
        self.state_after = State.PAUSED
        self.started_s = 0.0
        self.perform(to_the_end=False)

    def client_for(self, lost: LostCallback) -> ScriptedClient:
        if self.clients and self.deaf_for:
            self.deaf_for -= 1
            self.status = replace(self.status, device_time_us=self.status.device_time_us + 1_500_000)
            self.clients.append(Deaf(self, lost))
            return self.clients[-1]
        return super().client_for(lost)

    def lose_soon(self, event: Event) -> None:
        if event.kind is EventKind.STEP and event.data["index"] == 0 and self.losses:
            self.losses -= 1
            asyncio.get_running_loop().call_later(2.0, self.lose_in_mid_step)

    def _move(self, opcode: Opcode) -> None:
        super()._move(opcode)
        if opcode is Opcode.START:
            self.started_s = asyncio.get_running_loop().time()
            self.status = replace(self.status, step_elapsed_ms=0, massage_elapsed_ms=0, interlocks=Interlock(0))

    def finish_soon(self) -> None:
        """Let the program that was uploaded last come to its end."""
        steps = unpack_program(self.uploaded)
        at_us, worked_ms, client = self.status.device_time_us, 0, self.clients[-1]

        def go_on(**fields: object) -> None:
            if client.is_connected:
                self.change(**fields)

        for index, step in enumerate(steps):
            for step_ms in range(1000, step.duration_ms, 1000):
                # Once a second a roller says where it is, by a clock that runs.
                since_ms = worked_ms + step_ms
                says = partial(
                    go_on,
                    step_elapsed_ms=step_ms,
                    massage_elapsed_ms=since_ms,
                    device_time_us=at_us + since_ms * 1000,
                )
                asyncio.get_running_loop().call_later(since_ms / 1000, says)
            worked_ms += step.duration_ms
            running = index + 1 < len(steps)
            change = partial(
                go_on,
                state=State.RUNNING if running else State.READY,
                step=index + 1 if running else WIRE_NO_STEP,
                step_elapsed_ms=0,
                massage_elapsed_ms=worked_ms if running else 0,
                amplitude_permille=0,
                device_time_us=at_us + worked_ms * 1000,
            )
            asyncio.get_running_loop().call_later(worked_ms / 1000, change)

    def lose_in_mid_step(self) -> None:
        self.clients[-1].subscriptions.clear()
        elapsed_ms = round((asyncio.get_running_loop().time() - self.started_s) * 1000)
        self.change(
            state=self.state_after,
            step=0 if self.state_after is State.PAUSED else WIRE_NO_STEP,
            step_elapsed_ms=elapsed_ms,
            massage_elapsed_ms=elapsed_ms,
            amplitude_permille=0,
            interlocks=Interlock.LINK_LOSS,
            device_time_us=self.status.device_time_us + elapsed_ms * 1000,
        )
        self.lose()


def session_on(
    roller: Losing,
    logs: Path,
    on_loss: OnLoss,
    ask: Callable[[Question], Awaitable[bool]] | None = None,
) -> tuple[Session, Watcher]:
    watcher = Watcher()
    watcher.on_event = roller.lose_soon
    planned = replace(plan(roller, logs), program=LONG, on_loss=on_loss, ask=ask)
    return Session(planned), watcher


def after_loss(roller: Losing) -> list[Opcode]:
    """Return the commands after the first START's heartbeats, beginning with the first of the second connection."""
    order = [Opcode(opcode) for opcode in roller.opcodes if opcode is not Opcode.HEARTBEAT]
    return order[order.index(Opcode.START) + 1 :]


def finish_when_resumed(roller: Losing) -> None:
    starts = 0

    def on_request(request: object) -> None:
        nonlocal starts
        if getattr(request, "opcode", None) is Opcode.START:
            starts += 1
            if starts > 1:
                asyncio.get_running_loop().call_soon(roller.finish_soon)
            else:
                for number in range(4):
                    asyncio.get_running_loop().call_later(0.02 * number + 0.01, roller.send_samples, number)

    roller.on_request = on_request
