"""The ceilings of the protocol's table in the units that the judge works in: µA, Hz, kPa, shares of full, µs."""

from __future__ import annotations

from typing import Final

from glowtool.model.ceilings import CeilingId
from glowtool.protocol.ceilings import ceiling

PEAK_UA: Final = float(ceiling(CeilingId.PEAK_CURRENT))
FULL: Final = ceiling(CeilingId.VIBRATION_AMPLITUDE) / 1000
SOFT_START_S: Final = ceiling(CeilingId.SOFT_START) / 1000
DENSITY: Final = float(ceiling(CeilingId.CURRENT_DENSITY))
DIRECT: Final = float(ceiling(CeilingId.NET_DIRECT_CURRENT))
IMBALANCE: Final = ceiling(CeilingId.PHASE_CHARGE_IMBALANCE) / 1000
CURRENT_HZ: Final = ceiling(CeilingId.CURRENT_FREQUENCY_MIN) / 10, ceiling(CeilingId.CURRENT_FREQUENCY_MAX) / 10
VIBRATION_HZ: Final = ceiling(CeilingId.VIBRATION_FREQUENCY_MIN) / 10, ceiling(CeilingId.VIBRATION_FREQUENCY_MAX) / 10

CONTACT_US: Final = ceiling(CeilingId.CONTACT_LOSS) * 1000
SILENCE_US: Final = ceiling(CeilingId.HOST_SILENCE) * 1000
STEP_US: Final = ceiling(CeilingId.STEP_DURATION) * 1_000_000
PLACE_US: Final = ceiling(CeilingId.PLACE_DWELL) * 1_000_000
MASSAGE_US: Final = ceiling(CeilingId.MASSAGE_DURATION) * 1_000_000
DAY_CURRENT_US: Final = ceiling(CeilingId.DAY_CURRENT) * 1_000_000
DAY_VIBRATION_US: Final = ceiling(CeilingId.DAY_VIBRATION) * 1_000_000

CAUTION_RAW: Final = ceiling(CeilingId.PRESSURE_CAUTION)
HALF_RAW: Final = ceiling(CeilingId.PRESSURE_HALF)
HALF_AFTER_US: Final = ceiling(CeilingId.PRESSURE_HALF_AFTER) * 1000
ZERO_RAW: Final = ceiling(CeilingId.PRESSURE_ZERO)
HOT_RAW: Final = ceiling(CeilingId.HEAD_TEMPERATURE)

WEAK_PERCENT: Final = ceiling(CeilingId.BATTERY_CURRENT)
EMPTY_PERCENT: Final = ceiling(CeilingId.BATTERY_EMPTY)

#: A time is over in the tick after it, and the first tick of a massage may be one that had begun before.
TICKS_US: Final = 10_000

#: The numbers are binary fractions.
SLACK: Final = 1e-6
