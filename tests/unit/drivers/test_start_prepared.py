"""A START waits for whoever counts doses; a stop waits for neither."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from glowtool.app.ledger import direct
from glowtool.app.ledger.direct import Direct
from glowtool.app.place import Place
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import CommandRefusedError, SafetyError, StoreError
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.protocol.commands.opcode import Opcode
from glowtool.safety.limits import PersonalMax
from glowtool.safety.witness import WitnessedGate
from support.host.scripted_client import ScriptedRoller
from support.stack.massage import step

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.safety.witness import Begin

PROGRAM = Program((step(Zone.CHEEK_LEFT, 2000),))


def _gate(begin: Begin | None, heard: list[str]) -> WitnessedGate:
    return WitnessedGate(lambda order, _, refused: heard.append(refused or order), personal=PersonalMax(), begin=begin)


async def test_a_stop_overtakes_a_start_that_waits_for_the_disk() -> None:
    there, asked, heard = ScriptedRoller(), asyncio.Event(), list[str]()

    async def slow(_program: Program) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with Roller.open(there.client_for, _gate(slow, heard)) as roller:
        await roller.upload(PROGRAM)
        starting = asyncio.ensure_future(roller.start())
        await asked.wait()
        await roller.stop()
        starting.cancel()
        await asyncio.wait({starting})
    assert Opcode.START not in there.opcodes
    assert heard == []


async def test_a_start_that_a_stop_overtook_meanwhile_is_not_sent() -> None:
    there, roller_of, heard = ScriptedRoller(), list[Roller](), list[str]()

    async def stopping(_program: Program) -> None:
        await roller_of[0].stop()

    async with Roller.open(there.client_for, _gate(stopping, heard)) as roller:
        roller_of.append(roller)
        await roller.upload(PROGRAM)
        with pytest.raises(CommandRefusedError, match="a stop overtook it"):
            await roller.start()
    assert Opcode.START not in there.opcodes


@pytest.mark.parametrize("error", [SafetyError("the day is spent"), StoreError("the disk is full")])
async def test_what_is_not_reserved_is_not_started(error: SafetyError | StoreError) -> None:
    there, heard = ScriptedRoller(), list[str]()

    async def refuse(_program: Program) -> None:
        raise error

    async with Roller.open(there.client_for, _gate(refuse, heard)) as roller:
        await roller.upload(PROGRAM)
        with pytest.raises(type(error)):
            await roller.start()
    assert Opcode.START not in there.opcodes
    assert heard == (["the day is spent"] if isinstance(error, SafetyError) else [])


def test_no_start_passes_a_gate_whose_dose_was_not_reserved() -> None:
    async def begin(_program: Program) -> None: ...

    gate = _gate(begin, [])
    gate.hold(PROGRAM)
    with pytest.raises(SafetyError, match="nobody who counts doses"):
        gate.start()
    asyncio.run(gate.prepare_start())
    gate.start()
    with pytest.raises(SafetyError, match="nobody who counts doses"):
        gate.start()


async def test_the_disk_is_written_beside_the_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, threads = ScriptedRoller(), list[threading.Thread]()

    def reserve(*_args: object, **_named: object) -> None:
        threads.append(threading.current_thread())

    monkeypatch.setattr(direct, "reserve", reserve)
    counting = Direct(Place("sim", tmp_path), "nobody", None, lambda _: None)  # type: ignore[arg-type]  # not asked for
    async with Roller.open(there.client_for, _gate(counting.begin, [])) as roller:
        await roller.upload(PROGRAM)
        await roller.start()
    assert Opcode.START in there.opcodes
    assert threads
    assert threading.main_thread() not in threads
