"""A stretch of a roller's life that writes to its flash, and what a power failure in it must leave."""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from glowsim.firmware.flash.chip import FlashChip, Geometry, PowerLostError, Write, never
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.outage import ResetCause
from glowsim.firmware.retained.bonds import Bond, BondTable
from glowsim.firmware.retained.memory import Memory, restored
from glowtool.model.ending import MassageEnd
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import SettingSet
from glowtool.protocol.records import Massage, decode_massage
from glowtool.protocol.vocabulary import Setting
from support.device.firmware_bench import Bench, step

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT: Final = (step(1000), step(1500, peak_ua=0))
SMALL: Final = Geometry(sectors=4, sector_size=4096)

PHONE: Final = Bond(bytes.fromhex("554433221155"), 1, bytes(range(16)), irk=bytes(range(16, 32)))
PHONE_SUBSCRIBED: Final = replace(PHONE, subscriptions=((0x17, 2), (0x1A, 1)))
LAPTOP: Final = Bond(bytes.fromhex("0100005e0010"), 0, bytes(range(32, 48)))


class Fact(enum.Enum):
    """Something that the roller has acknowledged, so that no brown-out may undo it."""

    PROGRAM_KEPT = enum.auto()
    PROGRAM_ERASED = enum.auto()
    SETTING_KEPT = enum.auto()
    MASSAGE_BEGUN = enum.auto()
    MASSAGE_ENDED = enum.auto()
    PHONE_BONDED = enum.auto()
    LAPTOP_BONDED = enum.auto()
    PHONE_SUBSCRIBED = enum.auto()
    LAPTOP_FORGOTTEN = enum.auto()
    ALL_FORGOTTEN = enum.auto()


def alone(bench: Bench) -> None:
    bench.firmware.on_link(bench.now_us, up=False, authenticated=False)


def with_host(bench: Bench) -> None:
    bench.firmware.on_link(bench.now_us, up=True, authenticated=True)


def press(bench: Bench, held_s: float = 0.2) -> State:
    bench.firmware.press_button(bench.now_us, held_s)
    return bench.state


def massages(bench: Bench) -> list[Massage]:
    records = bench.memory.records
    return [decode_massage(records.get(Kind.MASSAGE, key) or b"") for key in records.keys(Kind.MASSAGE)]


def live(bench: Bench) -> Iterator[Fact]:
    """Live, and yield each fact as soon as it must survive."""
    bench.load(*SHORT)
    bench.send(Opcode.PROGRAM_STORE)
    yield Fact.PROGRAM_KEPT
    bench.send(Opcode.SETTING_SET, SettingSet(Setting.PEAK_UA_MAX, 300))
    yield Fact.SETTING_KEPT
    alone(bench)
    press(bench)
    yield Fact.MASSAGE_BEGUN
    bench.run(2.6, heartbeat=False)
    yield Fact.MASSAGE_ENDED
    with_host(bench)
    bench.send(Opcode.PROGRAM_ERASE_STORED)
    yield Fact.PROGRAM_ERASED
    yield from _bond(BondTable(bench.memory))


def _bond(table: BondTable) -> Iterator[Fact]:
    table.keep(PHONE)
    yield Fact.PHONE_BONDED
    table.keep(LAPTOP)
    yield Fact.LAPTOP_BONDED
    table.keep(PHONE_SUBSCRIBED)
    yield Fact.PHONE_SUBSCRIBED
    table.drop(LAPTOP.identity)
    yield Fact.LAPTOP_FORGOTTEN
    table.forget()
    yield Fact.ALL_FORGOTTEN


def _used_image() -> bytes:
    """Return a flash whose sectors are nearly full of what was written before, so that a life needs erases."""
    chip = FlashChip(SMALL)
    memory = Memory(chip)
    for number in range(6):
        memory.records.put(Kind.FUEL_GAUGE, 0, bytes([number]) * 1500)
    memory.save({"fuel_gauge": {"percent": 50.0}})
    return chip.image


USED: Final = _used_image()


def writes_of_a_life() -> list[Write]:
    """Return every write of the flash in one life."""
    chip = FlashChip(SMALL, USED)
    writes: list[Write] = []
    chip.cut = writes.append
    assert set(live(Bench(memory=Memory(chip)))) == set(Fact)
    return writes


def judge_cut(number: int, at: int) -> None:
    """Live until the power fails after `at` bytes of write `number`, boot, and hold the roller to its word."""
    chip = FlashChip(SMALL, USED)
    chip.cut = lambda write: at if write.number == number else None
    bench: Bench | None = None
    facts: set[Fact] = set()
    try:
        bench = Bench(memory=Memory(chip))
        for fact in live(bench):
            facts.add(fact)
    except PowerLostError:
        chip.cut = never
    else:
        pytest.fail("the power did not fail")
    chip.power_on()
    bench = bench or Bench(memory=Memory(chip))
    bench.firmware.power_on(0, ResetCause.BROWN_OUT)
    bench.now_us = 0
    assert bench.firmware.drive.quiet
    assert bench.tick().quiet
    assert bench.state is State.IDLE
    _hold(bench, facts)


def _hold(bench: Bench, facts: set[Fact]) -> None:
    assert bench.memory.records.verify()
    program = bench.memory.stored_program()
    assert program in (None, SHORT)
    assert program == SHORT or Fact.PROGRAM_KEPT not in facts or Fact.MASSAGE_ENDED in facts
    assert program is None or Fact.PROGRAM_ERASED not in facts
    peak_ua = restored(bench.memory.load()).settings[Setting.PEAK_UA_MAX]
    assert peak_ua in ({300} if Fact.SETTING_KEPT in facts else {300, 400})
    found = massages(bench)
    assert len(found) == 1 if Fact.MASSAGE_BEGUN in facts else len(found) <= 1
    if Fact.MASSAGE_ENDED in facts:
        assert (found[0].head.end, len(found[0].steps)) == (MassageEnd.PROGRAM_END, 2)
    _hold_bonds(BondTable(bench.memory).all(), facts)


def _hold_bonds(bonds: list[Bond], facts: set[Fact]) -> None:
    """Hold the roller to its word about two hosts: each bond is there as it was kept, or not there at all."""
    phone = next((bond for bond in bonds if bond.identity == PHONE.identity), None)
    laptop = next((bond for bond in bonds if bond.identity == LAPTOP.identity), None)
    assert len(bonds) == (phone is not None) + (laptop is not None)
    assert phone in (None, PHONE, PHONE_SUBSCRIBED)
    assert laptop in (None, LAPTOP)
    if Fact.PHONE_SUBSCRIBED in facts:
        assert phone != PHONE
    if Fact.PHONE_BONDED in facts and Fact.LAPTOP_FORGOTTEN not in facts:
        assert phone is not None
    if Fact.LAPTOP_BONDED in facts and Fact.PHONE_SUBSCRIBED not in facts:
        assert laptop is not None
    assert laptop is None or Fact.LAPTOP_FORGOTTEN not in facts
    assert phone is None or Fact.ALL_FORGOTTEN not in facts
