"""The roller's flash image outlives the process, and power that fails within a write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bumble.keys import MemoryKeyStore

from glowsim.firmware.flash.chip import never
from glowsim.firmware.flash.layout import Kind
from glowtool.model.ending import MassageEnd
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.records import Diagnostic, DiagnosticGet, DiagnosticValue, decode_massage
from glowtool.protocol.vocabulary import Result
from support.air.radio import host_on_air
from support.air.rollers import Console, bench, bonded_console, start, until, until_driven

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_stored_program_outlives_the_power_and_the_button_alone_starts_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        assert (await console.ask(Opcode.STOP)).head.state is State.READY
        assert (await console.ask(Opcode.PROGRAM_STORE)).head.result is Result.SUCCESS
    async with bench(tmp_path) as there:
        there.roller.press_button(0.2)
        await until(lambda: not there.roller.machine.quiet)
        there.roller.press_button(0.2)
        await until(lambda: there.roller.machine.quiet)
        records = there.roller.memory.records
        (number,) = records.keys(Kind.MASSAGE)
        massage = decode_massage(records.get(Kind.MASSAGE, number) or b"")
    assert massage.head.end in {MassageEnd.BUTTON, MassageEnd.POWER_LOST}
    assert not (tmp_path / "memory.json").exists()


async def test_power_that_fails_in_a_write_ends_outputs_and_the_roller_boots_again(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            await start(console)
            await until_driven(console)
            there.roller.memory.chip.cut = lambda write: write.size // 2
            await until(lambda: there.roller.machine.out, 8)  # the dose is kept every five seconds
            assert there.roller.machine.quiet
            there.roller.memory.chip.cut = never
        await until(lambda: not there.roller.machine.out)
        await until(lambda: there.roller.machine.status().state is State.IDLE)
        assert there.roller.machine.quiet
        assert there.roller.memory.records.verify()
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            await host.encrypt()
            console = Console(host)
            await console.open()
            answer = await console.ask(Opcode.DIAGNOSTICS, DiagnosticGet(Diagnostic.RESET_CAUSE))
            assert answer.payload == DiagnosticValue(1)
