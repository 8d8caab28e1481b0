"""The judge of a random massage: it knows the table of ceilings and the wire format, and nothing of the firmware.

It looks at every tick of electrode and motor, and raises `ViolationError` where a ceiling is passed. What flows and
moves is judged by the body's truth, so also while a sensor lies; pressure, temperature and battery by what the sensors
say, less the tare, since no device can know better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.wire import MASSAGE_US, PEAK_UA, SOFT_START_S, STEP_US, Step, ViolationError, Wire
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.protocol.vocabulary import Setting, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowsim.physics.types import Delivered, Drive, Sensed

DENSITY: Final = float(ceiling(CeilingId.CURRENT_DENSITY))
DIRECT: Final = float(ceiling(CeilingId.NET_DIRECT_CURRENT))
IMBALANCE: Final = ceiling(CeilingId.PHASE_CHARGE_IMBALANCE) / 1000
CONTACT_US: Final = ceiling(CeilingId.CONTACT_LOSS) * 1000
HALF_RAW: Final = ceiling(CeilingId.PRESSURE_HALF)
HALF_AFTER_US: Final = ceiling(CeilingId.PRESSURE_HALF_AFTER) * 1000
ZERO_RAW: Final = ceiling(CeilingId.PRESSURE_ZERO)
HOT_RAW: Final = ceiling(CeilingId.HEAD_TEMPERATURE)
DAY_CURRENT_US: Final = ceiling(CeilingId.DAY_CURRENT) * 1_000_000
DAY_VIBRATION_US: Final = ceiling(CeilingId.DAY_VIBRATION) * 1_000_000
SILENCE_US: Final = ceiling(CeilingId.HOST_SILENCE) * 1000
WEAK: Final = ceiling(CeilingId.BATTERY_CURRENT)
EMPTY: Final = ceiling(CeilingId.BATTERY_EMPTY)
CURRENT_HZ: Final = ceiling(CeilingId.CURRENT_FREQUENCY_MIN) / 10, ceiling(CeilingId.CURRENT_FREQUENCY_MAX) / 10
VIBRATION_HZ: Final = ceiling(CeilingId.VIBRATION_FREQUENCY_MIN) / 10, ceiling(CeilingId.VIBRATION_FREQUENCY_MAX) / 10

#: A session under an empty battery is ended softly: its fall takes this long.
SOFT_END_US: Final = 2_000_000

#: A time is over in the tick after it; a motor that is shorted stands still after this long.
TICKS_US: Final = 10_000
RUN_DOWN_US: Final = 100_000

#: The dose is written to the flash this often, so a loss of power can forget as much of the day.
FORGOTTEN_US: Final = 5_000_000

#: The current source moves in steps, and the numbers are binary fractions.
STEP_UA: Final = 10.0
SLACK: Final = 1e-6

#: The motor follows in steps in time, which change with the rate of telemetry.
MOTOR: Final = 1e-3


class Rise:
    """The steepest rise so far: no value may stand above an earlier one by more than the slope allows."""

    def __init__(self, full: float, allowance: float) -> None:
        self._slope = full / (SOFT_START_S * 1e6)
        self._allowed = allowance + SLACK
        self._lowest = 0.0
        self.excess = 0.0

    def passes(self, time_us: int, value: float) -> bool:
        """Return whether `value` rose too fast."""
        level = value - self._slope * time_us
        if level < self._lowest:
            self._lowest = level
            return False
        self.excess = max(self.excess, level - self._lowest)
        return level > self._lowest + self._allowed


class Judge:
    """Judge of one massage. `dose_us` is the time of current and of vibration that the day already has."""

    def __init__(self, dose_us: tuple[int, int] = (0, 0)) -> None:
        self.wire = Wire()
        self.ticks = 0
        self.worst: dict[str, float] = {}
        self._rises = (
            ("drive, amplitude", Rise(1.0, 0.0)),
            ("drive, current", Rise(PEAK_UA, STEP_UA)),
            ("motor", Rise(1.0, MOTOR)),
            ("electrode", Rise(PEAK_UA, STEP_UA)),
        )
        self._now_us = 0
        self._current_us, self._vibration_us = dose_us
        self._day_us = DAY_CURRENT_US + TICKS_US, DAY_VIBRATION_US + TICKS_US
        self._open_us: int | None = None
        self._hard_us: int | None = None
        self._empty_us: int | None = None
        self._driven_us = 0
        self._run, self._run_us = 0, 0
        self._step, self._step_us = -1, 0

    def power_cycled(self, now_us: int) -> None:
        """Take note of a loss of power: outputs fall, and some seconds of the day's dose may be forgotten."""
        self.wire.power_cycled(now_us)
        self._day_us = self._day_us[0] + FORGOTTEN_US, self._day_us[1] + FORGOTTEN_US

    def look(self, now_us: int, state: State, sensed: Sensed, delivered: Delivered, drive: Drive) -> None:
        """Judge one tick: `delivered` was delivered up to now, `drive` is asked for from now on."""
        dt_us, self._now_us = now_us - self._now_us, now_us
        self.ticks += 1
        self.wire.sensed = sensed
        broken = self._times(dt_us, state, delivered, drive) or self._rise(delivered, drive)
        if delivered.peak_ua > 0.0:
            broken = broken or self._electrode(delivered)
        broken = broken or self._contact(sensed, delivered, drive) or self._pressure(sensed, drive)
        broken = broken or self._supply(sensed, drive)
        if not drive.quiet:
            broken = broken or self._running(state, sensed, drive)
        if broken:
            raise ViolationError(f"{broken} at {now_us} µs in {state.name}: {drive} {sensed} {delivered}")

    def _note(self, name: str, value: float) -> None:
        if value > self.worst.get(name, 0.0):
            self.worst[name] = value

    def _rise(self, delivered: Delivered, drive: Drive) -> str:
        values = drive.amplitude, drive.peak_ua, delivered.amplitude, delivered.peak_ua
        for (name, rise), value in zip(self._rises, values, strict=True):
            if rise.passes(self._now_us, value):
                return f"soft start ({name})"
        return ""

    def _electrode(self, delivered: Delivered) -> str:
        positive, negative = delivered.phase_charge_uc
        net, largest = abs(positive - negative), max(positive, negative)
        # Both phases come at most a hundred times a second: what is left over flows as direct current.
        direct = net * CURRENT_HZ[1] / max(delivered.contact_area_cm2, 1e-9)
        self._note("peak current, µA", delivered.peak_ua)
        self._note("r.m.s. density, µA/cm²", delivered.density_rms_ua_cm2)
        self._note("net direct current, µA/cm²", direct)
        self._note("charge imbalance, ‰", 1000 * net / largest if largest else 0.0)
        if delivered.peak_ua > PEAK_UA:
            return "peak current"
        if delivered.density_rms_ua_cm2 > DENSITY:
            return "current density"
        return "direct current" if net > IMBALANCE * largest + SLACK or direct > DIRECT else ""

    def _contact(self, sensed: Sensed, delivered: Delivered, drive: Drive) -> str:
        if delivered.contact_area_cm2 > 0.0 and sensed.impedance_raw != 0xFFFF:
            self._open_us = None
            return ""
        if self._open_us is None:
            self._open_us = self._now_us
        lasted_us = self._now_us - self._open_us
        if drive.peak_ua == 0.0 and delivered.peak_ua == 0.0:
            return ""
        self._note("current after loss of contact, ms", lasted_us / 1000)
        return "contact" if lasted_us > CONTACT_US else ""

    def _pressure(self, sensed: Sensed, drive: Drive) -> str:
        a, b, c, d = sensed.cells_raw
        e, f, g, h = self.wire.tare
        highest = max(a - e, b - f, c - g, d - h)
        if highest <= HALF_RAW:
            self._hard_us = None
            return ""
        if self._hard_us is None:
            self._hard_us = self._now_us
        if highest > ZERO_RAW and not drive.quiet:
            return "pressure, zero"
        step = self._bounds(drive)
        if drive.amplitude <= step.amplitude / 2 + SLACK and drive.peak_ua <= step.peak_ua / 2 + SLACK:
            return ""
        lasted_us = self._now_us - self._hard_us
        self._note("more than half under high pressure, ms", lasted_us / 1000)
        return "pressure, half" if lasted_us >= HALF_AFTER_US else ""

    def _supply(self, sensed: Sensed, drive: Drive) -> str:
        if sensed.battery_percent >= EMPTY:
            self._empty_us = None
        elif self._empty_us is None:
            self._empty_us = self._now_us
        if drive.quiet:
            return ""
        if sensed.charging:
            return "charging lock"
        if drive.peak_ua > 0.0 and sensed.battery_percent < WEAK:
            return "battery, current"
        if self._empty_us is not None:
            lasted_us = self._now_us - self._empty_us
            self._note("output under an empty battery, ms", lasted_us / 1000)
            return "battery, empty" if lasted_us > SOFT_END_US + TICKS_US else ""
        return ""

    def _times(self, dt_us: int, state: State, delivered: Delivered, drive: Drive) -> str:
        if delivered.peak_ua > 0.0:
            self._current_us += dt_us
        if delivered.amplitude > 0.0:
            # What runs down after its time is moved by nothing.
            self._vibration_us += dt_us if not drive.quiet else 0
        if not drive.quiet:
            self._driven_us = self._now_us
        if not (drive.quiet and delivered.quiet):
            silent_us, coasting_us = self._now_us - self.wire.heard_us, self._now_us - self._driven_us
            if not self.wire.alone:
                self._note("output after the host fell silent, ms", silent_us / 1000)
            self._note("motor's run-down, ms", coasting_us / 1000)
            if silent_us > SILENCE_US and not self.wire.alone:
                return "host silence"
            if coasting_us > RUN_DOWN_US:
                return "motor's run-down"
        if self._current_us > self._day_us[0] or self._vibration_us > self._day_us[1]:
            return "dose of the day"
        return self._durations(dt_us, state, drive)

    def _durations(self, dt_us: int, state: State, drive: Drive) -> str:
        if self.wire.starts != self._run:
            self._run, self._run_us, self._step = self.wire.starts, 0, -1
        if state is not State.RUNNING or drive.quiet:
            return ""
        if drive.cue.step != self._step:
            self._step, self._step_us = drive.cue.step, 0
        self._run_us += dt_us
        self._step_us += dt_us
        self._note("one step, s", self._step_us / 1e6)
        self._note("one massage, s", self._run_us / 1e6)
        if self._step_us > STEP_US + TICKS_US or self._run_us > MASSAGE_US + TICKS_US:
            return "duration"
        return ""

    def _running(self, state: State, sensed: Sensed, drive: Drive) -> str:
        """Judge what only matters while something is asked of the outputs."""
        wire = self.wire
        if state is not State.RUNNING or wire.latched_us is not None or not (wire.linked or wire.alone):
            return "output outside a run"
        self._note("hottest head with output, °C", max(sensed.head_temp_raw) / 10)
        if max(sensed.head_temp_raw) >= HOT_RAW:
            return "head temperature"
        step = self._bounds(drive)
        if (
            drive.amplitude > step.amplitude * wire.trim[0] + SLACK
            or drive.peak_ua > step.peak_ua * wire.trim[1] + SLACK
        ):
            return "more than the program asks for"
        if drive.amplitude * 1000 > wire.settings[Setting.AMPLITUDE_PERMILLE_MAX] + SLACK:
            return "setting, amplitude"
        if drive.peak_ua > wire.settings[Setting.PEAK_UA_MAX]:
            return "setting, current"
        if drive.peak_ua > 0.0 and not CURRENT_HZ[0] <= drive.current_hz <= CURRENT_HZ[1]:
            return "current frequency"
        good = drive.amplitude == 0.0 or VIBRATION_HZ[0] <= drive.vibration_hz <= VIBRATION_HZ[1]
        return "" if good else "vibration frequency"

    def _bounds(self, drive: Drive) -> Step:
        running = self.wire.running
        return running[drive.cue.step] if drive.cue.step < len(running) else Step(0.0, 0.0)

    def figures(self) -> Mapping[str, float]:
        """Return the worst that was seen, by name."""
        for name, rise in self._rises:
            full = PEAK_UA if "current" in name or name == "electrode" else 1.0
            self._note(f"above the soft-start line ({name}), % of full", 100 * rise.excess / full)
        return self.worst
