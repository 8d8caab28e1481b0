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

#: Programs under keys other than 0, the stored program's: they take room, and nothing reads them.
_FIRST_KEY: Final = 1

#: From the largest filler to the smallest, so that no room remains.
_FILLERS: Final = (1500, 100, 1)


def fill(records: RecordStore) -> None:
    """Fill all the room for programs and massages."""
    key = max([*records.keys(Kind.PROGRAM), _FIRST_KEY - 1]) + 1
    for size in _FILLERS:
        with suppress(FlashFullError, FlashBrokenError):
            while True:
                records.put(Kind.PROGRAM, key, bytes(size))
                key += 1


def empty(records: RecordStore) -> None:
    """Free the room that `fill` took."""
    for key in records.keys(Kind.PROGRAM):
        if key >= _FIRST_KEY:
            records.delete(Kind.PROGRAM, key)


def corrupt(chip: FlashChip, count: int, seed: str) -> None:
    """Flip one bit in each of `count` bytes of data; in all of them if there are fewer."""
    draw = random.Random(seed)  # noqa: S311 - reproducible on purpose
    used = [address for address, byte in enumerate(chip.image) if byte != BLANK]
    for address in draw.sample(used, min(count, len(used))):
        chip.corrupt(address, 1 << draw.randrange(8))
