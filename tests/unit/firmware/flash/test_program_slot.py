"""A stored program that is longer than a record survives every loss of power as the old one or as the new one."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from typing import Final

import pytest

from glowsim.faults import flash
from glowsim.firmware.flash import program_slot
from glowsim.firmware.flash.chip import FlashChip, PowerLostError, Write, never
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import FlashFullError, RecordStore
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import ProgramBegin, ProgramData
from glowtool.protocol.program import PROGRAM_SIZE_MAX, STEP_SIZE, decode_program, encode_program, program_crc
from glowtool.protocol.records import Diagnostic, DiagnosticGet, DiagnosticValue
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import Bench, keyframe, step

CHANCE: Final = random.Random(12)  # noqa: S311 - reproducible on purpose
SHORT, LONG, OTHER = (CHANCE.randbytes(size) for size in (10 * STEP_SIZE, PROGRAM_SIZE_MAX, 100 * STEP_SIZE))


def cut_at(number: int, write: Write) -> int | None:
    return write.size // 2 if write.number == number else None


@pytest.mark.parametrize(("old", "new"), [(SHORT, LONG), (LONG, OTHER), (LONG, SHORT), (OTHER, None), (None, LONG)])
def test_after_a_loss_of_power_in_any_write_it_is_the_old_or_the_new_one(old: bytes | None, new: bytes | None) -> None:
    for number in range(1000):
        chip = FlashChip()
        records = RecordStore(chip)
        if old is not None:
            program_slot.store(records, old)
        chip.writes = 0
        chip.cut = partial(cut_at, number)
        try:
            program_slot.erase(records) if new is None else program_slot.store(records, new)
        except PowerLostError:
            chip.cut = never
            chip.power_on()
            assert program_slot.stored(RecordStore(chip)) in {old, new}, f"write {number}"
        else:
            assert program_slot.stored(records) == new
            assert number > 2
            return
    raise AssertionError("the writing has no end")


def test_what_no_index_names_is_freed() -> None:
    records = RecordStore(FlashChip())
    room = records.room()
    for data in (LONG, OTHER, LONG, SHORT):
        program_slot.store(records, data)
    assert records.keys(Kind.PROGRAM_PART) == []
    program_slot.erase(records)
    assert program_slot.stored(records) is None
    # A tombstone is kept until its sector is collected.
    assert room - records.room() < 200


def test_a_full_flash_keeps_the_program_before() -> None:
    records = RecordStore(FlashChip())
    program_slot.store(records, OTHER)
    flash.fill(records)
    with pytest.raises(FlashFullError):
        program_slot.store(records, LONG)
    assert program_slot.stored(records) == OTHER


def test_a_damaged_part_is_no_program() -> None:
    chip = FlashChip()
    program_slot.store(RecordStore(chip), LONG)
    chip.corrupt(chip.image.index(LONG[3000:3100]), 1)
    assert program_slot.stored(RecordStore(chip)) is None


def test_the_longest_program_goes_over_the_control_point_into_the_flash_and_comes_back() -> None:
    bench = Bench()
    crowd = tuple(keyframe(1000 * number, number, 100) for number in range(1, 255))
    program = (replace(step(300_000), keyframes=crowd),)
    data = encode_program(program)
    assert len(data) == PROGRAM_SIZE_MAX
    bench.send(Opcode.PROGRAM_BEGIN, ProgramBegin(255, len(data), program_crc(data)))
    bench.send(Opcode.PROGRAM_DATA, ProgramData(0), data)
    assert bench.result(Opcode.PROGRAM_COMMIT) is Result.SUCCESS
    assert bench.result(Opcode.PROGRAM_STORE) is Result.SUCCESS
    bench.memory.mount()
    assert bench.memory.stored_program() == decode_program(data) == program
    payload = bench.send(Opcode.DIAGNOSTICS, DiagnosticGet(Diagnostic.STORED_PROGRAM_CRC)).payload
    assert payload == DiagnosticValue(program_crc(data))
    assert bench.result(Opcode.PROGRAM_ERASE_STORED) is Result.SUCCESS
    assert bench.memory.stored_program() is None
