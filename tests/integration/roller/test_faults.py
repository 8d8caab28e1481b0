"""Every fault: what the device does, and what the host is told. One test for each row of docs/reference/faults.md."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from bumble import core, hci
from bumble.keys import MemoryKeyStore

from glowsim.evidence.record import read_delivered
from glowsim.faults.board import Board
from glowsim.faults.faulty_body import FaultyBody
from glowsim.faults.kinds import KINDS
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.roller.plant import RollerPlant
from glowsim.time.virtual_time import virtual_runner
from glowtool.model.channel import Stream
from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol.channels import ALL_FAST, CHANNELS, select
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import SetTime, TelemetryStart
from glowtool.protocol.commands.payloads import SelfTestReport
from glowtool.protocol.samples import decode_frame, sample_dtype
from glowtool.protocol.vocabulary import Result
from support.air.radio import host_on_air
from support.air.rollers import Bench, Console, bench, bonded_console, start, until, until_driven
from support.device import firmware_bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bumble.keys import KeyStore

STEADY = BodyParameters(hand=HandParameters(target_kpa=3.5, tremor_kpa=0.0, wander_kpa=0.0, stroke_s=8.0))


class Dry:
    """A massage without a radio: firmware, body and board of faults."""

    def __init__(self) -> None:
        self.body = Body(STEADY, 1)
        self.board = Board((), 1, RollerPlant(self.body))
        faulty = FaultyBody(self.body, self.board)
        self.bench = firmware_bench.Bench(faulty)  # type: ignore[arg-type]  # it has the one method that is used
        self.bench.start(firmware_bench.step(60_000))
        self.bench.run(3.0)
        assert self.bench.drive.peak_ua > 0
        assert self.bench.drive.amplitude > 0

    def run(self, seconds: float) -> Interlock:
        """Go on, and return every interlock that was reported."""
        seen = Interlock(0)
        for _ in range(round(seconds / 0.05)):
            self.bench.run(0.05)
            seen |= self.bench.firmware.status(self.bench.now_us).interlocks
        return seen


def _cell_stuck(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-stuck", cell="rf")
    stuck, others = set(), set()
    for _ in range(200):
        dry.bench.run(0.005)
        stuck.add(dry.bench.sensed.cells_raw[2])
        others.add(dry.bench.sensed.cells_raw[0])
    assert len(stuck) == 1
    assert len(others) > 1
    dry.board.stop("cell-stuck")
    dry.run(0.5)
    assert dry.bench.drive.amplitude > 0


def _cell_stuck_noisy(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-stuck-noisy", cell="all", at_kpa=6.5, noise_kpa=0.05)
    read: list[int] = []
    for _ in range(100):
        dry.bench.run(0.005)
        read.append(dry.bench.sensed.cells_raw[3])
    assert len(set(read)) > 4
    assert abs(sum(read) / len(read) - 650) < 3
    dry.body.press(0.2)
    assert Interlock.NO_CONTACT in dry.run(1.0), "the contact changes, and the cells stand still"
    dry.board.stop("cell-stuck-noisy")
    dry.board.start("cell-stuck-noisy", cell="lf")
    assert 300 < dry.board.sense(firmware_bench.SKIN).cells_raw[0] < 400, "where it stands"


def _cell_noisy(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-noisy", cell="lf", noise_kpa=8.0)
    assert dry.run(2.0) & (Interlock.PRESSURE_CAUTION | Interlock.PRESSURE_HALF | Interlock.PRESSURE_ZERO)


def _cell_saturated(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-saturated", cell="lr", for_s=1.0)
    assert Interlock.PRESSURE_ZERO in dry.run(0.1)
    assert dry.bench.drive.quiet
    assert dry.bench.sensed.cells_raw[1] == 4000
    dry.run(2.0)
    assert dry.bench.drive.amplitude > 0, "it goes on by itself, softly, once the fault is over"


def _cell_drifting(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-drifting", cell="all", rate_kpa_per_min=60.0)
    assert Interlock.PRESSURE_ZERO in dry.run(14.0)
    assert dry.bench.drive.quiet


def _cell_dead(_path: Path) -> None:
    dry = Dry()
    dry.board.start("cell-dead", cell="lf")
    assert dry.run(0.5) & (Interlock.CURRENT_DENSITY | Interlock.NO_CONTACT)
    assert dry.bench.sensed.cells_raw[0] == 0
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _thermistor_broken(_path: Path) -> None:
    dry = Dry()
    dry.board.start("thermistor-broken", head="right")
    dry.run(0.05)
    assert (dry.bench.state, dry.bench.firmware.status(dry.bench.now_us).faults) == (
        State.FAULT,
        Fault.TEMPERATURE_SENSOR,
    )
    assert dry.bench.drive.quiet
    assert dry.bench.result(Opcode.START) is Result.WRONG_STATE


def _impedance_stuck(_path: Path) -> None:
    dry = Dry()
    dry.board.start("impedance-stuck", noise_share=0.02)
    dry.bench.run(0.005)
    held = dry.bench.sensed.impedance_raw
    dry.body.press(9.0)
    read = set()
    for _ in range(100):
        dry.bench.run(0.005)
        read.add(dry.bench.sensed.impedance_raw)
    assert len(read) > 4
    assert 0.9 * held < min(read) <= max(read) < 1.1 * held
    assert Interlock.NO_CONTACT in dry.run(0.5), "the source sees another load"
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0
    dry.board.start("impedance-stuck", at_ohm=20_000)
    assert dry.board.sense(firmware_bench.SKIN).impedance_raw == 2000


def _impedance_noisy(_path: Path) -> None:
    dry = Dry()
    dry.board.start("impedance-noisy", noise_share=0.5)
    read = set()
    for _ in range(100):
        dry.bench.run(0.005)
        read.add(dry.bench.sensed.impedance_raw)
    assert max(read) > 2 * min(read)
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _source_sense_stuck(_path: Path) -> None:
    dry = Dry()
    dry.board.start("source-sense-stuck")
    read = set()
    for _ in range(200):
        dry.bench.run(0.005)
        read.add(dry.bench.sensed.source_raw)
    assert len(read - {(0, 0)}) == 1
    dry.body.press(1.0)
    assert Interlock.NO_CONTACT in dry.run(1.0), "the contact changed, and the reading did not"
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _source_sense_noisy(_path: Path) -> None:
    dry = Dry()
    dry.board.start("source-sense-noisy", noise_share=0.02)
    read = set()
    for _ in range(100):
        dry.bench.run(0.005)
        read.add(dry.bench.sensed.source_raw[1])
    assert len(read) > 10
    dry.board.start("source-sense-noisy", noise_share=0.5)
    assert Interlock.NO_CONTACT in dry.run(0.5)
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _source_sense_dead(_path: Path) -> None:
    dry = Dry()
    dry.board.start("source-sense-dead")
    dry.run(0.05)
    assert dry.bench.sensed.source_raw == (0, 0)
    assert Interlock.NO_CONTACT in dry.run(0.5)
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _gel_drying(_path: Path) -> None:
    dry = Dry()
    before = dry.bench.sensed.impedance_raw
    dry.board.start("gel-drying", minutes=0.4)
    assert Interlock.NO_CONTACT not in dry.run(3.0)
    assert dry.bench.sensed.impedance_raw > 1.1 * before
    dry.board.start("gel-drying", minutes=0.02)
    assert Interlock.NO_CONTACT in dry.run(3.0), "no gel dries so fast: it looks like cells that stand still"


def _electrode_lifting(_path: Path) -> None:
    dry = Dry()
    dry.board.start("electrode-lifting", head="left")
    assert Interlock.NO_CONTACT in dry.run(0.5)
    assert dry.bench.sensed.impedance_raw == 0xFFFF
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0


def _over_temperature(_path: Path) -> None:
    dry = Dry()
    dry.board.start("over-temperature", celsius=45.0, for_s=1.0)
    assert Interlock.HEAD_TEMPERATURE in dry.run(1.2)
    assert dry.bench.drive.quiet
    dry.body.heat_heads(30.0)
    dry.run(2.0)
    assert not dry.bench.drive.quiet


def _low_battery(_path: Path) -> None:
    dry = Dry()
    dry.board.start("low-battery")
    assert Interlock.BATTERY_CURRENT in dry.run(0.5)
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0
    dry.board.start("low-battery", percent=3)
    assert Interlock.BATTERY_EMPTY in dry.run(2.5)
    assert dry.bench.drive.quiet
    assert dry.bench.state is not State.RUNNING


@asynccontextmanager
async def _driven(path: Path, keys: KeyStore | None = None) -> AsyncIterator[tuple[Bench, Console]]:
    async with bench(path) as there, bonded_console(there, keys) as console:
        await start(console)
        await until_driven(console)
        yield there, console


async def _gone(console: Console) -> int:
    async with asyncio.timeout(10):
        return await console.host.gone


async def _back(there: Bench, console: Console) -> Console:
    """Reconnect with the bond."""
    await console.host.connect(there.roller.address)
    await console.host.encrypt()
    again = Console(console.host)
    await again.open()
    return again


async def _link_loss(path: Path) -> None:
    async with _driven(path) as (there, console):
        began_us = there.roller.machine.now_us
        there.roller.faults.start("link-loss", for_s=4.0)
        assert await _gone(console) == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        await asyncio.sleep(4.0)
        status = await (await _back(there, console)).status()
        assert status.state is State.PAUSED
        assert status.interlocks & (Interlock.LINK_LOSS | Interlock.WATCHDOG)
        assert status.outputs.zero
    record = read_delivered(path)
    driven = record["time_us"][(record["drive_amplitude"] > 0) | (record["drive_peak_ua"] > 0)]
    assert int(driven[-1]) - began_us <= 1_000_000


async def _telemetry(console: Console) -> list[int]:
    """Return the sequence numbers of the frames of half a second."""
    granted = await console.ask(Opcode.TELEMETRY_START, TelemetryStart(200, ALL_FAST))
    assert granted.head.result is Result.SUCCESS
    await asyncio.sleep(1.0)
    dtypes = {stream: sample_dtype(select(CHANNELS, stream, ALL_FAST)) for stream in Stream}
    return [decode_frame(data, dtypes).header.sequence for data in console.frames]


async def _packet_loss(path: Path) -> None:
    async with bench(path) as there, bonded_console(there) as console:
        there.roller.faults.start("packet-loss", share=0.3)
        sequences = await _telemetry(console)
    assert sequences == list(range(len(sequences)))
    assert len(sequences) > 10


async def _delay(path: Path) -> None:
    async with bench(path) as there, bonded_console(there) as console:
        loop = asyncio.get_running_loop()
        there.roller.faults.start("delay", ms=100, jitter_ms=0)
        asked_s = loop.time()
        await console.ask(Opcode.HEARTBEAT)
        assert loop.time() - asked_s >= 0.1


async def _duplication(path: Path) -> None:
    async with bench(path) as there, bonded_console(there) as console:
        there.roller.faults.start("duplication", share=0.5)
        sequences = await _telemetry(console)
    assert sequences == sorted(sequences)
    assert len(set(sequences)) < len(sequences)


async def _mtu_23(path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(path) as there:
        there.roller.faults.start("mtu-23")
        async with bonded_console(there, keys) as console:
            assert console.host.connection is not None
            assert console.host.connection.att_mtu == 23
            answer = await console.ask(Opcode.TELEMETRY_START, TelemetryStart(200, ALL_FAST))
            assert answer.head.result is Result.MTU_TOO_SMALL


async def _refused_bond(path: Path) -> None:
    async with bench(path) as there, host_on_air(there.air) as host:
        there.roller.faults.start("refused-bond")
        await host.connect(there.roller.address)
        with pytest.raises(core.ProtocolError) as refused:
            await host.pair(lambda: there.display.passkey)
        assert refused.value.error_code == 0x05
        there.roller.faults.stop("refused-bond")
        await host.pair(lambda: there.display.passkey)


async def _lost_bond(path: Path) -> None:
    async with bench(path) as there, bonded_console(there) as console:
        await console.host.disconnect()
        await until(lambda: not there.roller.connected)
        there.roller.faults.start("lost-bond")
        await console.host.connect(there.roller.address)
        with pytest.raises((core.ProtocolError, hci.HCI_Error)) as refused:
            await console.host.encrypt()
        assert refused.value.error_code == hci.HCI_ErrorCode.PIN_OR_KEY_MISSING_ERROR


async def _rebooted(path: Path, name: str, cause: str, outputs_us: int, **values: float) -> None:
    async with _driven(path) as (there, console):
        machine = there.roller.machine
        began_us = machine.now_us
        there.roller.faults.start(name, **values)
        assert await _gone(console) == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        await until(lambda: not machine.out)
        assert machine.now_us < began_us, "device time counts from zero again"
        assert machine._firmware.reset_cause == cause
        status = await (await _back(there, console)).status()
        assert (status.state, status.outputs.zero, status.faults) == (State.IDLE, True, Fault(0))
    record = read_delivered(path)
    driven = record[(record["drive_amplitude"] > 0) | (record["drive_peak_ua"] > 0)]
    assert set(driven["power_cycle"]) == {0}
    assert int(driven["time_us"][-1]) - began_us <= outputs_us


async def _brown_out(path: Path) -> None:
    await _rebooted(path, "brown-out", "brown-out", 10_000, off_s=1.0)


async def _reboot(path: Path) -> None:
    await _rebooted(path, "reboot", "software", 10_000)


async def _hang(path: Path) -> None:
    await _rebooted(path, "hang", "watchdog", 30_000)


async def _dead_battery(path: Path) -> None:
    async with _driven(path) as (there, console):
        there.roller.faults.start("dead-battery")
        assert await _gone(console) == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        await asyncio.sleep(5.0)
        assert there.roller.machine.out
        assert there.roller.delivered.quiet
        there.roller.faults.stop("dead-battery")
        await until(lambda: not there.roller.machine.out)
        status = await (await _back(there, console)).status()
        assert (status.state, status.battery_percent, status.outputs.zero) == (State.IDLE, 19, True)


async def _clock_jump(path: Path) -> None:
    async with bench(path) as there, bonded_console(there) as console:
        await console.ask(Opcode.SET_TIME, SetTime(1_795_362_060_000))
        before = await console.status()
        there.roller.faults.start("clock-jump", by_s=-7200)
        after = await console.status()
        assert after.unix_ms - before.unix_ms == pytest.approx(-7_200_000, abs=2000)
        assert 0 <= after.device_time_us - before.device_time_us < 2_000_000


def _flash_full(_path: Path) -> None:
    flash = firmware_bench.Bench()
    board = Board((), 1, RollerPlant(Body(STEADY, 1), flash.memory))
    flash.load(firmware_bench.step())
    board.start("flash-full")
    assert flash.result(Opcode.PROGRAM_STORE) is Result.FLASH_FULL
    assert flash.result(Opcode.START) is Result.SUCCESS
    flash.run(8.0)
    assert flash.drive.amplitude > 0, "the dose is still kept, so that a massage can go on"
    assert flash.result(Opcode.STOP) is Result.SUCCESS
    board.stop("flash-full")
    flash.load(firmware_bench.step())
    assert flash.result(Opcode.PROGRAM_STORE) is Result.SUCCESS


def _flash_corrupted(_path: Path) -> None:
    flash = firmware_bench.Bench()
    flash.load(firmware_bench.step())
    assert flash.result(Opcode.PROGRAM_STORE) is Result.SUCCESS
    Board((), 1, RollerPlant(Body(STEADY, 1), flash.memory)).start("flash-corrupted", bytes=64)
    answer = flash.send(Opcode.SELF_TEST)
    assert isinstance(answer.payload, SelfTestReport)
    assert Fault.FLASH in answer.payload.failed
    flash.firmware.power_on(0)
    assert flash.memory.records.verify(), "what is accepted at the next start is good"
    assert flash.firmware.drive.quiet


CHECKS: dict[str, Callable[[Path], object]] = {
    "link-loss": _link_loss,
    "packet-loss": _packet_loss,
    "delay": _delay,
    "duplication": _duplication,
    "mtu-23": _mtu_23,
    "refused-bond": _refused_bond,
    "lost-bond": _lost_bond,
    "cell-stuck": _cell_stuck,
    "cell-stuck-noisy": _cell_stuck_noisy,
    "cell-noisy": _cell_noisy,
    "cell-saturated": _cell_saturated,
    "cell-drifting": _cell_drifting,
    "cell-dead": _cell_dead,
    "thermistor-broken": _thermistor_broken,
    "impedance-stuck": _impedance_stuck,
    "impedance-noisy": _impedance_noisy,
    "source-sense-stuck": _source_sense_stuck,
    "source-sense-noisy": _source_sense_noisy,
    "source-sense-dead": _source_sense_dead,
    "gel-drying": _gel_drying,
    "electrode-lifting": _electrode_lifting,
    "over-temperature": _over_temperature,
    "low-battery": _low_battery,
    "dead-battery": _dead_battery,
    "brown-out": _brown_out,
    "reboot": _reboot,
    "hang": _hang,
    "clock-jump": _clock_jump,
    "flash-full": _flash_full,
    "flash-corrupted": _flash_corrupted,
}


@pytest.mark.parametrize("name", [kind.name for kind in KINDS])
def test_fault(name: str, tmp_path: Path) -> None:
    done = CHECKS[name](tmp_path)
    if asyncio.iscoroutine(done):
        with virtual_runner() as runner:
            runner.run(done)
