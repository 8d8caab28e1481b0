"""The control point copes with a roller that answers late, twice, wrongly or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.device.refusals import EXPLANATIONS, RefusedError
from glowtool.drivers.gr1.commands import control_point
from glowtool.drivers.gr1.commands.answers import REASONS
from glowtool.drivers.gr1.commands.control_point import ANSWER_TIMEOUT_S, STOP_RETRY_S, ControlPoint, Writes
from glowtool.drivers.gr1.commands.wire_gate import WireGate
from glowtool.errors import CommandRefusedError, ConnectionLostError, InputError, LinkError, SafetyError
from glowtool.model.answer import Reason
from glowtool.model.state import Capability, State
from glowtool.protocol.commands.codec import encode_request
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Trim
from glowtool.protocol.gatt import CONTROL_POINT
from glowtool.protocol.status import own_feature
from glowtool.protocol.vocabulary import Result
from glowtool.safety import Gate
from support.host.scripted_client import ScriptedRoller
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.model.answer import Heard
    from glowtool.protocol.commands.codec import Request
    from glowtool.protocol.status import Feature

#: A roller of our own version that can do everything.
FULL = own_feature(~Capability(0))


class OpenGate(WireGate):
    """Lets everything pass, and remembers what failed."""

    def __init__(self) -> None:
        super().__init__(Gate())
        self.shown: list[Request] = []
        self.failures: list[Opcode] = []
        self.refusals: list[Opcode] = []

    def check(self, request: Request, *, step: int | None = None) -> None:  # noqa: ARG002 - the gate's own
        self.shown.append(request)

    def failed(self, request: Request, *, step: int | None = None, answered: bool = False) -> None:  # noqa: ARG002 - the gate's own
        (self.refusals if answered else self.failures).append(request.opcode)


class ShutGate(OpenGate):
    """Lets nothing pass."""

    def check(self, request: Request, *, step: int | None = None) -> None:  # noqa: ARG002 - the gate's own
        raise SafetyError("shut")


async def conversation(
    roller: ScriptedRoller,
    gate: OpenGate | None = None,
    *,
    feature: Feature = FULL,
    hear: Callable[[Heard], None] = lambda _: None,
) -> ControlPoint:
    client = roller.client_for(lambda _: control.lose("gone"))

    async def write(data: bytes) -> None:
        await client.write_gatt_char(CONTROL_POINT.uuid, data, response=True)

    control = ControlPoint(Writes(write), feature, gate or OpenGate(), lambda: None, hear)
    await client.connect()
    await client.start_notify(CONTROL_POINT.uuid, lambda _, data: control.on_indication(data))
    return control


@in_virtual_time
async def test_sequence_numbers_go_round_and_each_answer_finds_its_command() -> None:
    roller = ScriptedRoller()
    control = await conversation(roller)
    answers = [await control.command(Opcode.HEARTBEAT) for _ in range(600)]
    assert [answer.head.sequence for answer in answers] == [request.sequence for request in roller.requests]
    assert len({answer.head.sequence for answer in answers[:256]}) == 256


@in_virtual_time
async def test_an_unanswered_command_is_given_up_and_the_next_one_works() -> None:
    roller = ScriptedRoller(silent={Opcode.IDENTIFY})
    gate = OpenGate()
    control = await conversation(roller, gate)
    clock = asyncio.get_running_loop().time
    started_s = clock()
    with pytest.raises(LinkError, match=r"identify.*within 1\.5 s"):
        await control.command(Opcode.IDENTIFY)
    assert clock() - started_s == pytest.approx(ANSWER_TIMEOUT_S)
    assert (gate.failures, gate.refusals) == ([Opcode.IDENTIFY], [])
    await control.command(Opcode.HEARTBEAT)


@in_virtual_time
async def test_a_late_a_doubled_and_a_foreign_answer_are_heard_and_wake_nobody() -> None:
    roller = ScriptedRoller(silent={Opcode.IDENTIFY, Opcode.TARE})
    heard: list[Heard] = []
    control = await conversation(roller, hear=heard.append)
    with pytest.raises(LinkError):
        await control.command(Opcode.IDENTIFY)
    waiting = asyncio.create_task(control.command(Opcode.TARE))
    await asyncio.sleep(0.1)
    late, present = roller.requests
    roller.answer(late)
    roller.answer(replace(present, sequence=(present.sequence + 7) % 256))
    roller.answer(replace(present, opcode=Opcode.HEARTBEAT))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    roller.answer(present)
    roller.answer(present)
    assert (await waiting).head.sequence == present.sequence
    assert len(heard) == 5, "four that nobody waits for, and the one"


@in_virtual_time
async def test_bytes_that_are_no_answer_wake_nobody_and_are_not_heard() -> None:
    roller = ScriptedRoller(silent={Opcode.IDENTIFY})
    heard: list[Heard] = []
    control = await conversation(roller, hear=heard.append)
    waiting = asyncio.create_task(control.command(Opcode.IDENTIFY))
    await asyncio.sleep(0.1)
    for junk in (b"", b"\x80", b"\x00" * 17, b"\x80" + b"\xff" * 30):
        control.on_indication(junk)
    await asyncio.sleep(0.1)
    assert not waiting.done()
    assert heard == []
    roller.answer(roller.requests[0])
    assert (await waiting).head.opcode == Opcode.IDENTIFY


@in_virtual_time
async def test_a_refusal_names_command_reason_state_and_what_to_do() -> None:
    roller = ScriptedRoller()
    gate = OpenGate()
    control = await conversation(roller, gate)
    with pytest.raises(RefusedError) as caught:
        await control.command(Opcode.START)
    message = str(caught.value)
    assert "“start”" in message
    assert "WRONG_STATE" in message
    assert "state idle" in message
    assert "stop the massage first" in message
    assert caught.value.answer.refusal is Reason.WRONG_STATE
    assert (gate.failures, gate.refusals) == ([], [Opcode.START])


def test_every_result_has_an_explanation() -> None:
    assert set(REASONS) == set(Result) - {Result.SUCCESS}
    assert set(EXPLANATIONS) == set(Reason) == {*REASONS.values(), Reason.UNKNOWN}


@in_virtual_time
async def test_one_command_is_in_flight_at_a_time() -> None:
    roller = ScriptedRoller(silent={Opcode.IDENTIFY})
    control = await conversation(roller)
    first = asyncio.create_task(control.command(Opcode.IDENTIFY))
    second = asyncio.create_task(control.command(Opcode.HEARTBEAT))
    await asyncio.sleep(1)
    assert roller.opcodes == [Opcode.IDENTIFY]
    roller.answer(roller.requests[0])
    await asyncio.gather(first, second)
    assert roller.opcodes == [Opcode.IDENTIFY, Opcode.HEARTBEAT]


@in_virtual_time
async def test_stop_overtakes_a_hanging_command_and_drops_what_would_move_after_it() -> None:
    roller = ScriptedRoller(silent={Opcode.IDENTIFY})
    control = await conversation(roller)
    hanging = asyncio.create_task(control.command(Opcode.IDENTIFY))
    behind = [asyncio.create_task(control.command(opcode)) for opcode in (Opcode.START, Opcode.RESUME)]
    trim = asyncio.create_task(control.trim(Trim(50, 50)))
    beat = asyncio.create_task(control.command(Opcode.HEARTBEAT))
    await asyncio.sleep(0.1)
    answer = await control.post_stop()
    assert answer.head.result is Result.SUCCESS
    assert not hanging.done()
    outcomes = await asyncio.gather(hanging, *behind, trim, beat, return_exceptions=True)
    assert isinstance(outcomes[0], LinkError)
    assert all(isinstance(outcome, CommandRefusedError) for outcome in outcomes[1:4])
    assert not isinstance(outcomes[4], BaseException)
    assert roller.opcodes == [Opcode.IDENTIFY, Opcode.STOP, Opcode.HEARTBEAT]


@in_virtual_time
async def test_a_stop_without_an_answer_is_written_once_more() -> None:
    roller = ScriptedRoller(silent={Opcode.STOP})
    control = await conversation(roller)
    clock = asyncio.get_running_loop().time
    started_s = clock()
    stopping = control.post_stop()
    await asyncio.sleep(STOP_RETRY_S - 0.01)
    assert roller.opcodes == [Opcode.STOP]
    await asyncio.sleep(0.05)
    assert roller.opcodes == [Opcode.STOP, Opcode.STOP]
    roller.answer(roller.requests[0])
    assert (await stopping).head.sequence == roller.requests[0].sequence

    started_s = clock()
    with pytest.raises(LinkError, match="“stop”"):
        await control.post_stop()
    assert clock() - started_s == pytest.approx(ANSWER_TIMEOUT_S)


@in_virtual_time
async def test_of_trims_that_wait_only_the_newest_is_sent() -> None:
    roller = ScriptedRoller(silent={Opcode.IDENTIFY})
    roller.status = replace(roller.status, state=State.RUNNING)
    control = await conversation(roller)
    blocking = asyncio.create_task(control.command(Opcode.IDENTIFY))
    await asyncio.sleep(0.01)
    trims = [asyncio.create_task(control.trim(Trim(percent, percent))) for percent in range(90, 0, -10)]
    await asyncio.sleep(0.01)
    trims[0].cancel()
    roller.answer(roller.requests[0])
    await blocking
    answers = await asyncio.gather(*trims[1:])
    assert [request.operands for request in roller.requests[1:]] == [Trim(10, 10)]
    assert len({answer.head.sequence for answer in answers}) == 1
    await control.trim(Trim(5, 5))
    assert roller.requests[-1].operands == Trim(5, 5)


@in_virtual_time
async def test_a_lost_connection_fails_every_waiter_at_once() -> None:
    roller = ScriptedRoller(silent=set(Opcode), hanging={Opcode.TARE})
    roller.status = replace(roller.status, state=State.RUNNING)
    control = await conversation(roller)
    waiters = [
        asyncio.create_task(control.command(Opcode.IDENTIFY)),
        asyncio.create_task(control.command(Opcode.HEARTBEAT)),
        asyncio.create_task(control.trim(Trim(1, 1))),
        control.post_stop(),
    ]
    await asyncio.sleep(0.05)
    clock = asyncio.get_running_loop().time
    started_s = clock()
    roller.lose()
    outcomes = await asyncio.gather(*waiters, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionLostError] * 4
    assert clock() - started_s < 0.01
    with pytest.raises(ConnectionLostError):
        await control.command(Opcode.HEARTBEAT)
    with pytest.raises(ConnectionLostError):
        await control.post_stop()


@in_virtual_time
async def test_what_is_lost_on_its_way_counts_as_unanswered() -> None:
    roller, gate = ScriptedRoller(silent={Opcode.IDENTIFY}), OpenGate()
    control = await conversation(roller, gate)
    lost = asyncio.create_task(control.command(Opcode.IDENTIFY))
    await asyncio.sleep(0.1)
    roller.lose()
    with pytest.raises(ConnectionLostError):
        await lost
    assert (gate.failures, gate.refusals) == ([Opcode.IDENTIFY], [])


@in_virtual_time
async def test_a_write_that_hangs_fails_with_the_connection() -> None:
    roller = ScriptedRoller(hanging={Opcode.TARE})
    control = await conversation(roller)
    hanging = asyncio.create_task(control.command(Opcode.TARE))
    await asyncio.sleep(0.1)
    roller.lose()
    with pytest.raises(ConnectionLostError):
        await hanging
    await control.aclose()


@in_virtual_time
async def test_the_gate_is_asked_for_everything_but_a_stop() -> None:
    roller = ScriptedRoller()
    control = await conversation(roller, ShutGate())
    with pytest.raises(SafetyError, match="shut"):
        await control.command(Opcode.START)
    with pytest.raises(SafetyError, match="shut"):
        await control.trim(Trim(1, 1))
    await control.post_stop()
    await control.post_stop(Opcode.EMERGENCY_STOP)
    assert roller.opcodes == [Opcode.STOP, Opcode.EMERGENCY_STOP]


@in_virtual_time
async def test_the_gate_is_shown_the_bytes_that_leave_and_not_what_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    meant, leaves = Trim(10, 10), Trim(90, 90)
    monkeypatch.setattr(
        control_point, "encode_request", lambda request: encode_request(replace(request, operands=leaves))
    )
    gate = OpenGate()
    control = await conversation(ScriptedRoller(), gate)
    with pytest.raises(RefusedError):
        await control.trim(meant)
    assert [request.operands for request in gate.shown] == [leaves]


@in_virtual_time
async def test_an_operand_out_of_range_is_named_and_nothing_is_sent() -> None:
    roller = ScriptedRoller()
    control = await conversation(roller)
    with pytest.raises(InputError, match="vibration_percent is 150; it must be 0 to 100"):
        await control.trim(Trim(150, 0))
    assert roller.opcodes == []


@in_virtual_time
async def test_a_cancelled_caller_leaves_the_conversation_in_order() -> None:
    roller, gate = ScriptedRoller(silent={Opcode.IDENTIFY}), OpenGate()
    control = await conversation(roller, gate)
    cancelled = asyncio.create_task(control.command(Opcode.IDENTIFY))
    await asyncio.sleep(0.05)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    answer = await control.command(Opcode.HEARTBEAT)
    assert answer.head.opcode == Opcode.HEARTBEAT
    assert gate.failures == [Opcode.IDENTIFY], "it was sent, and nobody heard what became of it"
