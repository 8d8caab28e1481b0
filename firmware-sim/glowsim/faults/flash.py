"""Faults of the flash: it fills up, and it ages."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash.chip import BLANK
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import FlashBrokenError, FlashFullError

if TYPE_CHECKING:
    from glowsim.firmware.flash.chip import FlashChip
    from glowsim.firmware.flash.records import RecordStore

#: Programs under other keys than the stored one's, which is 0: nobody asks for them, and they take room.
_FIRST_KEY: Final = 1

#: From the largest filler to the smallest, so that no room is left.
_FILLERS: Final = (1500, 100, 1)


def fill(records: RecordStore) -> None:
    """Take all the room there is for programs and massages."""
    key = max([*records.keys(Kind.PROGRAM), _FIRST_KEY - 1]) + 1
    for size in _FILLERS:
        with suppress(FlashFullError, FlashBrokenError):
            while True:
                records.put(Kind.PROGRAM, key, bytes(size))
                key += 1


def empty(records: RecordStore) -> None:
    """Give back the room that was taken."""
    for key in records.keys(Kind.PROGRAM):
        if key >= _FIRST_KEY:
            records.delete(Kind.PROGRAM, key)


def corrupt(chip: FlashChip, count: int, seed: str) -> None:
    """Flip one bit in each of `count` bytes that hold something, fewer when there are fewer."""
    draw = random.Random(seed)  # noqa: S311 - reproducible on purpose
    used = [address for address, byte in enumerate(chip.image) if byte != BLANK]
    for address in draw.sample(used, min(count, len(used))):
        chip.corrupt(address, 1 << draw.randrange(8))
