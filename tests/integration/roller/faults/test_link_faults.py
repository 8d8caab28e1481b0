"""Every fault of the link has one check of what the device does and of what the host is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bumble import core, hci
from bumble.keys import MemoryKeyStore

from glowsim.evidence.record import read_delivered
from glowsim.faults.kind import Part
from glowsim.faults.kinds import KINDS
from glowsim.time.virtual_time import virtual_runner
from glowtool.model.channel import Stream
from glowtool.model.state import Interlock, State
from glowtool.protocol.channels import ALL_FAST, CHANNELS, select
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.samples import decode_frame, sample_dtype
from glowtool.protocol.vocabulary import Result
from support.air.driven import back_again, gone, under_way
from support.air.radio import host_on_air
from support.air.rollers import Console, bench, bonded_console, until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path


async def _link_loss(path: Path) -> None:
    async with under_way(path) as (there, console):
        began_us = there.roller.machine.now_us
        there.roller.faults.start("link-loss", for_s=4.0)
        assert await gone(console) == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        await asyncio.sleep(4.0)
        status = await (await back_again(there, console)).status()
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


CHECKS: dict[str, Callable[[Path], Coroutine[object, object, None]]] = {
    "link-loss": _link_loss,
    "packet-loss": _packet_loss,
    "delay": _delay,
    "duplication": _duplication,
    "mtu-23": _mtu_23,
    "refused-bond": _refused_bond,
    "lost-bond": _lost_bond,
}


@pytest.mark.parametrize("name", [kind.name for kind in KINDS if kind.part is Part.LINK])
def test_fault(name: str, tmp_path: Path) -> None:
    with virtual_runner() as runner:
        runner.run(CHECKS[name](tmp_path))
