"""When a roller is carried away in mid-massage, it stops by itself, and goes on only as the person wants."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glowsim.evidence.record import read_delivered
from glowsim.time.virtual_time import unix_us
from glowtool.drivers.gr1.opener import opener
from glowtool.link.backoff import CONNECTING
from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.gatt import STOP_POINT
from glowtool.safety import Gate
from glowtool.session.decide.questions import Question
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.do.runner import Session
from glowtool.session.news import Lost, Restored
from glowtool.session.plan import SessionPlan
from radio.acts import bond, found, opened
from support.stack.massage import Waiting, step

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.device import BLEDevice

    from glowtool.link.client import LostCallback
    from glowtool.session.news import MassageNews
    from radio.stacks.held_roller import HeldRoller
    from radio.stacks.stack import Stack

FAR_M = 1000.0
#: The watchdog's second, and a tick of the record on either side.
ZERO_WITHIN_US = 1_050_000


class _Seen(Waiting):
    """Hears the news of the connection, and when each came, in unix µs."""

    def __init__(self) -> None:
        super().__init__()
        self.news: list[tuple[MassageNews, int]] = []
        self.lost = asyncio.Event()

    def publish(self, news: MassageNews) -> None:
        super().publish(news)
        self.news.append((news, unix_us()))
        if isinstance(news, Lost):
            self.lost.set()

    def at_us(self, kind: type[MassageNews]) -> int:
        return next(when_us for news, when_us in self.news if isinstance(news, kind))


def plan(stack: Stack, device: BLEDevice, on_loss: OnLoss, go_on: bool, asked: list[Question]) -> SessionPlan:
    def client_for(lost: LostCallback) -> BleakClient:
        return stack.adapter().client(device, lost)

    async def ask(question: Question) -> bool:
        asked.append(question)
        return go_on

    program = Program((step(Zone.CHEEK_LEFT, 3000), step(Zone.CHEEK_RIGHT, 1000)))
    logs = stack.folder / "logs"
    return SessionPlan(
        opener(client_for, Gate(), CONNECTING), device.name or "", device.address, {"name": "radio"}, program, logs,
        on_loss=on_loss, ask=ask,
    )  # fmt: skip


async def carry_away_and_back(held: HeldRoller, seen: _Seen) -> int:
    """Carry the roller out of reach once it works; bring it back when the host has missed it. Returns when, in µs."""
    await seen.delivering.wait()
    away_us = unix_us()
    held.roller.go_away(FAR_M)
    await seen.lost.wait()
    await asyncio.sleep(1.5)
    held.roller.go_away(None)
    return away_us


@pytest.mark.parametrize(
    ("on_loss", "go_on", "ending"),
    [
        (OnLoss.RESUME, False, Ending.COMPLETED),
        pytest.param(OnLoss.ASK, True, Ending.COMPLETED, marks=pytest.mark.long),
        pytest.param(OnLoss.ASK, False, Ending.LINK_LOST, marks=pytest.mark.long),
    ],
    ids=["resume", "ask and yes", "ask and no"],
)
async def test_the_link_is_lost_in_mid_massage(stack: Stack, on_loss: OnLoss, go_on: bool, ending: Ending) -> None:
    seen, asked = _Seen(), list[Question]()
    async with stack.roller() as held:
        await bond(stack, held)
        device = await found(stack.adapter(), held)
        session = Session(plan(stack, device, on_loss, go_on, asked))
        async with asyncio.TaskGroup() as group:
            running = group.create_task(session.run(seen.publish))
            away_us = await carry_away_and_back(held, seen)
        result = running.result()
        await stack.no_traces()
        assert result.ending is ending
        assert result.confirmed, "the roller itself said that its outputs are zero"
        assert result.losses == 1
        assert len(asked) == (on_loss is OnLoss.ASK)
    record = read_delivered(stack.folder / "roller")
    driven_us = record["unix_us"][(record["peak_ua"] > 0) | (record["drive_amplitude"] > 0)]
    # By the roller's own clock: it may begin later than the test's, by as much as switching on takes.
    pauses_us = np.diff(driven_us)
    if ending is Ending.COMPLETED:
        away_for_us = seen.at_us(Restored) - away_us
        assert away_for_us > 2 * ZERO_WITHIN_US, "long enough to see them at zero"
        assert pauses_us.max() >= away_for_us - ZERO_WITHIN_US, "outputs are zero while nobody is connected"
    else:
        assert driven_us.max() <= away_us + ZERO_WITHIN_US, "outputs stay zero"


async def test_a_stop_by_write_command_is_carried_out(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        async with opened(stack.adapter(), held, CONNECTING) as roller:
            await roller.upload(Program((step(Zone.CHEEK_LEFT, 60_000),)))
            await roller.start()
            stop, ran = bytes((Opcode.STOP, 1)), False
            async with asyncio.timeout(5):
                async for status in roller.status_changes():
                    if status.state is State.RUNNING and not ran:
                        ran = True
                        await roller._up.client.write_gatt_char(STOP_POINT.uuid, stop, response=False)
                    if ran and status.state is not State.RUNNING:
                        break
            assert status.state is State.READY, "without the stop, the watchdog would have paused it"
    await stack.no_traces()
