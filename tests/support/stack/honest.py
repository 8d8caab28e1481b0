"""Massages with rollers that do as they are told, whatever happens to them; none may be called a liar."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bleak.exc import BleakError

from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import load
from glowsim.time.virtual_time import unix_us
from glowtool.errors import GlowtoolError
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.model.program import Program
from glowtool.protocol.commands.codec import Request, encode_request
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import NoOperands, Trim
from glowtool.routine import compile_routine
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.do.runner import Session
from glowtool.store.routines.load import load_routine
from support.stack.massage import FIND_S, Bench, Display, Start

if TYPE_CHECKING:
    from pathlib import Path

    from bleak.backends.device import BLEDevice

    from glowtool.link.adapter import Adapter
    from glowtool.protocol.wire import Message
    from glowtool.session.plan import SessionResult

#: What another host, or a hand, does to the massage meanwhile, now and then.
OTHERS: tuple[tuple[Opcode, Message], ...] = (
    (Opcode.SKIP, NoOperands()),
    (Opcode.PAUSE, NoOperands()),
    (Opcode.RESUME, NoOperands()),
    (Opcode.TRIM, Trim(40, 70)),
    (Opcode.TRIM, Trim(100, 100)),
    (Opcode.HEARTBEAT, NoOperands()),
)


@dataclass(frozen=True, slots=True)
class Honest:
    """One massage: a routine, a scenario, what others do to it, and how often the connection is cut."""

    seed: int
    routine: str
    scenario: str
    meddled: bool = False
    cuts: int = 0
    button_at_s: float | None = None
    step_s: float | None = None

    def program(self) -> Program:
        """Return the routine's program; with `step_s`, its steps are no longer than that."""
        whole = compile_routine(load_routine(self.routine))
        if self.step_s is None:
            return whole
        return Program(tuple(replace(step, duration_s=min(step.duration_s, self.step_s)) for step in whole))


async def run_honest(folder: Path, case: Honest) -> SessionResult:
    """Run a case on the running loop of virtual time."""
    air, display, chance = Air(), Display(), random.Random(case.seed)  # noqa: S311 - reproducible on purpose
    scenario = load(case.scenario)
    async with (
        VirtualRoller.open(air, folder / "sim", scenario, seed=case.seed, display=display.show) as roller,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        device = await find_device(adapter, roller.address, 60 * FIND_S)
        await _pair(adapter, device, display)
        bench, start = Bench(adapter, device, folder, paired_now=True), Start()
        plan = replace(bench.plan(*case.program()), host_clock_us=unix_us, on_loss=OnLoss.RESUME, chance=chance)
        async with asyncio.timeout(7200), asyncio.TaskGroup() as group:
            running = group.create_task(Session(plan).run(start.publish))
            meddling = group.create_task(_meddle(case, roller, start, chance))
            result = await running
            meddling.cancel()
        return result


async def _pair(adapter: Adapter, device: BLEDevice, display: Display) -> None:
    """Pair over a link that may be bad: with as many attempts as a person would make."""
    for attempt in range(20):
        client = adapter.client(device)
        try:
            await client.connect()
            await client.pair(passkey=display.passkey)
        except (BleakError, GlowtoolError, OSError):
            if attempt == 19:
                raise
            await asyncio.sleep(1)
        else:
            break
        finally:
            await client.disconnect()


async def _meddle(case: Honest, roller: VirtualRoller, start: Start, chance: random.Random) -> None:
    await start.done.wait()
    total_s = case.program().duration_s
    async with asyncio.TaskGroup() as group:
        for _ in range(case.cuts):
            group.create_task(_cut(roller, chance.uniform(0.5, total_s)))
        if case.button_at_s is not None:
            group.create_task(_press(roller, case.button_at_s))
        if case.meddled:
            group.create_task(_command(roller, chance))


async def _cut(roller: VirtualRoller, at_s: float) -> None:
    await asyncio.sleep(at_s)
    if roller._plant.radio is not None:
        roller._plant.radio.cut()


async def _press(roller: VirtualRoller, at_s: float) -> None:
    await asyncio.sleep(at_s)
    roller.press_button(0.3)


async def _command(roller: VirtualRoller, chance: random.Random) -> None:
    paused = False
    while True:
        await asyncio.sleep(chance.uniform(0.3, 6.0))
        machine = roller.machine
        opcode, operands = (Opcode.RESUME, NoOperands()) if paused else chance.choice(OTHERS)
        paused = opcode is Opcode.PAUSE
        machine._firmware.on_control(machine.now_us, encode_request(Request(opcode, 0, operands)), 247)
