"""The roller object puts the roller in a known state at each connect, and ends its streams in order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakError, BleakGATTProtocolErrorCode

from glowsim.firmware.model import MINI
from glowtool.device.refusals import RefusedError
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import (
    ConnectFailedError,
    ConnectionLostError,
    DecodeError,
    LinkError,
    NotPairedError,
    ProtocolError,
    SafetyError,
    VersionRefusedError,
)
from glowtool.model.channel import Format
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import Capability, Fault, State
from glowtool.protocol.channels import CHANNELS, encode_channel_table
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.gatt import BATTERY_LEVEL, CHANNEL_TABLE, CONTROL_POINT, FEATURE, SERIAL_NUMBER, STATUS
from glowtool.protocol.program import pack_program
from glowtool.protocol.status import encode_feature, own_feature
from glowtool.protocol.vocabulary import Result, Setting
from glowtool.protocol.wire import encode
from glowtool.safety.gate import Gate
from support.device.steps import VIBRATION
from support.host.scripted_client import ScriptedClient, ScriptedRoller
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from bleak import BleakClient

    from glowtool.link.client import GattClient

STEP = replace(VIBRATION, duration_s=2.0)


if TYPE_CHECKING:

    def bleaks_client_is_what_the_driver_asks_for(client: BleakClient) -> GattClient:
        return client


@in_virtual_time
async def test_after_a_connect_outputs_are_zero_and_everything_is_read_back() -> None:
    scripted = ScriptedRoller()
    scripted.status = replace(scripted.status, state=State.RUNNING, step=0, amplitude_permille=300)
    async with Roller.open(scripted.client_for, Gate()) as roller:
        assert scripted.opcodes[0] is Opcode.STOP
        assert roller.status.levels.zero
        assert roller.status.state is State.READY
        assert roller.channels == CHANNELS
        assert roller.identity.serial == "00C0FFEE"
        assert (roller.battery_percent, roller.watchdog_ms, roller.latched) == (80, 1000, False)
        assert set(scripted.clients[-1].subscriptions) == {CONTROL_POINT.uuid, STATUS.uuid}
    assert scripted.opcodes[-1] is Opcode.STOP
    assert not scripted.clients[-1].is_connected


@in_virtual_time
async def test_a_latched_emergency_stop_is_left_as_it_is_and_told() -> None:
    scripted = ScriptedRoller()
    scripted.status = replace(scripted.status, state=State.LATCHED)
    async with Roller.open(scripted.client_for, Gate()) as roller:
        assert roller.latched
        with pytest.raises(RefusedError, match="glowtool rearm"):
            await roller.self_test()
        await roller.rearm()
        assert roller.status.state is State.IDLE
        await roller.emergency_stop()
        assert scripted.status.state is State.LATCHED


@pytest.mark.parametrize(
    "code",
    [
        BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION,
        BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION,
    ],
)
@in_virtual_time
async def test_without_a_bond_nothing_is_written_and_pairing_is_advised(code: BleakGATTProtocolErrorCode) -> None:
    scripted = ScriptedRoller(att_error=code)
    with pytest.raises(NotPairedError, match="glowtool pair"):
        async with Roller.open(scripted.client_for, Gate()):
            pass
    assert scripted.requests == []
    assert not scripted.clients[-1].is_connected


@in_virtual_time
async def test_another_major_version_is_refused_before_any_command() -> None:
    feature = replace(own_feature(Capability.VIBRATION), major=9)
    scripted = ScriptedRoller(values={FEATURE.uuid: encode_feature(feature)})
    with pytest.raises(VersionRefusedError, match="update glowtool"):
        async with Roller.open(scripted.client_for, Gate()):
            pass
    assert scripted.requests == []


@in_virtual_time
async def test_nonsense_in_a_characteristic_is_an_error_that_names_it() -> None:
    scripted = ScriptedRoller(values={BATTERY_LEVEL.uuid: b"\xff"})
    with pytest.raises(DecodeError, match="Battery Level is ff"):
        async with Roller.open(scripted.client_for, Gate()):
            pass
    scripted = ScriptedRoller(values={SERIAL_NUMBER.uuid: b"\xff\xfe\0tail"})
    async with Roller.open(scripted.client_for, Gate()) as roller:
        assert roller.identity.serial == "\N{REPLACEMENT CHARACTER}" * 2


@in_virtual_time
async def test_a_roller_that_does_not_answer_the_connection() -> None:
    class Deaf(ScriptedClient):
        async def connect(self) -> None:
            raise BleakError("timed out")

    scripted = ScriptedRoller()
    with pytest.raises(ConnectFailedError, match=r"did not answer \(timed out\)"):
        async with Roller.open(lambda lost: Deaf(scripted, lost), Gate()):
            pass


@in_virtual_time
async def test_another_att_error_is_not_taken_for_a_missing_bond() -> None:
    scripted = ScriptedRoller(att_error=BleakGATTProtocolErrorCode.INVALID_HANDLE)
    with pytest.raises(ProtocolError, match="ATT error 0x01"):
        async with Roller.open(scripted.client_for, Gate()):
            pass


@pytest.mark.parametrize("mtu", [23, 64, 247])
@in_virtual_time
async def test_an_upload_is_cut_to_the_mtu_and_arrives_whole(mtu: int) -> None:
    scripted = ScriptedRoller(mtu=mtu)
    program = Program((STEP,) * 7)
    async with Roller.open(scripted.client_for, Gate()) as roller:
        await roller.upload(program)
        assert scripted.uploaded == pack_program(program)
        head = await roller.start()
        assert head.state is State.RUNNING


@in_virtual_time
async def test_a_program_over_a_personal_ceiling_is_never_committed() -> None:
    scripted = ScriptedRoller()
    forbidden = replace(STEP, zone=Zone.ORBIT_LEFT)
    async with Roller.open(scripted.client_for, Gate()) as roller:
        with pytest.raises(SafetyError):
            await roller.upload(Program((forbidden,)))
        assert Opcode.PROGRAM_COMMIT not in scripted.opcodes
        with pytest.raises(SafetyError, match="has not checked"):
            await roller.start()


@in_virtual_time
async def test_a_status_that_the_mtu_cut_is_read_instead() -> None:
    scripted = ScriptedRoller(mtu=23)
    async with Roller.open(scripted.client_for, Gate()) as roller:
        statuses = roller.status_changes()
        assert (await anext(statuses)).battery_percent == 80
        scripted.change(battery_percent=55)
        async with asyncio.timeout(1):
            assert (await anext(statuses)).battery_percent == 55
        scripted.notify_status(b"\xff" * 50)
        assert roller.status.battery_percent == 55


@in_virtual_time
async def test_the_streams_end_with_the_connection_and_a_new_one_is_made_ready_again() -> None:
    scripted = ScriptedRoller()
    async with Roller.open(scripted.client_for, Gate()) as roller:
        statuses = roller.status_changes()
        telemetry = await roller.telemetry_start()
        scripted.notify_frame(b"frame")
        scripted.status = replace(scripted.status, state=State.RUNNING, amplitude_permille=300)
        scripted.lose()
        with pytest.raises(ConnectionLostError):
            [status async for status in statuses]
        assert (await anext(telemetry.frames)).data == b"frame"
        with pytest.raises(ConnectionLostError):
            await anext(telemetry.frames)
        with pytest.raises(ConnectionLostError):
            await roller.start()
        written = len(scripted.requests)

        await roller.connect()
        assert scripted.opcodes[written] is Opcode.STOP
        assert roller.status.levels.zero
        scripted.clients[0].is_connected = True
        scripted.clients[0].subscriptions[STATUS.uuid](None, bytearray(encode(replace(scripted.status, step=3))))
        assert roller.status.step != 3


@in_virtual_time
async def test_telemetry_is_by_default_of_what_can_be_read_of_the_roller_s_own_channels() -> None:
    scripted = ScriptedRoller()
    first, *others = MINI.channels
    unread = replace(first, name="later", row=replace(first.row, number=7, format=Format(77)))
    for table, mask in (
        (MINI.channels, 1 << 0 | 1 << 5),
        ((unread, first), 1 << 0),
        ((*others, replace(first, row=replace(first.row, number=31))), 1 << 5 | 1 << 31),
    ):
        scripted.values[CHANNEL_TABLE.uuid] = encode_channel_table(table)
        async with Roller.open(scripted.client_for, Gate()) as roller:
            await roller.telemetry_start()
            asked = scripted.requests[-1].operands
            assert isinstance(asked, TelemetryStart)
            assert asked.channel_mask == mask
    scripted.values[CHANNEL_TABLE.uuid] = encode_channel_table((unread,))
    async with Roller.open(scripted.client_for, Gate()) as roller:
        with pytest.raises(DecodeError, match="no fast channel"):
            await roller.telemetry_start()


@in_virtual_time
async def test_telemetry_ends_when_every_frame_that_was_sent_has_come() -> None:
    scripted = ScriptedRoller()
    async with Roller.open(scripted.client_for, Gate(), host_clock_us=lambda: 42) as roller:
        telemetry = await roller.telemetry_start(100)
        for number in range(5):
            scripted.notify_frame(bytes((number,)))
        scripted.frames_sent += 1
        stopping = asyncio.create_task(roller.telemetry_stop())
        await asyncio.sleep(0.1)
        assert not stopping.done()
        scripted.frames_sent -= 1
        scripted.notify_frame(b"\x05")
        assert await stopping == 6
        frames = [frame async for frame in telemetry.frames]
        assert [frame.data for frame in frames] == [bytes((number,)) for number in range(6)]
        assert {frame.host_time_us for frame in frames} == {42}


@in_virtual_time
async def test_telemetry_can_be_started_again_after_a_refusal_and_after_an_end() -> None:
    scripted = ScriptedRoller(refused={Opcode.TELEMETRY_START: Result.MTU_TOO_SMALL})
    async with Roller.open(scripted.client_for, Gate()) as roller:
        with pytest.raises(RefusedError, match="packets are too small"):
            await roller.telemetry_start()
        scripted.refused.clear()
        asyncio.get_running_loop().call_later(0.1, scripted.notify_frame, b"x")
        async for frame in (await roller.telemetry_start()).frames:
            assert frame.data == b"x"
            break
        else:
            pytest.fail("no frame came")
        await roller.telemetry_stop()
        assert scripted.opcodes[-1] is Opcode.TELEMETRY_STOP


@in_virtual_time
async def test_heartbeats_come_three_times_in_the_watchdogs_time() -> None:
    scripted = ScriptedRoller()
    async with Roller.open(scripted.client_for, Gate()) as roller:
        before = len(scripted.requests)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3.05):
                await roller.keep_alive()
        assert scripted.opcodes[before:] == [Opcode.HEARTBEAT] * 10


@in_virtual_time
async def test_the_small_verbs_say_what_the_roller_answered() -> None:
    scripted = ScriptedRoller()
    async with Roller.open(scripted.client_for, Gate()) as roller:
        assert await roller.self_test() == Fault.MOTOR
        assert await roller.setting(Setting.WATCHDOG_MS) == 1000
        assert await roller.change_setting(Setting.WATCHDOG_MS, 400) == 400
        assert roller.watchdog_ms == 400
        await roller.identify()
        await roller.tare()
        await roller.set_time(1_700_000_000_000)
        await roller.upload(Program((STEP,)))
        await roller.start()
        assert (await roller.trim(50, 0)).state is State.RUNNING
        assert roller.status.vibration_percent == 50
        await roller.pause()
        await roller.resume()
        await roller.extend(1000)
        await roller.skip()
        await roller.stop()
        assert roller.status.state is State.READY


@in_virtual_time
async def test_time_that_the_roller_refused_to_add_is_not_counted_against_the_next() -> None:
    scripted = ScriptedRoller()
    async with Roller.open(scripted.client_for, Gate()) as roller:
        await roller.upload(Program((STEP,)))
        await roller.start()
        scripted.refused = {Opcode.EXTEND: Result.OVER_CEILING}
        with pytest.raises(RefusedError, match="let the step end as it is"):
            await roller.extend(200_000)
        scripted.refused = {}
        await roller.extend(200_000)
        with pytest.raises(SafetyError, match="the step would last"):
            await roller.extend(200_000)


async def test_a_roller_that_was_closed_says_so() -> None:
    roller = Roller(ScriptedRoller().client_for, Gate())
    with pytest.raises(LinkError, match="not connected"):
        roller.post_stop()
    await roller.close()
