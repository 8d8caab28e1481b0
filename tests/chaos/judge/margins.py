"""The margins of a massage: for each limit the nearest value that was seen, and where it was seen.

A device that drives nothing has no figure. Names carry their unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chaos.judge.delivered.shaking import ACTION_MS2
from glowtool.model.ceilings import CeilingId, Sense
from glowtool.protocol.ceilings import REARM_GRACE_MS, ceiling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: A session under an empty battery is ended softly: its fall takes this long.
SOFT_END_US: Final = 2_000_000

#: A motor that is shorted stands still after this long.
RUN_DOWN_US: Final = 100_000

#: The output stage shuts by itself when the firmware has not refreshed it for 20 ms; times are seen in ticks.
STAGE_US: Final = 20_000 + 2 * 5_000

#: The current source moves in steps; the motor follows in steps in time, which change with the rate of telemetry.
STEP_UA: Final = 10.0
MOTOR: Final = 1e-3

#: A step of the source at 1 Hz is this much charge in a phase; a motor that changes its speed may shake this share of
#: full more than its line for a moment.
STEP_UC: Final = 5.0
SHAKEN: Final = 0.02

#: What cells may be off in the air.
OFF_KPA: Final = 0.5

PEAK: Final = "peak current, µA"
DENSITY: Final = "r.m.s. density, µA/cm²"
DIRECT: Final = "net direct current, µA/cm²"
IMBALANCE: Final = "charge imbalance, ‰"
AMPLITUDE: Final = "amplitude, ‰"
CURRENT_RISE: Final = "current from 0 to full, less one step, ms"
MOTOR_RISE: Final = "amplitude from 0 to full, ms"
CURRENT_LINE: Final = "current over its soft-start line, µA"
MOTOR_LINE: Final = "amplitude over its soft-start line, ‰"
CONTACT: Final = "current after loss of contact, ms"
HALF: Final = "more than half over 9.3 kPa, ms"
PRESSURE: Final = "pressure under output, kPa"
HEAT: Final = "hottest head under output, °C"
STEP: Final = "one step, s"
MASSAGE: Final = "one massage, s"
DAY_CURRENT: Final = "current of a day, s"
DAY_VIBRATION: Final = "vibration of a day, s"
EXPOSURE: Final = "A(8) of the hand, m/s²"
DWELL: Final = "one place, s"
SHAKING_LINE: Final = "acceleration over its soft-start line, ‰ of full"
RMS_LINE: Final = "r.m.s. current over its soft-start line, µA"
CHARGE_LINE: Final = "charge of a phase over its soft-start line, µC"
TARED: Final = "pressure under a tare, kPa"
SILENCE: Final = "output after the host fell silent, ms"
LINK: Final = "output after the link was lost, ms"
CHARGER: Final = "output on the charger, ms"
STOP: Final = "output after an emergency stop, ms"
REARM: Final = "re-armed after an emergency stop, ms"
WEAK: Final = "charge under current, %"
EMPTY: Final = "output under an empty battery, ms"
CURRENT_LOW: Final = "frequency of the current, lowest, Hz"
CURRENT_HIGH: Final = "frequency of the current, highest, Hz"
VIBRATION_LOW: Final = "frequency of the motor, lowest, Hz"
VIBRATION_HIGH: Final = "frequency of the motor, highest, Hz"
RUN_DOWN: Final = "motor after its drive ended, ms"
ASKED: Final = "of what program and trim ask for, %"
STAGE_CURRENT: Final = "current after the firmware hangs or dies, ms"
STAGE_MOTOR: Final = "motor after the firmware hangs or dies, ms"

_MOST, _LEAST = Sense.AT_MOST, Sense.AT_LEAST
_ELECTRODE, _MOTOR, _BOTH, _DRIVE, _ANSWER = "electrode", "motor", "electrode, motor", "drive", "answer"


@dataclass(frozen=True, slots=True)
class Margin:
    """One limit. `of` is the ceiling of the device's own table behind it, if it is one of those."""

    name: str
    limit: float
    where: str
    of: CeilingId | None = None
    sense: Sense = _MOST

    def nearest(self, values: Iterable[float]) -> float:
        """Return the value nearest to the limit, or furthest past it."""
        return max(values) if self.sense is _MOST else min(values)

    def used(self, value: float) -> float:
        """Return which share of the limit a value uses up; over 1 it has passed it."""
        shares = (value, self.limit) if self.sense is _MOST else (self.limit, value)
        return shares[0] / shares[1] if shares[1] else float(shares[0] > 0.0)


def _of(name: str, which: CeilingId, where: str, scale: float = 1.0, sense: Sense = _MOST) -> Margin:
    return Margin(name, ceiling(which) * scale, where, which, sense)


MARGINS: Final = (
    _of(PEAK, CeilingId.PEAK_CURRENT, _ELECTRODE),
    _of(DENSITY, CeilingId.CURRENT_DENSITY, _ELECTRODE),
    _of(DIRECT, CeilingId.NET_DIRECT_CURRENT, _ELECTRODE),
    _of(IMBALANCE, CeilingId.PHASE_CHARGE_IMBALANCE, _ELECTRODE),
    _of(AMPLITUDE, CeilingId.VIBRATION_AMPLITUDE, _MOTOR),
    _of(CURRENT_RISE, CeilingId.SOFT_START, _ELECTRODE, sense=_LEAST),
    _of(MOTOR_RISE, CeilingId.SOFT_START, _MOTOR, sense=_LEAST),
    Margin(CURRENT_LINE, STEP_UA, _ELECTRODE),
    Margin(MOTOR_LINE, 1000 * MOTOR, _MOTOR),
    Margin(SHAKING_LINE, 1000 * SHAKEN, _MOTOR),
    Margin(RMS_LINE, STEP_UA, _ELECTRODE),
    Margin(CHARGE_LINE, STEP_UC, _ELECTRODE),
    Margin(TARED, OFF_KPA, _ANSWER),
    _of(CONTACT, CeilingId.CONTACT_LOSS, _ELECTRODE),
    _of(HALF, CeilingId.PRESSURE_HALF_AFTER, _DRIVE),
    _of(PRESSURE, CeilingId.PRESSURE_ZERO, _DRIVE, 0.01),
    _of(HEAT, CeilingId.HEAD_TEMPERATURE, _DRIVE, 0.1),
    _of(STEP, CeilingId.STEP_DURATION, _DRIVE),
    _of(MASSAGE, CeilingId.MASSAGE_DURATION, _DRIVE),
    _of(DAY_CURRENT, CeilingId.DAY_CURRENT, _ELECTRODE),
    _of(DAY_VIBRATION, CeilingId.DAY_VIBRATION, _MOTOR),
    Margin(EXPOSURE, ACTION_MS2, _MOTOR),
    _of(DWELL, CeilingId.PLACE_DWELL, _DRIVE),
    _of(SILENCE, CeilingId.HOST_SILENCE, _BOTH),
    Margin(LINK, ceiling(CeilingId.HOST_SILENCE), _BOTH),
    Margin(CHARGER, RUN_DOWN_US / 1000, _BOTH),
    Margin(STOP, RUN_DOWN_US / 1000, _BOTH),
    Margin(REARM, REARM_GRACE_MS, _ANSWER, sense=_LEAST),
    _of(WEAK, CeilingId.BATTERY_CURRENT, _DRIVE, sense=_LEAST),
    Margin(EMPTY, SOFT_END_US / 1000, _DRIVE, CeilingId.BATTERY_EMPTY),
    _of(CURRENT_LOW, CeilingId.CURRENT_FREQUENCY_MIN, _DRIVE, 0.1, _LEAST),
    _of(CURRENT_HIGH, CeilingId.CURRENT_FREQUENCY_MAX, _DRIVE, 0.1),
    _of(VIBRATION_LOW, CeilingId.VIBRATION_FREQUENCY_MIN, _MOTOR, 0.1, _LEAST),
    _of(VIBRATION_HIGH, CeilingId.VIBRATION_FREQUENCY_MAX, _MOTOR, 0.1),
    Margin(RUN_DOWN, RUN_DOWN_US / 1000, _MOTOR),
    Margin(ASKED, 100.0, _DRIVE),
    Margin(STAGE_CURRENT, STAGE_US / 1000, _ELECTRODE),
    Margin(STAGE_MOTOR, (STAGE_US + RUN_DOWN_US) / 1000, _MOTOR),
)

#: Ceilings without a figure: a caution holds nothing back, and 9.3 kPa is where the time above begins.
WITHOUT_FIGURE: Final = frozenset({CeilingId.PRESSURE_CAUTION, CeilingId.PRESSURE_HALF})


class Nearest:
    """The nearest to each limit so far."""

    def __init__(self) -> None:
        self.figures: dict[str, float] = {}

    def most(self, name: str, value: float) -> None:
        """Take note of a value that has a limit above."""
        if value > self.figures.get(name, 0.0):
            self.figures[name] = value

    def least(self, name: str, value: float) -> None:
        """Take note of a value that has a limit below."""
        held = self.figures.get(name)
        if held is None or value < held:
            self.figures[name] = value


def table(outcomes: Mapping[int, Mapping[str, float]]) -> list[str]:
    """Return the rows of a Markdown table from the figures of each massage by its number."""
    rows = ["| what | nearest | limit | used | seen at | massage |", "|---|---|---|---|---|---|"]
    for margin in MARGINS:
        seen = {number: figures[margin.name] for number, figures in outcomes.items() if margin.name in figures}
        sense = "≤" if margin.sense is _MOST else "≥"
        if not seen:
            rows.append(f"| {margin.name} | never | {sense} {margin.limit:.6g} | | {margin.where} | |")
            continue
        nearest = margin.nearest(seen.values())
        number = next(number for number, value in seen.items() if value == nearest)
        rows.append(
            f"| {margin.name} | {nearest:.6g} | {sense} {margin.limit:.6g} | {margin.used(nearest):.1%} "
            f"| {margin.where} | {number} |"
        )
    return rows
