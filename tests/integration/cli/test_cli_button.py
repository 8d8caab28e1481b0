"""`glowtool button` stores a routine, the person plays it alone, and a loss of power spoils neither."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.console.console import SHORT_PRESS_S
from glowsim.evidence.record import read_delivered
from glowsim.firmware.flash.chip import never
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import RecordStore
from glowsim.roller.button import press
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.device.refusals import RefusedError
from glowtool.drivers.gr1.button import store_for_button, stored_crc
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import ConnectionLostError
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import State
from glowtool.protocol.program import pack_program, program_crc
from glowtool.protocol.vocabulary import Setting
from glowtool.safety import Gate
from support.air.rollers import until
from support.people import screened
from support.processes.console import Host
from support.stack.full_stack import known_roller
from support.stack.massage import FIND_S, Display, bond, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from glowsim.firmware.flash.chip import Write

    Call = Callable[..., tuple[int, dict[str, object], str]]
    Connect = Callable[[], AbstractAsyncContextManager[Roller]]

SEED = 11
NOW_MS = 1_795_362_060_000
OLD = Program((step(Zone.CHEEK_LEFT, 2000),))
NEW = Program((step(Zone.CHEEK_RIGHT, 2000),) * 40)  # pages of the flash, and several pieces of an upload


@in_virtual_time
async def _pair(folder: Path) -> None:
    async with known_roller(folder, SEED):
        pass


@in_virtual_time
async def _press_alone(folder: Path, for_s: float) -> str:
    """Press the button of the roller where no host is, and wait; returns what the person is told."""
    async with VirtualRoller.open(Air(), folder / "sim", Scenario(), seed=SEED) as roller:
        said = press(roller, SHORT_PRESS_S)
        await asyncio.sleep(for_s)
        assert roller.machine.quiet
    return said


@pytest.fixture
def glowtool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """A command on the data of a paired roller; returns exit status, the object of --json, the errors."""
    _pair(tmp_path)
    screened(tmp_path)

    def call(*arguments: str) -> tuple[int, dict[str, object], str]:
        said = Host(tmp_path).call_here(capsys, *arguments)
        return said.status, said.document() if "--json" in arguments else {"said": said.out}, said.err

    return call


def _one(listed: object) -> dict[str, object]:
    assert isinstance(listed, list)
    (one,) = listed
    assert isinstance(one, dict)
    return one


def test_a_routine_is_stored_played_by_the_person_alone_and_fetched(glowtool: Call, tmp_path: Path) -> None:
    assert "starts nothing; `glowtool button store first-glow`" in str(glowtool("button", "show")[1]["said"])
    assert _press_alone(tmp_path, 1.0).startswith("nothing starts: no program is stored; a host stores one with")

    status, said, err = glowtool("button", "store", "first-glow", "--json")
    assert (status, err) == (0, "")
    stored = said["stored"]
    assert isinstance(stored, dict)
    assert (said["changed"], stored["routine"], stored["steps"], stored["duration_s"]) == (True, "first-glow", 4, 45)
    assert glowtool("button", "store", "first-glow", "--json")[1]["changed"] is False
    shown = str(glowtool("button", "show")[1]["said"])
    assert "starts First glow (first-glow), 4 steps, 45 s.\n" in shown

    before = len(read_delivered(tmp_path / "sim"))
    assert _press_alone(tmp_path, 50.0) == "the stored massage starts: 4 steps, 45 s"
    delivered = read_delivered(tmp_path / "sim")[before:]
    assert 80 < delivered["peak_ua"].max() <= 120
    assert 0.3 < delivered["amplitude"].max() <= 0.4 + 1e-6
    assert delivered["peak_ua"][-1] == 0

    _, fetched, _ = glowtool("logs", "fetch", "--json")
    massage = _one(fetched["massages"])
    assert (massage["ending"], massage["duration_s"]) == ("program_end", pytest.approx(45, abs=0.1))
    assert "\nRoutine  First glow (first-glow)\n" in str(
        glowtool("logs", "show", str(massage["massage_id"]))[1]["said"]
    )

    assert glowtool("button", "clear", "--json")[1]["cleared"] is True
    assert glowtool("button", "clear", "--json")[1]["cleared"] is False
    assert glowtool("button", "show", "--json")[1]["stored"] is None


def test_power_that_fails_while_storing_is_told_and_leaves_what_was_there(
    glowtool: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert glowtool("button", "store", "first-glow", "--json")[0] == 0
    put = RecordStore.put

    def fail(records: RecordStore, kind: Kind, key: int, payload: bytes) -> None:
        if kind is Kind.PROGRAM:
            records._chip.cut = lambda write: write.size // 2
        put(records, kind, key, payload)

    with monkeypatch.context() as failing:
        failing.setattr(RecordStore, "put", fail)
        status, said, err = glowtool("button", "store", "evening-calm", "--json")
    assert status == 12, said
    assert "the button starts either the old routine or all of the new one: `glowtool button show`" in err
    stored = glowtool("button", "show", "--json")[1]["stored"]
    assert isinstance(stored, dict)
    assert stored["routine"] == "first-glow"
    status, said, _ = glowtool("button", "store", "evening-calm", "--json")
    assert (status, said["changed"]) == (0, True)


@asynccontextmanager
async def _paired(folder: Path) -> AsyncIterator[tuple[VirtualRoller, Connect]]:
    """A virtual roller with one bonded host, and what connects that host."""
    air, display = Air(), Display()
    async with (
        VirtualRoller.open(air, folder / "sim", Scenario(), seed=SEED, display=display.show) as there,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        device = await find_device(adapter, there.address, FIND_S)
        await bond(adapter, device, display)
        yield there, lambda: Roller.open(lambda lost: adapter.client(device, lost), Gate())


def _counted(roller: VirtualRoller, cut_at: int | None, share: float) -> list[int]:
    """Count the writes to the flash from now on, and fail the power in one of them; the count is the list's length."""
    writes: list[int] = []

    def cut(write: Write) -> int | None:
        writes.append(write.size)
        return round(write.size * share) if len(writes) - 1 == cut_at else None

    roller.memory.chip.cut = cut
    return writes


async def _store(there: VirtualRoller, connected: Connect, program: Program) -> int | None:
    """Store a program, whatever becomes of it, and return what the roller keeps once it is back."""
    try:
        async with connected() as roller:
            await store_for_button(roller, program, NOW_MS)
    except ConnectionLostError:
        await until(lambda: not there.machine.out)
    there.memory.chip.cut = never
    async with connected() as roller:
        return await stored_crc(roller)


@in_virtual_time
async def _host_first(folder: Path) -> tuple[str, str]:
    """Press the button while a host is connected that has just uploaded, and once more when it is gone."""
    async with _paired(folder) as (there, connected):
        async with connected() as roller:
            await store_for_button(roller, OLD, NOW_MS)
            await roller.upload(NEW)
            pressed = press(there, SHORT_PRESS_S)
        return pressed, press(there, SHORT_PRESS_S)


def test_the_program_of_a_host_that_is_connected_goes_first(tmp_path: Path) -> None:
    with_host, without = _host_first(tmp_path)
    assert with_host == "nothing starts: the connected host has loaded a program of its own"
    assert without == "the stored massage starts: 1 step, 2 s"


@in_virtual_time
async def _settings_forbid(folder: Path) -> str:
    """Store a program, lower the roller's own maximum, and try to store it again; returns what a press then says."""
    async with _paired(folder) as (there, connected):
        async with connected() as roller:
            assert await store_for_button(roller, OLD, NOW_MS)
            await roller.change_setting(Setting.PEAK_UA_MAX, OLD[0].peak_ua - 10)
            with pytest.raises(RefusedError, match="a ceiling of the roller would be exceeded"):
                await store_for_button(roller, NEW, NOW_MS)
            assert await stored_crc(roller) == program_crc(pack_program(OLD))
        return press(there, SHORT_PRESS_S)


def test_what_the_settings_of_the_roller_forbid_is_not_stored_and_not_started(tmp_path: Path) -> None:
    assert _settings_forbid(tmp_path).endswith("or the roller's settings forbid what is stored")


@in_virtual_time
async def _every_write(folder: Path) -> list[str]:
    """Fail the power in every write of a store in turn, and say which program was kept each time."""
    crcs = {program_crc(pack_program(OLD)): "old", program_crc(pack_program(NEW)): "new"}
    kept: list[str] = []
    async with _paired(folder) as (there, connected):
        assert crcs[await _store(there, connected, OLD) or 0] == "old"
        writes = _counted(there, None, 0)
        assert crcs[await _store(there, connected, NEW) or 0] == "new"
        for cut_at in range(len(writes)):
            for share in (0.0, 0.5, 1.0):
                assert crcs[await _store(there, connected, OLD) or 0] == "old"
                _counted(there, cut_at, share)
                kept.append(crcs[await _store(there, connected, NEW) or 0])
                assert there.memory.records.verify()
                assert there.machine.status().state in {State.IDLE, State.READY}
    return kept


def test_power_that_fails_in_any_write_of_a_store_leaves_the_old_program_or_the_new_one_whole(tmp_path: Path) -> None:
    kept = _every_write(tmp_path)
    assert set(kept) == {"old", "new"}
    assert not read_delivered(tmp_path / "sim")["peak_ua"].any()
