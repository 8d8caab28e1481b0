"""What is written to the stop point: stops, which wait for nothing, and nothing else. In virtual time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from bleak import BleakClient
from bumble import att

from glowsim.air.air import Air
from glowsim.air.conditions import LinkConditions
from glowsim.air.transport import in_process_transport
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario, load
from glowsim.time.virtual_time import in_virtual_time
from glowtool.drivers.gr1.roller import Roller
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import State
from glowtool.protocol import gatt
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.ownership import STOPS
from glowtool.safety import Gate
from support.air.radio import host_on_air
from support.air.rollers import bench, bonded_console, start, until_driven
from support.device.borders import good, requests_of
from support.stack.massage import FIND_S, Display, bond, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

AFTER: Final = {Opcode.STOP: State.READY, Opcode.PAUSE: State.PAUSED, Opcode.EMERGENCY_STOP: State.LATCHED}

#: What comes to a host within this time would have come by itself.
A_WHILE_S: Final = 3.0

INTERVAL_S: Final = 0.03
#: The firmware sees to its outputs every 10 ms.
TICK_S: Final = 0.01


@pytest.mark.parametrize("opcode", sorted(STOPS), ids=lambda opcode: opcode.name)
@in_virtual_time
async def test_a_stop_is_carried_out_and_not_answered(opcode: Opcode, tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        heard: list[object] = []
        point = console.host.find(gatt.CONTROL_POINT)
        point.on(point.EVENT_UPDATE, heard.append)
        await console.host.find(gatt.STOP_POINT).write_value(bytes((opcode, 77)), with_response=False)
        await asyncio.sleep(0.02)
        assert there.roller.machine._firmware.drive.quiet
        assert there.roller.machine.status().state is AFTER[opcode]
        await asyncio.sleep(A_WHILE_S)
        assert heard == []
        assert console.statuses[-1].state is AFTER[opcode], "the host learns of it as of every other change"


@in_virtual_time
async def test_nothing_else_is_carried_out_there(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        point, before = console.host.find(gatt.STOP_POINT), there.roller.machine.feature
        others = [bytes((opcode, 1)) + good(opcode) for opcode in Opcode if opcode not in STOPS]
        damaged = [data for opcode in STOPS for data in requests_of(opcode) if len(data) != 2]
        for data in [*others, *damaged, b"", b"\xee\1"]:
            for with_response in (False, True):
                if len(data) <= 244:
                    await point.write_value(data, with_response=with_response)
            status = await console.status()
            assert (status.state, status.current_percent, status.outputs.zero) == (State.RUNNING, 100, False), data
        await asyncio.sleep(1.1)
        assert there.roller.machine.status().state is State.PAUSED, "and it does not keep a massage alive"
        assert there.roller.machine.feature == before


@in_virtual_time
async def test_no_host_without_a_bond_is_heard_there(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        point = host.find(gatt.STOP_POINT)
        await point.write_value(bytes((Opcode.EMERGENCY_STOP, 1)), with_response=False)
        with pytest.raises(att.ATT_Error):
            await point.write_value(bytes((Opcode.EMERGENCY_STOP, 1)), with_response=True)
        await asyncio.sleep(0.1)
        assert there.roller.machine.status().state is State.IDLE


@in_virtual_time
async def test_the_control_point_still_ignores_a_write_command(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        for opcode in sorted(STOPS):
            await console.host.find(gatt.CONTROL_POINT).write_value(bytes((opcode, 1)), with_response=False)
        await asyncio.sleep(0.1)
        assert (await console.status()).state is State.RUNNING


@dataclass(frozen=True, slots=True)
class Running:
    """A massage of glowtool's driver on a virtual roller, at a connection interval."""

    virtual: VirtualRoller
    roller: Roller

    async def until_quiet(self) -> float:
        """Return after how long nothing is driven any more."""
        clock = asyncio.get_running_loop().time
        began_s = clock()
        while not self.virtual.machine._firmware.drive.quiet:  # noqa: ASYNC110 - nothing there can be awaited
            await asyncio.sleep(0.001)
        return clock() - began_s


@asynccontextmanager
async def running(folder: Path, scenario: Scenario) -> AsyncIterator[Running]:
    air, display = Air(), Display()
    air.set_conditions(LinkConditions(interval_s=INTERVAL_S, supervision_s=4.0))
    async with (
        VirtualRoller.open(air, folder / "sim", scenario, seed=1, display=display.show) as virtual,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        device = await find_device(adapter, virtual.address, FIND_S)
        await bond(adapter, device, display)
        async with Roller.open(lambda lost: adapter.client(device, lost), Gate()) as roller:
            await roller.upload(Program((step(Zone.CHEEK_LEFT, 60_000),)))
            await roller.start()
            await _until_on(roller)
            yield Running(virtual, roller)


async def _until_on(roller: Roller) -> None:
    for _ in range(50):
        if not (await roller.heartbeat()).levels.zero:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the outputs never came on")


REQUESTS: Final[dict[str, Callable[[Roller], Coroutine[object, object, object]]]] = {
    "heartbeat": Roller.heartbeat,
    "extend": lambda roller: roller.extend(1000),
    "records": lambda roller: roller.archive.records(),
    "a long read": lambda roller: roller._up.read_channels(),
}


@pytest.mark.parametrize("name", REQUESTS)
@in_virtual_time
async def test_a_stop_waits_for_no_answer(name: str, tmp_path: Path) -> None:
    """The request has just gone out: its answer takes one or two intervals more, and that of a long read several."""
    async with running(tmp_path, Scenario()) as there:
        await asyncio.sleep(0.1)
        pending = asyncio.ensure_future(REQUESTS[name](there.roller))
        await asyncio.sleep(0.001)
        stopping = there.roller.post_stop()
        assert await there.until_quiet() <= INTERVAL_S + TICK_S
        assert not stopping.done(), "the answer comes behind the one before"
        assert (await stopping).levels.zero
        await asyncio.wait({pending})
        pending.exception()


@in_virtual_time
async def test_an_older_roller_is_stopped_after_the_answer(tmp_path: Path) -> None:
    async with running(tmp_path, load("older-roller")) as there:
        client = there.roller._up.client
        assert isinstance(client, BleakClient)
        assert client.services.get_characteristic(gatt.STOP_POINT.uuid) is None
        beat = asyncio.ensure_future(there.roller.heartbeat())
        await asyncio.sleep(0.001)
        stopping = there.roller.post_stop()
        assert INTERVAL_S + TICK_S < await there.until_quiet() <= 3 * INTERVAL_S + TICK_S
        assert (await stopping).levels.zero
        await beat


@in_virtual_time
async def test_what_the_stop_overtook_in_the_stack_is_stopped_by_its_request_and_confirmed_only_then(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, Scenario()) as there:
        await there.roller.stop()
        states: list[State] = []
        following = asyncio.ensure_future(_follow(there.roller, states.append))
        reading = asyncio.ensure_future(there.roller._up.read_channels())
        await asyncio.sleep(0.001)
        starting = asyncio.ensure_future(there.roller.start())
        await asyncio.sleep(0.001)
        answer = await there.roller.post_stop()
        assert (answer.state, answer.levels.zero) == (State.READY, True)
        await asyncio.gather(reading, starting)
        await asyncio.sleep(A_WHILE_S)
        following.cancel()
        assert State.RUNNING in states, "the start waited for its turn, and came after the write command"
        assert there.virtual.machine.status().state is State.READY


async def _follow(roller: Roller, tell: Callable[[State], None]) -> None:
    async for status in roller.status_changes():
        tell(status.state)
