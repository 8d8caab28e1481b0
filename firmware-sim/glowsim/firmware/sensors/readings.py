"""The firmware's readings, made from raw counts: pressures less tare, contact by impedance, temperature, supply."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.protocol.channels import CHANNELS
from glowtool.units import PASCAL_PER_KPA

if TYPE_CHECKING:
    from glowsim.physics.types import Sensed

_ROWS: Final = {channel.name: channel for channel in CHANNELS}

KPA_PER_COUNT: Final = _ROWS["pressure_lf"].scale / PASCAL_PER_KPA
CELL_FULL: Final = _ROWS["pressure_lf"].row.raw_maximum
CELSIUS_PER_COUNT: Final = _ROWS["temperature_l"].scale
TEMPERATURE_RANGE: Final = (_ROWS["temperature_l"].row.raw_minimum, _ROWS["temperature_l"].row.raw_maximum)

#: From this count on, the loop is open, whatever the channel reads: no skin has 300 kΩ from head to head.
OPEN_COUNTS: Final = round(300_000 / _ROWS["impedance"].scale)

#: The source's own converters: counts of 0.1 µA and of 1 mV, and its supply.
SOURCE_COUNTS_PER_UA: Final = 10
SOURCE_SUPPLY_COUNTS: Final = 60_000

#: One millivolt per tenth of a microampere is 10 kΩ.
_LOAD_COUNTS: Final = 1e4 / _ROWS["impedance"].scale

Tare = tuple[int, int, int, int]
NO_TARE: Final[Tare] = (0, 0, 0, 0)


# Not frozen: one is made in every tick, and freezing triples the cost.
@dataclass(slots=True)
class Readings:
    """One tick in units: pressures of each head in kPa, temperature in °C.

    `left_kpa` and `right_kpa` are the pressures of each head's less pressed cell, from which the trusted contact area
    follows: a cell that is stuck high or drifts must not claim an area that is not there. The others are those of the
    more pressed cell. `cells_raw`, tared, and `impedance_raw` are counts, for the rules that compare one kind of sensor
    with the other; `load_raw` is the load that the source itself sees, in counts of the impedance, and 0 while it
    measures nothing.
    """

    left_kpa: float
    right_kpa: float
    left_cell_kpa: float
    right_cell_kpa: float
    impedance_open: bool
    hottest_c: float
    battery_percent: int
    charging: bool
    cells_raw: Tare
    impedance_raw: int
    source_raw: tuple[int, int] = (0, 0)
    load_raw: float = 0.0

    @property
    def highest_kpa(self) -> float:
        """The reading of the most pressed cell."""
        # Without `max`, whose call takes longer than all of this; three rules ask in every tick.
        left, right = self.left_cell_kpa, self.right_cell_kpa
        return left if left > right else right


def tared(cells_raw: Tare, tare: Tare) -> Tare:
    """Return counts minus their tare; a saturated cell stays saturated, so that the host can see it."""
    if tare == NO_TARE and min(cells_raw) >= 0:
        return cells_raw
    a, b, c, d = (raw if raw >= CELL_FULL else max(0, raw - zero) for raw, zero in zip(cells_raw, tare, strict=True))
    return a, b, c, d


def read(sensed: Sensed, cells_raw: Tare) -> Readings:
    """Return one tick's readings from its raw counts and the tared counts of its cells."""
    left_front, left_rear, right_front, right_rear = cells_raw
    left_low, left_high = (left_front, left_rear) if left_front < left_rear else (left_rear, left_front)
    right_low, right_high = (right_front, right_rear) if right_front < right_rear else (right_rear, right_front)
    left_temp, right_temp = sensed.head_temp_raw
    return Readings(
        left_low * KPA_PER_COUNT,
        right_low * KPA_PER_COUNT,
        left_high * KPA_PER_COUNT,
        right_high * KPA_PER_COUNT,
        sensed.impedance_raw >= OPEN_COUNTS,
        (left_temp if left_temp > right_temp else right_temp) * CELSIUS_PER_COUNT,
        sensed.battery_percent,
        sensed.charging,
        cells_raw,
        sensed.impedance_raw,
        sensed.source_raw,
        _load_raw(*sensed.source_raw) if sensed.source_raw[0] else 0.0,
    )


def _load_raw(volt_raw: int, ua_raw: int) -> float:
    return _LOAD_COUNTS * volt_raw / ua_raw if ua_raw else math.inf
