"""A stop goes to the stop point at once, whatever is under way, and to the control point for its answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.drivers.gr1.commands.control_point import ANSWER_TIMEOUT_S
from glowtool.drivers.gr1.commands.wire_gate import WireGate
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import ConnectionLostError, GlowtoolError, LinkError
from glowtool.model.state import Capability, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.gatt import FEATURE, STOP_POINT
from glowtool.protocol.status import encode_feature, own_feature
from glowtool.protocol.wire import PROTOCOL_VERSION, V1_3, Version, decode, size_of
from glowtool.safety.gate import Gate
from support.device.borders import good
from support.host.scripted_client import ScriptedClient, ScriptedRoller
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from glowtool.link.client import LostCallback
    from glowtool.protocol.commands.codec import Request

STOPPING = [Opcode.STOP, Opcode.EMERGENCY_STOP]

#: An emulated write takes 1 ms.
AT_ONCE_S = 0.002


def running(version: Version = PROTOCOL_VERSION) -> ScriptedRoller:
    feature = replace(own_feature(~Capability(0)), major=version.major, minor=version.minor)
    return ScriptedRoller(values={FEATURE.uuid: encode_feature(feature)})


def run(roller: ScriptedRoller) -> None:
    """Let it run a program, and forget what came before."""
    roller.change(state=State.RUNNING, step=0, amplitude_permille=300)
    roller.requests.clear()
    roller.stops.clear()


def posted(roller: Roller, opcode: Opcode) -> asyncio.Task[object]:
    return asyncio.ensure_future(roller.stop() if opcode is Opcode.STOP else roller.emergency_stop())


@pytest.mark.parametrize("opcode", STOPPING, ids=lambda opcode: opcode.name)
@in_virtual_time
async def test_a_stop_waits_for_no_request_and_its_answer_is_that_of_the_control_point(opcode: Opcode) -> None:
    there = running()
    async with Roller.open(there.client_for, Gate()) as roller:
        run(there)
        there.hanging = {Opcode.HEARTBEAT, opcode}  # the stack has one request at a time, and no answer comes
        beat = asyncio.ensure_future(roller.heartbeat())
        await asyncio.sleep(0.05)
        stopping = posted(roller, opcode)
        await asyncio.sleep(AT_ONCE_S)
        assert not there.outputs_asked
        assert not stopping.done(), "it is carried out, and nobody has said so"
        assert [(stop.opcode, stop.sequence) for stop in there.stops] == [(opcode, there.requests[-1].sequence)], (
            "the same bytes"
        )
        there.answer(there.requests[-1])
        await stopping
        there.answer(there.requests[0])
        await beat
        there.hanging.clear()


@pytest.mark.parametrize("opcode", STOPPING, ids=lambda opcode: opcode.name)
@in_virtual_time
async def test_a_stop_whose_write_command_is_dropped_comes_as_a_request(opcode: Opcode) -> None:
    there = running()
    there.drops_commands = True
    async with Roller.open(there.client_for, Gate()) as roller:
        run(there)
        await posted(roller, opcode)
        assert (there.opcodes, there.outputs_asked) == ([opcode], False)


class Broken(ScriptedClient):
    """A client of a stack that cannot write commands: it fails, or it never returns."""

    hangs = False

    async def write_gatt_char(self, char_specifier: str, data: bytes, /, response: bool | None = None) -> None:
        if char_specifier == STOP_POINT.uuid:
            if self.hangs:
                await asyncio.get_running_loop().create_future()
            raise OSError("no such thing")
        await super().write_gatt_char(char_specifier, data, response=response)


class Hanging(Broken):
    hangs = True


@pytest.mark.parametrize("kind", [Broken, Hanging])
@in_virtual_time
async def test_a_stack_that_cannot_write_commands_holds_no_stop_back(kind: type[Broken]) -> None:
    there = running()

    def client_for(lost: LostCallback) -> ScriptedClient:
        there.clients.append(kind(there, lost))
        return there.clients[-1]

    async with Roller.open(client_for, Gate()) as roller:
        run(there)
        stopping = asyncio.ensure_future(roller.stop())
        await asyncio.sleep(AT_ONCE_S)
        assert stopping.done()
        assert (there.opcodes, there.outputs_asked) == ([Opcode.STOP], False)


@in_virtual_time
async def test_a_stop_without_an_answer_is_written_once_more_to_both_and_then_given_up() -> None:
    there = running()
    async with Roller.open(there.client_for, Gate()) as roller:
        run(there)
        there.silent = {Opcode.STOP}
        began_s = asyncio.get_running_loop().time()
        with pytest.raises(LinkError, match="“stop”"):
            await roller.stop()
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(ANSWER_TIMEOUT_S)
        assert [stop.sequence for stop in there.stops] == [request.sequence for request in there.requests]
        assert len(there.stops) == 2
        there.silent.clear()


class OpenGate(WireGate):
    """Lets everything pass."""

    def check(self, request: Request, *, step: int | None = None) -> None:
        pass


@in_virtual_time
async def test_no_other_command_goes_there() -> None:
    there = running()
    async with Roller.open(there.client_for, Gate()) as roller:
        roller._up.control._gate = OpenGate(Gate())
        run(there)
        others = [opcode for opcode in Opcode if opcode not in STOPPING]
        for opcode in others:
            body, size = good(opcode), size_of(opcode.command.operands)
            with suppress(GlowtoolError):  # it is asked in any state, and some are refused there
                await roller._ask(opcode, decode(opcode.command.operands, body), body[size:])
        assert (there.opcodes, there.stops) == (others, [])


@pytest.mark.parametrize("version", [Version(1, minor) for minor in range(V1_3.minor + 1)], ids=str)
@in_virtual_time
async def test_an_older_roller_is_stopped_by_a_request_alone(version: Version) -> None:
    there = running(version)
    async with Roller.open(there.client_for, Gate()) as roller:
        run(there)
        await roller.stop()
        assert (there.opcodes, there.stops, there.outputs_asked) == ([Opcode.STOP], [], False)


@in_virtual_time
async def test_nothing_is_written_over_a_lost_connection() -> None:
    there = running()
    async with Roller.open(there.client_for, Gate()) as roller:
        run(there)
        there.lose()
        with pytest.raises(ConnectionLostError):
            await roller.stop()
        assert there.stops == there.requests == []
