"""A judge that compares every tick of electrode and motor with every ceiling of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.sensors.readings import KPA_PER_COUNT
from glowsim.physics.types import IMPEDANCE_OPEN
from glowtool.model.ceilings import CeilingId
from glowtool.model.state import State
from glowtool.protocol.ceilings import ceiling

if TYPE_CHECKING:
    from support.device.firmware_bench import Bench

PEAK_UA: Final = ceiling(CeilingId.PEAK_CURRENT)
DENSITY: Final = ceiling(CeilingId.CURRENT_DENSITY)
DIRECT: Final = ceiling(CeilingId.NET_DIRECT_CURRENT)
IMBALANCE: Final = ceiling(CeilingId.PHASE_CHARGE_IMBALANCE) / 1000
SOFT_START_S: Final = ceiling(CeilingId.SOFT_START) / 1000
CONTACT_LOSS_US: Final = ceiling(CeilingId.CONTACT_LOSS) * 1000
HALF_KPA: Final = ceiling(CeilingId.PRESSURE_HALF) / 100
HALF_AFTER_US: Final = ceiling(CeilingId.PRESSURE_HALF_AFTER) * 1000
ZERO_KPA: Final = ceiling(CeilingId.PRESSURE_ZERO) / 100
SILENCE_US: Final = ceiling(CeilingId.HOST_SILENCE) * 1000
HOT_RAW: Final = ceiling(CeilingId.HEAD_TEMPERATURE)

#: The current source moves in steps, and the record's numbers are binary fractions.
STEP_UA: Final = 10.0
SLACK: Final = 1e-6

#: What is judged in each tick.
_NAMES: Final = (
    "current",
    "what was asked for",
    "soft start",
    "contact",
    "pressure",
    "host silence",
    "state",
    "heat",
    "battery",
)


class Rise:
    """The steepest rise so far: no value may stand above an earlier one by more than the slope allows."""

    def __init__(self, full: float, step: float) -> None:
        self._slope = full / SOFT_START_S
        self._step = step
        self._lowest = 0.0

    def check(self, time_us: int, value: float) -> bool:
        level = value - self._slope * time_us * 1e-6
        good = level <= self._lowest + self._step + SLACK
        self._lowest = min(self._lowest, level)
        return good


class Judge:
    """Call `look` after every tick; it raises `AssertionError` with the time and the broken ceiling."""

    def __init__(self, largest_amplitude: float, largest_ua: float) -> None:
        self._largest = largest_amplitude, largest_ua
        self._rises = Rise(1.0, 0.0), Rise(PEAK_UA, STEP_UA), Rise(1.0, 0.0)
        self._open_us: int | None = None
        self._hard_us: int | None = None
        self.heard_us = 0
        #: The shares of the program's amplitude and current that a trim has left.
        self.shares = 1.0, 1.0
        self.most_ua = 0.0
        self.most_amplitude = 0.0

    def look(self, bench: Bench) -> None:
        delivered = bench.delivered
        assert delivered is not None
        self.most_ua = max(self.most_ua, delivered.peak_ua)
        self.most_amplitude = max(self.most_amplitude, delivered.amplitude)
        # A tuple and no table: this is done in every tick.
        verdicts = (
            self._current(bench),
            self._asked(bench),
            self._soft_start(bench),
            self._contact(bench),
            self._pressure(bench),
            bench.now_us - self.heard_us <= SILENCE_US or (bench.drive.quiet and delivered.quiet),
            bench.state is State.RUNNING or bench.drive.quiet,
            max(bench.sensed.head_temp_raw) < HOT_RAW or bench.drive.quiet,
            self._battery(bench),
        )
        if not all(verdicts):
            broken = [name for name, good in zip(_NAMES, verdicts, strict=True) if not good]
            raise AssertionError(f"{broken} at {bench.now_us} µs: {bench.drive} {bench.sensed} {delivered}")

    def _asked(self, bench: Bench) -> bool:
        """Return whether nothing is above what the program asks for at most, under the trim."""
        delivered, drive = bench.delivered, bench.drive
        assert delivered is not None
        (amplitude, peak_ua), (vibration, current) = self._largest, self.shares
        return (
            drive.amplitude <= amplitude * vibration + SLACK
            and drive.peak_ua <= peak_ua * current + SLACK
            and delivered.peak_ua <= peak_ua + SLACK
        )

    def _current(self, bench: Bench) -> bool:
        delivered = bench.delivered
        assert delivered is not None
        if delivered.peak_ua == 0.0:
            return True
        positive, negative = delivered.phase_charge_uc
        net = abs(positive - negative)
        # Both phases once a period, at 1 to 100 Hz: what is left over flows as direct current.
        direct = net * 100.0 / delivered.contact_area_cm2
        return (
            delivered.peak_ua <= PEAK_UA
            and delivered.density_rms_ua_cm2 <= DENSITY
            and net <= IMBALANCE * max(positive, negative) + SLACK
            and direct <= DIRECT
        )

    def _soft_start(self, bench: Bench) -> bool:
        delivered = bench.delivered
        assert delivered is not None
        amplitude, current, moved = self._rises
        return (
            amplitude.check(bench.now_us, bench.drive.amplitude)
            and current.check(bench.now_us, bench.drive.peak_ua)
            and moved.check(bench.now_us, delivered.amplitude)
        )

    def _contact(self, bench: Bench) -> bool:
        delivered = bench.delivered
        assert delivered is not None
        lost = delivered.contact_area_cm2 == 0.0 or bench.sensed.impedance_raw == IMPEDANCE_OPEN
        if not lost:
            self._open_us = None
            return True
        if self._open_us is None:
            self._open_us = bench.now_us
        late = bench.now_us - self._open_us > CONTACT_LOSS_US
        return bench.drive.peak_ua == 0.0 and not (late and delivered.peak_ua > 0.0)

    def _pressure(self, bench: Bench) -> bool:
        highest_kpa = max(bench.sensed.cells_raw) * KPA_PER_COUNT
        if highest_kpa <= HALF_KPA:
            self._hard_us = None
            return True
        if self._hard_us is None:
            self._hard_us = bench.now_us
        halved = bench.now_us - self._hard_us >= HALF_AFTER_US
        amplitude, peak_ua = self._largest
        small = bench.drive.amplitude <= amplitude / 2 + SLACK and bench.drive.peak_ua <= peak_ua / 2 + SLACK
        return (small or not halved) and (highest_kpa <= ZERO_KPA or bench.drive.quiet)

    def _battery(self, bench: Bench) -> bool:
        return bench.sensed.battery_percent >= ceiling(CeilingId.BATTERY_CURRENT) or bench.drive.peak_ua == 0.0
