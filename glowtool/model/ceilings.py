"""The ceilings, in people's units: one table for the lint, the gate and, through the protocol, the firmware.

No file, flag, client or setting raises any of these; settings and profiles can only lower them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from glowtool.units import SHARE


class CeilingId(enum.IntEnum):
    """The number of a ceiling, which never changes."""

    PEAK_CURRENT = 1
    CURRENT_DENSITY = 2
    NET_DIRECT_CURRENT = 3
    PHASE_CHARGE_IMBALANCE = 4
    VIBRATION_AMPLITUDE = 5
    SOFT_START = 6
    CONTACT_LOSS = 7
    PRESSURE_CAUTION = 8
    PRESSURE_HALF = 9
    PRESSURE_HALF_AFTER = 10
    PRESSURE_ZERO = 11
    HEAD_TEMPERATURE = 12
    STEP_DURATION = 13
    MASSAGE_DURATION = 14
    DAY_CURRENT = 15
    DAY_VIBRATION = 16
    HOST_SILENCE = 17
    BATTERY_CURRENT = 18
    BATTERY_EMPTY = 19
    CURRENT_FREQUENCY_MIN = 20
    CURRENT_FREQUENCY_MAX = 21
    VIBRATION_FREQUENCY_MIN = 22
    VIBRATION_FREQUENCY_MAX = 23
    PLACE_DWELL = 24


class Sense(enum.StrEnum):
    """The side of its value that a ceiling allows."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One limit: a number in a stated unit, with the reason for it and its source.

    A share, such as that of the amplitude, is 0 to 1; people read it in percent.
    """

    id: CeilingId
    value: float
    unit: str
    sense: Sense
    reason: str
    source: str


_MOST, _LEAST = Sense.AT_MOST, Sense.AT_LEAST

CEILINGS: Final[dict[CeilingId, Ceiling]] = {
    row.id: row
    for row in (
        Ceiling(CeilingId.PEAK_CURRENT, 400, "µA", _MOST, "highest of cleared consumer facial devices", "FDA 510(k) K103472"),
        Ceiling(CeilingId.CURRENT_DENSITY, 2000, "µA/cm² r.m.s.", _MOST, "at the actual contact area", "IEC 60601-2-10, as quoted by makers"),
        Ceiling(CeilingId.NET_DIRECT_CURRENT, 200, "µA/cm²", _MOST, "a direct part burns chemically", "makers' advice"),
        Ceiling(CeilingId.PHASE_CHARGE_IMBALANCE, 0.01, SHARE, _MOST, "both phases carry the same charge", "makers' advice"),
        Ceiling(CeilingId.VIBRATION_AMPLITUDE, 1.0, SHARE, _MOST, "the motor's own range; no limit for the face is established", "device"),
        Ceiling(CeilingId.SOFT_START, 4.0, "s", _LEAST, "from zero to full; a first jolt frightens", "users' complaints"),
        Ceiling(CeilingId.CONTACT_LOSS, 0.02, "s", _MOST, "current zero after contact is lost; an edge that lifts stings", "design"),
        Ceiling(CeilingId.PRESSURE_CAUTION, 6.0, "kPa", _MOST, "caution; gentle is the point", "Lymphology 17493"),
        Ceiling(CeilingId.PRESSURE_HALF, 9.3, "kPa", _MOST, "outputs at half above this", "Lymphology 17493"),
        Ceiling(CeilingId.PRESSURE_HALF_AFTER, 0.5, "s", _MOST, "time above before outputs are halved", "design"),
        Ceiling(CeilingId.PRESSURE_ZERO, 13.3, "kPa", _MOST, "outputs zero above this", "Lymphology 17493"),
        Ceiling(CeilingId.HEAD_TEMPERATURE, 43.0, "°C", _MOST, "outputs zero at this temperature", "IEC 60601-1, applied part, long contact"),
        Ceiling(CeilingId.STEP_DURATION, 300, "s", _MOST, "one step", "auto-off of comparable devices"),
        Ceiling(CeilingId.MASSAGE_DURATION, 1200, "s", _MOST, "one massage", "auto-off of comparable devices (K201782)"),
        Ceiling(CeilingId.DAY_CURRENT, 1200, "s", _MOST, "microcurrent in a day", "auto-off of comparable devices"),
        Ceiling(CeilingId.DAY_VIBRATION, 2400, "s", _MOST, "vibration in a day", "2002/44/EC, kept well below"),
        Ceiling(CeilingId.HOST_SILENCE, 1.0, "s", _MOST, "outputs zero when the host falls silent", "design"),
        Ceiling(CeilingId.BATTERY_CURRENT, 10, "%", _LEAST, "microcurrent is refused below", "design"),
        Ceiling(CeilingId.BATTERY_EMPTY, 5, "%", _LEAST, "the session is ended softly below", "design"),
        Ceiling(CeilingId.CURRENT_FREQUENCY_MIN, 1.0, "Hz", _LEAST, "lower end of the output's range", "device"),
        Ceiling(CeilingId.CURRENT_FREQUENCY_MAX, 100.0, "Hz", _MOST, "upper end of the output's range", "device"),
        Ceiling(CeilingId.VIBRATION_FREQUENCY_MIN, 40.0, "Hz", _LEAST, "lower end of the motor's range", "device"),
        Ceiling(CeilingId.VIBRATION_FREQUENCY_MAX, 150.0, "Hz", _MOST, "upper end of the motor's range", "device"),
        Ceiling(CeilingId.PLACE_DWELL, 300, "s", _MOST, "one place is not worked longer without as much rest", "auto-off of comparable devices"),
    )
}  # fmt: skip


def limit(which: CeilingId) -> float:
    """Return a ceiling's value in the unit that the table states."""
    return CEILINGS[which].value
