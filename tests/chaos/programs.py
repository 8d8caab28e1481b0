"""Random programs as bytes: some that a routine could compile to, some that no lint passes, some plainly wrong."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

_RECORD: Final = struct.Struct("<4BI8H")

#: Each field's values at and beyond its edges; positions as in the record.
_EDGES: Final[dict[int, tuple[int, ...]]] = {
    0: (0, 16, 255), 2: (4,), 3: (0, 4, 9), 4: (0, 999, 300_001, 2**32 - 1), 5: (1001, 65_535), 6: (0, 399, 1501),
    7: (0, 249, 10_001), 8: (0, 401, 1000, 65_535), 9: (0, 9, 1001), 10: (0, 3999, 60_001), 11: (4001, 65_535),
}  # fmt: skip


#: The first byte of a keyframe's record.
_KEYFRAME: Final = 0xF0

#: So often a step has no keyframes.
WITHOUT_KEYFRAMES: Final = 0.7

#: The longest step.
LONGEST_MS: Final = 300_000

#: So often all steps of a program are on one place.
ONE_PLACE: Final = 0.2


def draw_program(chance: random.Random, wrong: float = 0.0, seconds: tuple[float, float] = (3.0, 15.0)) -> bytes:
    """Draw one to six steps; with the probability `wrong` one field of one step lies beyond its range."""
    rows = [_step(chance, seconds) for _ in range(chance.randrange(1, 7))]
    if chance.random() < ONE_PLACE:
        for row in rows:
            row[0] = rows[0][0]
    if chance.random() < wrong:
        field = chance.choice(tuple(_EDGES))
        chance.choice(rows)[field] = chance.choice(_EDGES[field])
    return b"".join(_RECORD.pack(*row) + b"".join(_keyframes(row, chance)) for row in rows)


def _keyframes(row: list[int], chance: random.Random) -> Iterator[bytes]:
    """Yield the records of a step's keyframes; most steps have none."""
    length_ms, waveform = row[4], row[3]
    if chance.random() < WITHOUT_KEYFRAMES or not 1000 <= length_ms <= LONGEST_MS:
        return
    for at_ms in sorted(chance.sample(range(1, length_ms + 1), chance.randrange(1, 5))):
        peak_ua = chance.choice((0, 400, chance.randrange(401))) if waveform else 0
        permille, vibration_dhz = chance.choice((0, 1000, chance.randrange(1001))), chance.randrange(400, 1501)
        yield _RECORD.pack(
            _KEYFRAME, 0, 0, 0, at_ms, permille, vibration_dhz, 0, peak_ua, chance.randrange(10, 1001), 0, 0, 0
        )


def _step(chance: random.Random, seconds: tuple[float, float]) -> list[int]:
    waveform = chance.choice((0, 1, 1, 2, 3))
    low, high = sorted((chance.randrange(4001), chance.randrange(4001)))
    return [
        chance.randrange(1, 16),
        chance.randrange(5),
        chance.randrange(4),
        waveform,
        round(1000 * chance.uniform(*seconds)),
        chance.choice((0, 300, 1000, 1000, chance.randrange(1001))),
        chance.randrange(400, 1501),
        chance.choice((250, 1000, 10_000, chance.randrange(250, 10_001))),
        chance.choice((400, 400, chance.randrange(1, 401))) if waveform else 0,
        chance.choice((10, 1000, chance.randrange(10, 1001))),
        chance.choice((4000, 4000, 4000, 4000, 6000, 60_000)),
        low,
        high,
    ]
