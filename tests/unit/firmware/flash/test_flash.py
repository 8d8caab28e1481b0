"""The flash acts as a real chip does, and its records survive a brown-out at every single write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.firmware.flash.chip import FlashChip, PowerLostError, WriteKind, never
from glowsim.firmware.flash.layout import RECORD_HEAD, Kind, record_size
from glowsim.firmware.flash.records import WEAR_SPREAD, FlashBrokenError, FlashFullError, RecordStore
from glowsim.roller.flash_file import flash_file
from glowtool.errors import InputError
from support.device.brown_out import (
    SMALL,
    Content,
    Step,
    after,
    boundaries,
    content,
    do,
    judge,
    judge_second_cut,
    opened,
    recorded,
    recovery_writes,
    steps,
)

if TYPE_CHECKING:
    from pathlib import Path

    from support.device.brown_out import Recorded

CASES = tuple(recorded(seed=3, count=140))


def test_programming_only_clears_bits_and_erasing_sets_a_sector() -> None:
    chip = FlashChip(SMALL)
    chip.program(10, b"\xf0")
    chip.program(10, b"\x3c")
    assert chip.read(10, 1) == b"\x30"
    chip.program(512, b"\0")
    chip.erase(0)
    assert chip.read(10, 1) == b"\xff"
    assert chip.read(512, 1) == b"\0"


def test_a_write_over_a_page_boundary_is_two_writes_and_each_can_be_cut() -> None:
    chip = FlashChip(SMALL)
    chip.cut = lambda write: 3 if write.number == 1 else None
    with pytest.raises(PowerLostError):
        chip.program(60, bytes(10))
    with pytest.raises(PowerLostError):
        chip.read(0, 1)
    chip.power_on()
    assert chip.read(60, 10) == bytes(7) + b"\xff" * 3


def test_the_recorded_sequence_reaches_programs_and_erases() -> None:
    kinds = [case.write.kind for case in CASES]
    assert kinds.count(WriteKind.PROGRAM) > 150
    assert kinds.count(WriteKind.ERASE) > 10


@pytest.mark.parametrize("cases", [CASES[::7], pytest.param(CASES, marks=pytest.mark.long)], ids=["some", "all"])
def test_a_brown_out_at_every_write_loses_nothing_and_accepts_nothing_torn(cases: tuple[Recorded, ...]) -> None:
    for case in cases:
        for at in boundaries(case.write, every=False):
            judge(case, at)


def test_a_second_brown_out_while_the_first_is_repaired_changes_nothing() -> None:
    tried = 0
    for case in CASES[::2]:
        at = case.write.size // 2
        for number in range(recovery_writes(case, at)):
            judge_second_cut(case, at, number, 5)
            tried += 1
    assert tried > 20


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 400), st.integers(0, 511))
def test_whatever_was_written_a_brown_out_leaves_the_old_or_the_new(seed: int, number: int, at: int) -> None:
    chip = FlashChip(SMALL)
    store = opened(chip)
    chip.cut = lambda write: min(at, write.size - 1) if write.number == number else None
    before: Content = {}
    then: Content = {}
    try:
        for step in steps(seed, 60):
            then = after(before, step)
            try:
                do(store, step)
            except FlashFullError:
                then = before
            before = then
    except PowerLostError:
        chip.cut = never
        chip.power_on()
    assert content(opened(chip)) in (before, then)


def test_a_full_flash_refuses_and_keeps_what_it_has() -> None:
    store = opened(FlashChip(SMALL))
    kept = 0
    while store.room() >= record_size(60):
        store.put(Kind.MASSAGE, kept, bytes([kept]) * 60)
        kept += 1
    with pytest.raises(FlashFullError, match="full"):
        store.put(Kind.MASSAGE, kept, bytes(60))
    assert kept >= 8
    assert store.keys(Kind.MASSAGE) == list(range(kept))
    for number in range(200):  # what the roller needs itself still finds room
        store.put(Kind.DOSE, 0, bytes([number]) * 8)
    store.delete(Kind.MASSAGE, 0)
    store.put(Kind.MASSAGE, 200, bytes(8))
    assert all(store.get(Kind.MASSAGE, key) == bytes([key]) * 60 for key in range(1, kept))


def test_a_deleted_record_does_not_come_back_however_often_sectors_are_collected() -> None:
    chip = FlashChip(SMALL)
    store = opened(chip)
    store.put(Kind.MASSAGE, 1, b"old")
    store.put(Kind.MASSAGE, 1, b"new")
    store.delete(Kind.MASSAGE, 1)
    for number in range(300):
        store.put(Kind.DOSE, 0, number.to_bytes(4, "little"))
        if number % 37 == 0:
            store = opened(chip)
        assert store.get(Kind.MASSAGE, 1) is None


def test_wear_is_spread_also_over_sectors_whose_records_never_change() -> None:
    chip = FlashChip(SMALL)
    store = opened(chip)
    for key in range(6):
        store.put(Kind.MASSAGE, key, bytes([key]) * 60)
    for number in range(6000):
        store.put(Kind.DOSE, 0, number.to_bytes(8, "little"))
    assert store.erases > 200
    assert store.wear_spread <= WEAR_SPREAD + 2
    assert [store.get(Kind.MASSAGE, key) for key in range(6)] == [bytes([key]) * 60 for key in range(6)]
    assert opened(chip).erases == store.erases


def test_a_flipped_bit_costs_one_record_and_is_noticed() -> None:
    chip = FlashChip(SMALL)
    store = opened(chip)
    for key in range(3):
        store.put(Kind.MASSAGE, key, bytes([key]) * 20)
    assert store.verify()
    chip.corrupt(chip.image.index(bytes([1]) * 20), 0x10)
    assert not store.verify()
    again = opened(chip)
    assert (again.keys(Kind.MASSAGE), again.damaged) == ([0, 2], 1)


def test_a_flash_that_takes_nothing_is_an_error_and_no_crash() -> None:
    chip = FlashChip(SMALL)
    store = opened(chip)
    store.put(Kind.DOSE, 0, b"kept")
    program = chip.program
    chip.program = lambda address, data: program(address, bytes(len(data)))  # type: ignore[method-assign]  # a broken chip
    with pytest.raises((FlashBrokenError, FlashFullError)):
        store.put(Kind.DOSE, 0, b"lost")
    assert store.get(Kind.DOSE) == b"kept"


@given(st.binary(max_size=SMALL.size), st.integers(0, SMALL.size))
def test_whatever_lies_in_the_flash_opening_it_gives_a_store_that_works(noise: bytes, at: int) -> None:
    image = bytearray(b"\xff" * SMALL.size)
    image[at : at + len(noise)] = noise[: SMALL.size - at]
    store = opened(FlashChip(SMALL, bytes(image)))
    step = Step(Kind.SETTINGS, 0, b"value")
    do(store, step)
    assert store.get(Kind.SETTINGS) == b"value"


def test_an_image_file_follows_the_chip(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    with flash_file(path) as chip:
        RecordStore(chip).put(Kind.SETTINGS, 0, b"here")
        assert path.read_bytes() == chip.image
    assert path.stat().st_mode & 0o077 == 0
    with flash_file(path) as chip:
        assert RecordStore(chip).get(Kind.SETTINGS) == b"here"
    path.write_bytes(b"short")
    with pytest.raises(InputError, match="remove it"), flash_file(path):
        pass


def test_fifty_massages_of_the_longest_kind_find_room() -> None:
    store = RecordStore(FlashChip())
    for key in range(50):
        store.put(Kind.MASSAGE, key, bytes(900 - RECORD_HEAD))
    assert len(store.keys(Kind.MASSAGE)) == 50
