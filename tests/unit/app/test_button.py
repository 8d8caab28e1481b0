"""A routine for the button is checked before a roller is looked for, and read back after it is stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glowtool.app.errands.kept import kept_program
from glowtool.device.refusals import CommandLackingError
from glowtool.drivers.gr1.button import clear_button, store_for_button, stored_crc
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import CommandRefusedError, ProtocolError, SafetyError, StoreError
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import Capability
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.gatt import FEATURE
from glowtool.protocol.program import pack_program, program_crc
from glowtool.protocol.records import DiagnosticValue
from glowtool.protocol.status import encode_feature, own_feature
from glowtool.protocol.vocabulary import Result
from glowtool.routine import parse_routine
from glowtool.safety import Gate
from glowtool.safety.limits import PersonalMax
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.programs import KeptProgram, find_program, keep_program
from glowtool.store.rollers.registry import DeviceRegistry
from support.host.scripted_client import ScriptedRoller
from support.people import screened
from support.processes.console import Host
from support.processes.typed import Typed
from support.stack.massage import step

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.protocol.commands.codec import Request
    from glowtool.protocol.wire import Message
    from support.processes.console import Said

    Call = Callable[..., Said]

PROGRAM = Program((step(Zone.CHEEK_LEFT, 2000), step(Zone.CHEEK_RIGHT, 2000)))
CRC = program_crc(pack_program(PROGRAM))
NOW_MS = 1_795_362_060_000

HARSH = """
name = "harsh"
title = "Harsh"
goal = "introduction"
description = "Current on the temple."
[[steps]]
title = "Temple"
zone = "temple-left"
duration_s = 20
band_kpa = [2.0, 5.0]
cue = "Hold"
microcurrent = { peak_ua = 100, frequency_hz = 10 }
"""

ABLE = Capability.VIBRATION | Capability.MICROCURRENT | Capability.RECORDS


class Keeping(ScriptedRoller):
    """A roller that keeps a program for its button, and says so in a CRC; `deaf` ones keep what they kept."""

    kept = 0
    deaf = False

    def take(self, data: bytes) -> None:
        before = len(self.requests)
        self.values[FEATURE.uuid] = encode_feature(own_feature(ABLE))
        super().take(data)
        if not self.deaf and len(self.requests) > before:
            opcode = self.requests[-1].opcode
            if opcode is Opcode.PROGRAM_STORE and opcode not in self.refused:
                self.kept = self.uploaded_crc
            elif opcode is Opcode.PROGRAM_ERASE_STORED:
                self.kept = 0

    def _payload(self, request: Request) -> Message | None:
        return DiagnosticValue(self.kept) if request.opcode is Opcode.DIAGNOSTICS else super()._payload(request)


def keeping(kept: int = 0) -> Keeping:
    there = Keeping(values={FEATURE.uuid: encode_feature(own_feature(ABLE))})
    there.kept = kept
    return there


async def test_a_program_is_stored_once_and_read_back_and_can_be_cleared() -> None:
    there = keeping()
    async with Roller.open(there.client_for, Gate()) as roller:
        assert await stored_crc(roller) is None
        assert await store_for_button(roller, PROGRAM, NOW_MS)
        assert await stored_crc(roller) == CRC
        assert not await store_for_button(roller, PROGRAM, NOW_MS)
        assert there.opcodes.count(Opcode.PROGRAM_STORE) == 1, "the flash is spared"
        assert there.opcodes.index(Opcode.SET_TIME) < there.opcodes.index(Opcode.PROGRAM_STORE)
        assert await clear_button(roller)
        assert await stored_crc(roller) is None
        assert not await clear_button(roller)


async def test_a_roller_that_keeps_something_else_is_found_out() -> None:
    there = keeping(kept=7)
    there.deaf = True
    async with Roller.open(there.client_for, Gate()) as roller:
        with pytest.raises(ProtocolError, match=f"CRC {CRC:08x}.*one with the CRC 00000007"):
            await store_for_button(roller, PROGRAM, NOW_MS)
        with pytest.raises(ProtocolError, match="did not forget"):
            await clear_button(roller)


@pytest.mark.parametrize("kept", [0, CRC])
async def test_what_breaks_a_personal_maximum_is_not_stored_also_when_the_roller_keeps_it_already(kept: int) -> None:
    there = keeping(kept)
    async with Roller.open(there.client_for, Gate(personal=PersonalMax(peak_ua=50))) as roller:
        with pytest.raises(SafetyError, match="peak"):
            await store_for_button(roller, PROGRAM, NOW_MS)
    assert Opcode.PROGRAM_STORE not in there.opcodes


async def test_what_the_roller_refuses_is_told_in_words() -> None:
    there = keeping()
    there.refused = {Opcode.PROGRAM_STORE: Result.FLASH_FULL}
    async with Roller.open(there.client_for, Gate()) as roller:
        with pytest.raises(CommandRefusedError, match="its memory is full"):
            await store_for_button(roller, PROGRAM, NOW_MS)
        assert await stored_crc(roller) is None
    poor = ScriptedRoller(values={FEATURE.uuid: encode_feature(own_feature(Capability.VIBRATION))})
    async with Roller.open(poor.client_for, Gate()) as roller:
        with pytest.raises(CommandLackingError, match="without the capability RECORDS"):
            await store_for_button(roller, PROGRAM, NOW_MS)


@pytest.fixture
def glowtool(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """A command with one known roller, beside its data, on an adapter that nothing here may open."""
    monkeypatch.chdir(tmp_path)
    Path("harsh.toml").write_text(HARSH, "utf-8")
    known = KnownRoller(address="D7:D0:5E:5E:DB:5F", name="GR-1 0CA1", serial="1", last_seen_utc=datetime.now(UTC))
    DeviceRegistry(tmp_path).remember(known)
    screened(tmp_path)
    return partial(Host(tmp_path, "bumble:none").call_here, capsys)


@pytest.mark.parametrize("command", [("run",), ("button", "store")], ids=" ".join)
@pytest.mark.parametrize(
    ("words", "status", "said"),
    [("first-glo", 3, "first-glow"), ("harsh.toml", 17, "step 1 (Temple)"), ("first-glow nobody", 11, "nobody")],
)
def test_what_run_refuses_is_refused_for_the_button_in_the_same_words(
    command: tuple[str, ...], words: str, status: int, said: str, glowtool: Call
) -> None:
    refused = glowtool(*command, *words.split(), "--json")
    assert (refused.status, json.loads(refused.out)["error"]["exit_status"]) == (status, status)
    assert said in refused.err
    assert not Path("programs").exists()


def test_a_person_at_a_terminal_is_asked_first(glowtool: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Typed()
    monkeypatch.setattr("sys.stdin", Typed("n\n"))
    monkeypatch.setattr("sys.stderr", screen)
    assert glowtool("button", "store", "first-glow").status == 130
    assert "First glow, 45 s, up to " in screen.getvalue()
    assert "Anyone who presses the button of GR-1 0CA1 will start it" in screen.getvalue()
    assert "nothing was done" in screen.getvalue()


def test_the_name_of_a_program_is_kept_and_a_damaged_file_says_nothing(tmp_path: Path) -> None:
    kept = KeptProgram(crc32="0000002a", name="mine", title="Mine “x”", steps=2, duration_s=4.5)
    assert find_program(tmp_path / "programs", kept.crc32) is None
    keep_program(tmp_path / "programs", kept)
    assert find_program(tmp_path / "programs", kept.crc32) == kept
    for damaged in (b"", b"{}", kept.model_dump_json().encode().replace(b"0000002a", b"0000002b")):
        (tmp_path / "programs" / "0000002a.json").write_bytes(damaged)
        assert find_program(tmp_path / "programs", kept.crc32) is None
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the roller's program is unchanged"):
        keep_program(tmp_path / "file", kept)


def test_current_that_begins_within_a_step_is_noted_of_the_button() -> None:
    """Whether a person may keep a program in a roller is judged by this note alone."""
    later = HARSH.replace("peak_ua = 100,", "peak_ua = 0,").replace("temple-left", "chin")
    kept = kept_program(parse_routine(f"{later}keyframes = [{{ at_s = 10, peak_ua = 90 }}]\n", "harsh.toml"))
    assert (kept.peak_ua, kept.amplitude) == (90, 0.0)
