"""A roller that does not do as it was told is stopped, named, and not started again, over the full stack."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.evidence.record import read_delivered
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time, unix_us
from glowtool.errors import RogueRollerError
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.protocol.commands.opcode import Opcode
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.do.runner import Session
from glowtool.store.logs.log import SessionLog
from support.stack.honest import Honest, run_honest
from support.stack.liars import Lie, corrupt
from support.stack.massage import FIND_S, Bench, Display, Start, bond, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from glowtool.session.plan import SessionResult

PROGRAM = (step(Zone.CHEEK_LEFT, 6000), step(Zone.CHEEK_RIGHT, 6000))

#: What is said, and when it is over at the latest, in s after the start.
WORDS = {
    Lie.TOO_LONG: ("which has run for", 16.2),
    Lie.SLOW: ("of the massage, which has run for 3", 4.6),
    Lie.STUCK_STEP: ("it has been in step 1 for 6", 7.2),
    Lie.FAST: ("within", 2.0),
    Lie.SKIPS: ("before its time", 3.6),
    Lie.LOUD: ("it gives 90 % at 75 Hz", 1.0),
    Lie.STRONG: ("390 µA", 1.0),
    Lie.FREQUENCY: ("at 20 Hz in step 1", 2.0),
    Lie.PITCH: ("at 37.5 Hz", 1.0),
    Lie.JOLT: ("its outputs rose to 40 % at 75 Hz", 1.0),
    Lie.STEPS: ("it is in step 1 of 7", 1.0),
    Lie.BACKWARDS: ("time in the step went back from", 4.0),
    Lie.CLOCK_BACK: ("clock went back", 4.0),
    Lie.BACK_A_STEP: ("time in the step went back from", 7.2),
    Lie.SEQUENCE: ("it answered", 1.0),
    Lie.OPCODE: ("it answered TRIM", 1.0),
    Lie.STATE: ("its answers say paused", 4.5),
    Lie.SILENT_OUTPUTS: ("its answers say running, step 1, outputs off", 4.5),
    Lie.ON_IN_PAUSE: ("it is paused with", 1.0),
    Lie.START: ("it answered START with success, but is ready", 1.0),
}


@asynccontextmanager
async def stage(folder: Path, scenario: Scenario | None = None) -> AsyncIterator[tuple[Bench, VirtualRoller]]:
    air, display = Air(), Display()
    async with (
        VirtualRoller.open(air, folder / "sim", scenario or Scenario(), seed=3, display=display.show) as roller,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        device = await find_device(adapter, roller.address, FIND_S)
        await bond(adapter, device, display)
        yield Bench(adapter, device, folder, paired_now=True), roller


async def massage(folder: Path, lie: Lie, monkeypatch: pytest.MonkeyPatch) -> tuple[SessionResult, list[int]]:
    """Run the program on a roller that lies as soon as the log is open; return the commands that it got since."""
    async with stage(folder) as (bench, roller):
        start, commands = Start(), list[int]()
        plan = replace(bench.plan(*PROGRAM), host_clock_us=unix_us, on_loss=OnLoss.RESUME)
        async with asyncio.timeout(120), asyncio.TaskGroup() as group:
            running = group.create_task(Session(plan).run(start.publish))
            await start.done.wait()
            _tap(roller, commands)
            corrupt(lie, roller, monkeypatch)
            result = await running
        await asyncio.sleep(5)
        return result, commands


def _tap(roller: VirtualRoller, commands: list[int]) -> None:
    firmware = roller.machine._firmware
    take = firmware.on_control

    def taken(now_us: int, data: bytes, mtu: int) -> bytes:
        commands.append(data[0])
        return take(now_us, data, mtu)

    firmware.on_control = taken  # type: ignore[method-assign]  # it listens


@pytest.mark.parametrize("lie", Lie)
def test_a_roller_that_lies_is_stopped_named_and_not_started_again(
    tmp_path: Path, lie: Lie, monkeypatch: pytest.MonkeyPatch
) -> None:
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    said, within_s = WORDS[lie]
    result, commands = in_virtual_time(massage)(tmp_path, lie, monkeypatch)
    assert isinstance(result.problem, RogueRollerError)
    assert said in result.reason
    assert "sent" in result.reason
    assert commands.count(Opcode.START) <= 1, "it is not started again"
    assert Opcode.STOP in commands
    assert (result.ending, result.losses) == (Ending.INTERLOCK, 0)
    assert SessionLog.open(result.path).manifest.ending is Ending.INTERLOCK
    record = read_delivered(tmp_path / "sim")
    on = record["unix_us"][(record["drive_amplitude"] > 0) | (record["drive_peak_ua"] > 0)]
    delivered_s = (int(on.max()) - int(on.min())) / 1e6 if len(on) else 0.0
    assert delivered_s < within_s


@pytest.mark.parametrize(
    "case",
    [
        Honest(5, "first-glow", "bad-radio", meddled=True, cuts=1, step_s=5),
        Honest(6, "first-glow", "hasty", button_at_s=4.0, step_s=5),
    ],
    ids=lambda case: case.scenario,
)
def test_a_roller_that_does_what_it_was_sent_is_no_liar(tmp_path: Path, case: Honest) -> None:
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    result = in_virtual_time(run_honest)(tmp_path, case)
    assert result.problem is None or not isinstance(result.problem, RogueRollerError)
    assert result.ending in {Ending.COMPLETED, Ending.STOPPED}
