"""A flipped bit in the flash neither forgets an emergency stop nor gives a day's dose back."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.flash.chip import BLANK, FlashChip
from glowsim.firmware.flash.layout import COMMIT_AT, RECORD_HEAD, SECTOR_HEAD, Kind
from glowsim.firmware.retained.memory import Memory, Retained, restored
from glowtool.model.ceilings import CeilingId
from glowtool.model.face import Zone
from glowtool.model.state import State
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import Bench, step

if TYPE_CHECKING:
    from collections.abc import Callable

SPENT_US = ceiling(CeilingId.DAY_CURRENT) * 1_000_000


def old_roller(collections: int) -> Memory:
    """Return the memory of a roller that has lived: a spent dose and an emergency stop, each kept last."""
    memory = Memory(FlashChip())
    memory.save({"latch": {"latched": 0}, "dose": {"runtime_us": 0, "hours": [], "places": {}}, "counters": {}})
    memory.records.put(Kind.PROGRAM, 0, bytes(300))
    erases, used_us = memory.records.erases + collections, 0
    while memory.records.erases < erases or used_us < SPENT_US:
        used_us = min(SPENT_US, used_us + 5_000_000)
        # It ends at the same dose, however long that takes; what is written last is of some other kind.
        memory.save({"counters": {"runtime_us": memory.records.erases + used_us}})
        memory.records.put(Kind.DOSE, 0, _dose(used_us))
    memory.save({"latch": {"latched": 1}})
    memory.save({"counters": {"power_ons": 7}})
    return memory


def _dose(used_us: int) -> bytes:
    place = int(Zone.CHEEK_LEFT)
    return f'{{"runtime_us":1,"hours":[[1,{used_us},0]],"places":{{"{place}":300000000}}}}'.encode()


@cache
def _image(collections: int) -> bytes:
    return old_roller(collections).chip.image


def found_after(image: bytes, address: int, mask: int) -> Retained:
    """Return what a roller believes whose flash had these bits flipped while the power was off."""
    chip = FlashChip(image=image)
    chip.corrupt(address, mask)
    memory = Memory(chip)
    return restored(memory.load())


def forgetful(collections: int, mask_of: Callable[[int], tuple[int, ...]]) -> list[tuple[int, int]]:
    image = _image(collections)
    flips = [(at, mask) for at, byte in enumerate(image) if byte != BLANK for mask in mask_of(at)]
    assert flips
    found = ((flip, found_after(image, *flip)) for flip in flips)
    return [flip for flip, kept in found if not (kept.latched and kept.dose.current_spent)]


def test_no_bit_near_what_is_kept_last_makes_a_roller_forget() -> None:
    image = _image(0)
    last = image.rindex(b'{"latched":1}'), image.rindex(_dose(SPENT_US))
    near = {at for start in last for at in range(start - RECORD_HEAD, start + 16)}
    size = FlashChip().geometry.sector_size
    heads = {start // size * size + at for start in last for at in range(SECTOR_HEAD)}
    assert forgetful(0, lambda at: (1 << at % 8,) if at in near | heads else ()) == []


@pytest.mark.long
@pytest.mark.parametrize("collections", [0, 3, 9])
def test_no_single_bit_makes_a_roller_forget(collections: int) -> None:
    drawn = set(random.Random(collections).sample(range(len(_image(collections))), 400))  # noqa: S311 - reproducible
    assert forgetful(collections, lambda at: (1 << at % 8,) if at in drawn else ()) == []


def test_a_roller_with_a_damaged_latch_starts_latched_and_is_re_armed_as_ever() -> None:
    bench = Bench()
    bench.start(step())
    bench.run(1.0)
    assert bench.result(Opcode.EMERGENCY_STOP) is Result.SUCCESS
    bench.memory.chip.corrupt(bench.memory.chip.image.rindex(b'{"latched":1}') + 5, 4)
    for _ in range(2):
        bench.firmware.power_on(bench.now_us)
        bench.firmware.on_link(bench.now_us, up=True, authenticated=True)
        assert bench.state is State.LATCHED
        bench.run(2.1)
    assert bench.result(Opcode.REARM) is Result.SUCCESS
    bench.firmware.power_on(bench.now_us)
    assert bench.state is State.IDLE


def test_damage_of_what_is_outdated_or_was_never_finished_costs_nothing() -> None:
    bench = Bench()
    bench.start(step())
    bench.run(11.0)
    chip, used_us = bench.memory.chip, bench.firmware._core.retained.dose.current_us
    chip.corrupt(chip.image.index(b'{"runtime_us"') + 3, 1)
    torn = chip.image.rindex(b'{"runtime_us"') - RECORD_HEAD + COMMIT_AT
    chip.corrupt(torn, BLANK)
    bench.firmware.power_on(bench.now_us)
    assert bench.state is State.IDLE
    assert bench.firmware._core.retained.dose.current_us <= used_us + 5_000_000
