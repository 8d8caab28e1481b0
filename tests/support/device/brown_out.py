"""A recorded sequence of flash writes, and a power failure in any one of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from glowsim.firmware.flash.chip import FlashChip, Geometry, PowerLostError, Write, WriteKind, never
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import FlashFullError, RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SMALL: Final = Geometry(sectors=4, sector_size=512, page_size=64)
PAYLOAD_MOST: Final = 64
RESERVE: Final = 64

Content = dict[tuple[Kind, int], bytes]


@dataclass(frozen=True, slots=True)
class Step:
    """Put a payload, or delete when it is None."""

    kind: Kind
    key: int
    payload: bytes | None


def steps(seed: int, count: int) -> list[Step]:
    """Return a sequence like a roller's: much dose, some settings, massages and bonds that come and go."""
    chance = random.Random(seed)  # noqa: S311  # reproducible on purpose
    kinds = (
        *(Kind.DOSE, Kind.DOSE, Kind.DOSE, Kind.SETTINGS, Kind.COUNTERS),
        *(Kind.MASSAGE, Kind.MASSAGE, Kind.PROGRAM, Kind.BOND),
    )
    found = []
    for _ in range(count):
        kind = chance.choice(kinds)
        key = chance.randrange(4) if kind in {Kind.MASSAGE, Kind.BOND} else 0
        drop = kind in {Kind.MASSAGE, Kind.PROGRAM, Kind.BOND} and chance.random() < 0.4
        found.append(Step(kind, key, None if drop else chance.randbytes(chance.randrange(1, PAYLOAD_MOST + 1))))
    return found


def opened(chip: FlashChip) -> RecordStore:
    return RecordStore(chip, payload_most=PAYLOAD_MOST, reserve=RESERVE)


def content(store: RecordStore) -> Content:
    found: Content = {}
    for kind in Kind:
        for key in store.keys(kind):
            payload = store.get(kind, key)
            assert payload is not None
            found[kind, key] = payload
    return found


def after(before: Content, step: Step) -> Content:
    changed = {key: payload for key, payload in before.items() if key != (step.kind, step.key)}
    return changed if step.payload is None else {**changed, (step.kind, step.key): step.payload}


def do(store: RecordStore, step: Step) -> None:
    if step.payload is None:
        store.delete(step.kind, step.key)
    else:
        store.put(step.kind, step.key, step.payload)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One write of the sequence: the flash before its step, the step, the write, and what may be found."""

    image: bytes
    step: Step
    write: Write
    before: Content
    after: Content


def _watching(writes: list[Write]) -> Callable[[Write], None]:
    return writes.append


def recorded(seed: int, count: int) -> Iterator[Recorded]:
    """Run a sequence on a small chip and yield every write of the flash in it; a full flash refuses and goes on."""
    chip = FlashChip(SMALL)
    opened(chip)
    known: Content = {}
    for step in steps(seed, count):
        # Every step is the first after a boot, so that it can be repeated from the image alone.
        store = opened(chip)
        image, first = chip.image, chip.writes
        writes: list[Write] = []

        chip.cut = _watching(writes)
        try:
            do(store, step)
            then = after(known, step)
        except FlashFullError:
            then = known
        for write in writes:
            relative = Write(write.number - first, write.kind, write.address, write.size)
            yield Recorded(image, step, relative, known, then)
        known = then
        assert content(store) == known


def boundaries(write: Write, *, every: bool) -> list[int]:
    """Return after how many bytes the power fails: at all of them, or for an erase at the telling ones."""
    if every or write.kind is WriteKind.PROGRAM:
        return list(range(write.size))
    return sorted({0, 1, 8, 12, 13, 16, 20, write.size // 2, write.size - 1})


def judge(case: Recorded, at: int) -> None:
    """Fail the power in the given write after `at` bytes, boot, and hold the result against what may be found."""
    chip = cut_off(case, at)
    store = opened(chip)
    found = content(store)
    assert found in (case.before, case.after), f"{case.write} cut after {at} bytes"
    assert store.verify()
    # What was found stays so over another boot, and the store still works.
    assert content(opened(chip)) == found
    store.put(Kind.DOSE, 0, b"again")
    assert content(opened(chip)) == {**found, (Kind.DOSE, 0): b"again"}


def cut_off(case: Recorded, at: int) -> FlashChip:
    """Return the chip, powered on again, after the power failed in a write of the case's step.

    Opening a store without damage writes nothing, so the step's writes are those that were recorded.
    """
    chip = FlashChip(SMALL, case.image)
    store = opened(chip)
    assert chip.writes == 0
    chip.cut = lambda write: at if write.number == case.write.number else None
    with pytest.raises(PowerLostError):
        do(store, case.step)
    restart(chip)
    return chip


def restart(chip: FlashChip) -> None:
    """Give a chip power again, and let it keep it."""
    chip.cut = never
    chip.power_on()


def recovery_writes(case: Recorded, at: int) -> int:
    """Return how many writes the boot after a brown-out makes."""
    chip = cut_off(case, at)
    opened(chip)
    return chip.writes


def judge_second_cut(case: Recorded, at: int, number: int, second_at: int) -> None:
    """Fail the power once more, in a write of the boot that repairs the first failure."""
    chip = cut_off(case, at)
    chip.cut = lambda write: min(second_at, write.size - 1) if write.number == number else None
    with pytest.raises(PowerLostError):
        opened(chip)
    restart(chip)
    assert content(opened(chip)) in (case.before, case.after)
